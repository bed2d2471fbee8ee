"""Small official files made for the tests of make_case: two states, two provinces, two ports, a year of trade."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

from regions.making.make import Request
from tests.regions.transborder_files import DOT1, DOT2, DOT3, write

ENTRY = "Port Name,State,Port Code,Border,Date,Measure,Value,Latitude,Longitude,Point"
ACCOUNTS = "id,name,country,gdp_musd,population,latitude,longitude"
MONTHS = range(1, 13)


@dataclass(frozen=True)
class Shipment:
    """What moves each month, in USD: trade type, US state, port, chapter, mode, Mexican state, province, country."""

    trade: int
    state: str
    port: str
    chapter: str
    mode: int
    mexican: str
    province: str
    country: str
    value: int


CANADA = (
    Shipment(1, "MI", "3801", "87", 5, "", "XO", "1220", 4_000_000),
    Shipment(1, "MI", "3802", "84", 6, "", "XO", "1220", 1_000_000),
    Shipment(1, "OH", "3801", "72", 5, "", "XQ", "1220", 2_000_000),
    Shipment(2, "MI", "3801", "87", 5, "", "XO", "1220", 5_000_000),
    Shipment(2, "NY", "09XX", "27", 7, "", "XQ", "1220", 3_000_000),
    Shipment(2, "TX", "3802", "10", 6, "", "XA", "1220", 1_500_000),
    # Left out: state unknown, province unknown, a ship.
    Shipment(1, "DU", "3801", "87", 5, "", "XO", "1220", 70_000),
    Shipment(2, "MI", "3801", "87", 5, "", "OT", "1220", 30_000),
    Shipment(2, "MI", "3801", "26", 1, "", "XO", "1220", 900_000),
)
MEXICO = (
    Shipment(1, "TX", "2304", "85", 5, "NA", "", "2010", 600_000),
    Shipment(1, "TX", "2304", "85", 5, "NL", "", "2010", 3_000_000),
    Shipment(1, "TX", "2402", "84", 5, "CH", "", "2010", 1_000_000),
    Shipment(1, "TX", "2402", "84", 5, "OT", "", "2010", 100_000),
    Shipment(2, "TX", "2304", "87", 5, "", "", "2010", 6_000_000),
    Shipment(2, "CA", "2402", "07", 5, "", "", "2010", 2_000_000),
)
PORTS = (
    ("Detroit", "Michigan", "3801", "US-Canada Border", 42.332, -83.048),
    ("Port Huron", "Michigan", "3802", "US-Canada Border", 42.999, -82.424),
    ("Laredo", "Texas", "2304", "US-Mexico Border", 27.5, -99.507),
    ("El Paso", "Texas", "2402", "US-Mexico Border", 31.764, -106.451),
)
ACCOUNT_ROWS = (
    "US-MI,Michigan,US,600000,10000000,44,-85",
    "US-NY,New York,US,2000000,20000000,43,-76",
    "US-TX,Texas,US,2400000,30000000,31,-99",
    "US-CA,California,US,3800000,39000000,37,-120",
    "US-REST,Rest of the United States,US,15000000,230000000,37,-92",
    "CA-ON,Ontario,CA,830000,15000000,50,-86",
    "CA-QC,Quebec,CA,430000,9000000,53,-73",
    "CA-REST,Rest of Canada,CA,800000,15000000,53,-114",
    "MX,Mexico,MX,1800000,129000000,23,-102",
    "MX-CHH,Chihuahua,MX,60000,3700000,28.6,-106",
    "MX-NLE,Nuevo Leon,MX,130000,5800000,25.6,-100",
    "MX-REST,Rest of Mexico,MX,1600000,119000000,22,-101",
)


def rows(shipments: tuple[Shipment, ...], table: str, month: int, year: int = 2021) -> list[str]:
    """The shipments as rows of one table."""
    lines = []
    for one in shipments:
        places = (one.state, one.port) if table == "dot1" else (one.state, one.chapter)
        cells: tuple[object, ...] = (one.trade, *places, one.mode, one.mexican, one.province, one.country)
        if table == "dot3":
            cells = (one.trade, one.port, one.chapter, one.mode, one.country)
        # January is larger, so that a year is not twelve Januaries.
        value = one.value * (2 if month == 1 else 1)
        lines.append(",".join(map(str, (*cells, value, 0, 0, 1, 0, f"{month:02d}", year))))
    return lines


def official_folder(folder: Path, dot2_months=MONTHS, dot1_months=MONTHS) -> Path:
    """Twelve monthly files of dot1, dot2 of some months, dot3 of January (packed), and a file that is none of these."""
    raw = folder / "raw"
    raw.mkdir()
    for month in dot1_months:
        write(raw, *rows(CANADA + MEXICO, "dot1", month), header=DOT1, name=f"dot1_{month:02d}21.csv")
    for month in dot2_months:
        write(raw, *rows(CANADA + MEXICO, "dot2", month), header=DOT2, name=f"dot2_{month:02d}21.csv")
    text = "\n".join([DOT3, *rows(CANADA + MEXICO, "dot3", 1)]) + "\n"
    (raw / "dot3_0121.csv").write_bytes(gzip.compress(text.encode()))
    (raw / "codes.txt").write_text("Codes for the tables\nXA Alberta\n")
    return raw


def entry_file(folder: Path) -> Path:
    """Trucks and travellers of every port and month; Port Huron did not report in December."""
    lines = [ENTRY]
    for name, state, code, border, latitude, longitude in PORTS:
        for month in MONTHS:
            if code == "3802" and month == 12:
                continue
            point = f"{latitude},{longitude},POINT ({longitude} {latitude})"
            for measure, value in (("Trucks", 1000), ("Personal Vehicle Passengers", 5000), ("Pedestrians", 100)):
                lines.append(f"{name},{state},{code},{border},{month:02d}/01/2021,{measure},{value},{point}")
    path = folder / "entry.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def accounts_file(folder: Path, *without: str) -> Path:
    """GDP, population and position of the places, without some."""
    path = folder / "accounts.csv"
    kept = [row for row in ACCOUNT_ROWS if row.split(",")[0] not in without]
    path.write_text("\n".join([ACCOUNTS, *kept]) + "\n")
    return path


def request(folder: Path, border: str = "us-canada", **changes) -> Request:
    """A request over all three files; regions that the small accounts have."""
    regions = {
        "us-canada": ["US-MI", "US-NY", "CA-ON", "CA-QC"],
        "us-mexico": ["US-TX", "US-CA", "MX"],
    }[border]
    dot2_months = changes.pop("dot2_months", MONTHS)
    values = {
        "transborder": official_folder(folder, dot2_months),
        "border_entry": entry_file(folder),
        "accounts": accounts_file(folder),
        "border": border,
        "year": 2021,
        "out": folder / f"{border}-2021",
        "regions": regions,
    }
    return Request(**{**values, **changes})
