"""A small case with plans: three places, two crossings, two goods and travel, a handful of interventions."""

from pathlib import Path

from regions.importing.loader import import_case
from regions.models import Case
from tests.regions.case_files import write_case

CROSSINGS = (
    "code,name,latitude,longitude,us_region,facing_region,trucks_inbound,truck_containers_loaded_inbound,"
    "truck_containers_empty_inbound,personal_vehicle_passengers_inbound,months_reported\n"
    "0901,Old Bridge,42.3,-83.05,US-MI,CA-ON,1500000,900000,300000,5000000,12\n"
    "3802,New Bridge,43.0,-82.4,US-MI,CA-ON,700000,400000,200000,2000000,12\n"
)
CROSSING_FLOWS = (
    "origin,destination,crossing,mode,value_usd\n"
    "CA-ON,US-MI,0901,truck,30000000000\n"
    "CA-ON,US-MI,3802,truck,12000000000\n"
    "CA-ON,US-MI,OTHER,pipeline,2000000000\n"
    "US-MI,CA-ON,0901,truck,17000000000\n"
    "US-MI,CA-ON,3802,rail,6000000000\n"
    "CA-ON,US-REST,0901,truck,90000000000\n"
    "US-REST,CA-ON,3802,truck,80000000000\n"
)
SECTOR_FLOWS = (
    "origin,destination,sector,value_usd\n"
    "CA-ON,US-MI,cars,38000000000\n"
    "CA-ON,US-MI,food,6000000000\n"
    "US-MI,CA-ON,cars,18000000000\n"
    "US-MI,CA-ON,food,5000000000\n"
    "CA-ON,US-REST,cars,60000000000\n"
    "CA-ON,US-REST,food,30000000000\n"
    "US-REST,CA-ON,cars,50000000000\n"
    "US-REST,CA-ON,food,30000000000\n"
)


def with_vehicles(channels: str, **vehicles: str) -> str:
    """channels.csv with the column of vehicles: `more_booths="car"` fills it in for that intervention's rows."""
    head, *lines = channels.splitlines()
    at = head.split(",").index("place") + 1
    rows = [[*head.split(",")[:at], "vehicle", *head.split(",")[at:]]]
    for line in lines:
        cells = line.split(",", at)
        rows.append([*cells[:at], vehicles.get(cells[0].replace("-", "_"), ""), cells[at]])
    return "\n".join(",".join(row) for row in rows) + "\n"


DELAYS = (
    "crossing,direction,vehicle_class,period_start,period_end,statistic,minutes,method,sample_size,quality,source\n"
    "0901,US,truck,2023-01-01,2023-12-31,mean,22,GPS,2000,B,Survey\n"
    "0901,CA,truck,2023-01-01,2023-12-31,mean,15,GPS,2000,B,Survey\n"
    "3802,US,truck,2023-01-01,2023-12-31,mean,18,GPS,2000,B,Survey\n"
)
# |X - M| over partners: Michigan with Ontario 21 of 67, Ontario with Michigan 21 of 67 and with the rest 10 of 170.
HEADLINE = (21 + 21 + 10) / (67 + 67 + 170)

INTERVENTIONS = (
    "id,name,kind,description,maturity,competence,legal_test,closures,start_year,source,source_url,notes\n"
    "more-booths,More booths at the Old Bridge,facilitation,Two more truck booths.,study,Customs,,,2027,Plan,,\n"
    "exporters,Help for Michigan's exporters,diversification,Advice and fairs.,idea,State,,,2026,Plan,,\n"
    "visitors,Cross-border festival,tourism,A festival on both banks.,idea,Cities,,,2026,Plan,,\n"
    "tariff,Tariff on Canadian goods,restrictive,Ten points on all goods.,idea,Congress,,,2026,Plan,,\n"
    "dearer-dollar,Dearer Canadian dollar,restrictive,To compare with.,idea,Bank of Canada,,,2026,Plan,,\n"
)
CHANNELS = (
    "intervention,channel,crossing,direction,origin,destination,sector,place,low,central,high,unit,source,grade,"
    "start_year,ramp_years,note\n"
    "more-booths,wait_minutes,0901,US,,,,,-8,-5,-2,minutes,Assumption,D,2027,2,\n"
    "exporters,productivity,,,,,cars,US-MI,0.005,0.01,0.02,share,Assumption,D,2026,,\n"
    "visitors,visitors,,,CA,US-MI,,,0.01,0.02,0.04,share,Assumption,D,2026,,\n"
    "tariff,tariff,,,CA,US,*,,0.1,0.1,0.1,share of value,Statute,B,2026,,\n"
    "dearer-dollar,revaluation,,,,,,CA,0.02,0.05,0.1,share,Assumption,D,2026,,\n"
)
COSTS = (
    "intervention,year,category,amount_musd,currency,price_year,source,grade,note\n"
    "more-booths,2026,capital,40,USD,2023,Plan,C,\n"
    "more-booths,2027,operating,1.5,USD,2023,Plan,C,\n"
    "exporters,2026,operating,3,USD,2023,Plan,C,\n"
)
PARAMETERS = (
    "key,sector,low,central,high,unit,source,grade,as_of\n"
    "theta,,4,5,6,elasticity,Head & Mayer 2014,B,2014-01-01\n"
    "goods_time_value_per_day,,0.006,0.0135,0.021,share per day,Hummels & Schaur 2013,B,2013-12-01\n"
)
PLAN_FILES = {
    "interventions.csv": INTERVENTIONS,
    "channels.csv": CHANNELS,
    "costs.csv": COSTS,
    "parameters.csv": PARAMETERS,
}


def write_plans(folder: Path, **changes: str | None) -> Path:
    """The case folder; `changes` maps the name of a plans' file without suffix to new content (None: no such file)."""
    write_case(
        folder,
        crossings=CROSSINGS,
        crossing_flows=CROSSING_FLOWS,
        sector_flows=SECTOR_FLOWS,
        delays=DELAYS,
        mirror_flows=None,
        io=None,
        value_added=None,
        tariffs=None,
    )
    for file, text in PLAN_FILES.items():
        content = changes.get(file.removesuffix(".csv"), text)
        if content is not None:
            (folder / file).write_text(content, encoding="utf-8")
    return folder


def import_plans(folder: Path, **changes: str | None) -> Case:
    """Write the folder and import it."""
    import_case(write_plans(folder, **changes))
    return Case.objects.get(name="small-2023")
