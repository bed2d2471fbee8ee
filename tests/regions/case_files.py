"""A small case folder that is right in every file, and a way to make one thing wrong."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

FILES = {
    "case.json": (
        '{"name": "small-2023", "title": "A small border", "year": 2023, "currency": "USD", "price_year": 2023, '
        '"mirror_rule": "importer"}'
    ),
    "made.json": '{"format": "border-trade-planner/made-case/1", "left_out": {"share": 0.01}}',
    "economies.csv": "id,name,currency\nUS,United States,USD\nCA,Canada,CAD\n",
    "regions.csv": (
        "id,name,country,gdp_musd,population,latitude,longitude,kind\n"
        "US-MI,Michigan,US,658992.3,10037261,44.5,-85.0,border\n"
        "US-REST,Rest of the United States,US,22550649.0,283695513,36.4,-93.3,hinterland\n"
        "CA-ON,Ontario,CA,829476.9,15623207,50.0,-86.0,border\n"
    ),
    "sectors.csv": "id,name,kind,description\ncars,Cars,goods,\nfood,Food,goods,\ntravel,Travel,travel,\n",
    "crossings.csv": (
        "code,name,latitude,longitude,us_region,facing_region,trucks_inbound,truck_containers_loaded_inbound,"
        "truck_containers_empty_inbound,personal_vehicle_passengers_inbound,months_reported\n"
        "0901,Old Bridge,42.3,-83.05,US-MI,CA-ON,1000,300,100,5000,12\n"
        "3802,New Bridge,43.0,-82.4,US-MI,CA-ON,,,,,12\n"
    ),
    "crossing_attributes.csv": (
        "crossing,attribute,value,unit,source,grade,as_of\n"
        "0901,truck_booths,5,booths,Authority,C,2012\n"
        "0901,truck_fee_usd,17.6,USD per truck,Authority,B,2023\n"
        "0901,opens,06:30,hour,Authority,B,2023\n"
    ),
    "crossing_flows.csv": (
        "origin,destination,crossing,mode,value_usd\n"
        "CA-ON,US-MI,0901,truck,600000\n"
        "CA-ON,US-MI,OTHER,pipeline,400000\n"
        "US-MI,CA-ON,0901,truck,500000\n"
        "US-REST,CA-ON,3802,rail,300000\n"
    ),
    "sector_flows.csv": (
        "origin,destination,sector,value_usd\n"
        "CA-ON,US-MI,cars,700000\n"
        "CA-ON,US-MI,food,300000\n"
        "US-MI,CA-ON,cars,500000\n"
        "US-REST,CA-ON,food,300000\n"
    ),
    "mirror_flows.csv": (
        "origin,destination,sector,reporter,valuation,value_usd,cif_factor,source,grade\n"
        "CA-ON,US-MI,food,US,cif,318000,1.06,Importer's customs,A\n"
        "CA-ON,US-MI,food,CA,fob,290000,,Exporter's customs,A\n"
    ),
    "delays.csv": (
        "crossing,direction,vehicle_class,period_start,period_end,statistic,minutes,method,sample_size,quality,source\n"
        "0901,US,truck,2023-01-01,2023-12-31,mean,12.1,GPS,2000,B,Survey\n"
        "0901,US,truck,2023-01-01,2023-12-31,p95,33,GPS,,B,Survey\n"
    ),
    "io.csv": "place,input,sector,share\nUS-MI,cars,cars,0.4\nUS-MI,food,cars,0.1\n",
    "value_added.csv": "place,sector,share\nUS-MI,cars,0.5\n",
    "tariffs.csv": "origin,destination,sector,rate,source\nCA-ON,US-MI,food,0.05,Schedule\n",
    "outlines.geojson": (
        '{"type": "FeatureCollection", "features": ['
        '{"type": "Feature", "properties": {"id": "US-MI"}, "geometry": {"type": "Polygon", '
        '"coordinates": [[[-87, 42], [-83, 42], [-83, 47], [-87, 47], [-87, 42]]]}},'
        '{"type": "Feature", "properties": {"id": "US-REST"}, "geometry": {"type": "MultiPolygon", '
        '"coordinates": [[[[-100, 30], [-90, 30], [-90, 40], [-100, 40], [-100, 30]]]]}},'
        '{"type": "Feature", "properties": {"id": "CA-ON"}, "geometry": {"type": "Polygon", '
        '"coordinates": [[[-90, 48], [-80, 48], [-80, 55], [-90, 55], [-90, 48]]]}}]}'
    ),
}
REQUIRED = ("regions.csv", "crossings.csv", "crossing_flows.csv", "sector_flows.csv")


def write_case(folder: Path, only: Iterable[str] | None = None, **changes: str | bytes | None) -> Path:
    """Writes the case; `changes` maps a file name without its suffix to new content (None: no such file)."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in FILES.items():
        if only is None or file in only:
            (folder / file).write_text(text, encoding="utf-8")
    for stem, content in changes.items():
        (path,) = [folder / file for file in FILES if file.partition(".")[0] == stem]
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def edited(stem: str, old: str, new: str) -> dict[str, str]:
    """One file with one text in it replaced; for the keyword arguments of write_case."""
    (text,) = [content for file, content in FILES.items() if file.partition(".")[0] == stem]
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {stem}"
    return {stem: text.replace(old, new)}
