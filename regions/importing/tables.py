"""The files of a case folder that hold facts, with their columns."""

from regions.importing.schema import Column, Table

MODES = ("truck", "rail", "pipeline", "vessel", "air", "mail", "other")
VEHICLE_CLASSES = ("truck", "car", "bus", "pedestrian", "rail")
STATISTICS = ("mean", "median", "p95", "buffer")
GRADES = ("A", "B", "C", "D")
HOW = ("observed", "mirrored", "scaled", "imputed")
VALUATIONS = ("fob", "cif")
MIRROR_RULES = ("importer", "exporter", "larger", "mean")
OTHER_CROSSING = "OTHER"

CASE_FILE = "case.json"
OUTLINES_FILE = "outlines.geojson"
MADE_FILE = "made.json"

ECONOMIES = Table(
    "economies.csv",
    (
        Column("id", "code", max_length=40),
        Column("name"),
        Column("currency", "code", required=False, blank=True, default="", max_length=3),
    ),
    key=("id",),
    description="Economies; without this file they are those named in regions.csv.",
)

REGIONS = Table(
    "regions.csv",
    (
        Column("id", "code", max_length=40, description="ISO 3166-2 where one exists"),
        Column("name"),
        Column("country", "code", max_length=40, description="economy of the place"),
        Column("gdp_musd", "number", unit="million USD", above=0),
        Column("population", "integer", unit="people", minimum=1),
        Column("latitude", "number", unit="degrees north", minimum=-90, maximum=90),
        Column("longitude", "number", unit="degrees east", minimum=-180, maximum=180),
        Column("kind", "code", choices=("border", "hinterland", "partner")),
        Column("jobs", "integer", unit="jobs", required=False, blank=True, minimum=0),
    ),
    key=("id",),
    required=True,
    description="Places: border regions, hinterlands and partner economies; the position is a point inside.",
)

SECTORS = Table(
    "sectors.csv",
    (
        Column("id", "code", max_length=60),
        Column("name"),
        Column("kind", "code", choices=("goods", "services", "travel")),
        Column("description", required=False, blank=True, default="", max_length=2000),
        Column("theta", "number", unit="trade elasticity", required=False, blank=True, above=0, maximum=1000),
    ),
    key=("id",),
    description="Sectors; without this file they are the goods sectors named in sector_flows.csv.",
)

COUNTS = (
    "trucks_inbound",
    "truck_containers_loaded_inbound",
    "truck_containers_empty_inbound",
    "trains_inbound",
    "rail_containers_loaded_inbound",
    "personal_vehicles_inbound",
    "personal_vehicle_passengers_inbound",
    "pedestrians_inbound",
    "bus_passengers_inbound",
)

CROSSINGS = Table(
    "crossings.csv",
    (
        Column("code", "code", max_length=40, description="keep leading zeros"),
        Column("name"),
        Column("latitude", "number", unit="degrees north", minimum=-90, maximum=90),
        Column("longitude", "number", unit="degrees east", minimum=-180, maximum=180),
        Column("region_a", "code", max_length=40, synonyms=("us_region",), description="region on the counting side"),
        Column("region_b", "code", max_length=40, synonyms=("facing_region",), description="region it faces"),
        *(
            Column(
                count,
                "integer",
                unit="per year",
                required=False,
                blank=True,
                minimum=0,
                description="empty = none reported",
            )
            for count in COUNTS
        ),
        Column("months_reported", "integer", unit="months", required=False, blank=True, minimum=0, maximum=12),
    ),
    key=("code",),
    required=True,
    description="Crossings with the two regions they join and the counts entering the economy of region_a.",
)

CROSSING_ATTRIBUTES = Table(
    "crossing_attributes.csv",
    (
        Column("crossing", "code", max_length=40),
        Column("attribute", "code", max_length=60),
        Column("value", max_length=500),
        Column("unit", required=False, blank=True, default="", max_length=60),
        Column("source", required=False, blank=True, default="", max_length=2000),
        Column("grade", "code", required=False, blank=True, default="", choices=GRADES),
        Column("as_of", required=False, blank=True, default="", max_length=40),
    ),
    key=("crossing", "attribute"),
    description="Sourced properties of crossings, one per row: truck_booths, car_booths, opens, closes, truck_fee_usd, structure.",
)

CROSSING_FLOWS = Table(
    "crossing_flows.csv",
    (
        Column("origin", "code", max_length=40),
        Column("destination", "code", max_length=40),
        Column("crossing", "code", max_length=40, description="code, or OTHER = a port without entry data"),
        Column("mode", "code", choices=MODES),
        Column("value_usd", "number", unit="USD per year", minimum=0),
    ),
    key=("origin", "destination", "crossing", "mode"),
    required=True,
    description="Goods flows by crossing and mode.",
)

SECTOR_FLOWS = Table(
    "sector_flows.csv",
    (
        Column("origin", "code", max_length=40),
        Column("destination", "code", max_length=40),
        Column("sector", "code", max_length=60),
        Column("value_usd", "number", unit="USD per year", minimum=0),
        Column(
            "how",
            "code",
            required=False,
            blank=True,
            default="observed",
            choices=HOW,
            description="how the value was got; empty = observed",
        ),
    ),
    key=("origin", "destination", "sector"),
    required=True,
    description="Goods flows by sector; over each pair of places they add up to the flows by crossing.",
)

MIRROR_FLOWS = Table(
    "mirror_flows.csv",
    (
        Column("origin", "code", max_length=40),
        Column("destination", "code", max_length=40),
        Column("sector", "code", max_length=60),
        Column("reporter", "code", max_length=40, description="economy whose record it is"),
        Column(
            "valuation", "code", choices=VALUATIONS, description="fob = at the border, cif = with freight and insurance"
        ),
        Column("value_usd", "number", unit="USD per year", minimum=0),
        Column(
            "cif_factor",
            "number",
            unit="cif over fob",
            required=False,
            blank=True,
            minimum=1,
            maximum=3,
            description="what a cif record is divided by to compare it; empty = compared as it stands",
        ),
        Column("source", max_length=2000),
        Column("grade", "code", choices=GRADES),
    ),
    key=("origin", "destination", "sector", "reporter"),
    description=(
        "What each side recorded of a flow. Both records are kept; the value of the case is that of sector_flows.csv, "
        "chosen by the rule `mirror_rule` of case.json."
    ),
)

DELAYS = Table(
    "delays.csv",
    (
        Column("crossing", "code", max_length=40),
        Column("direction", "code", max_length=40, description="id of the economy entered"),
        Column("vehicle_class", "code", choices=VEHICLE_CLASSES),
        Column("period_start", "date"),
        Column("period_end", "date", description="inclusive"),
        Column("statistic", "code", choices=STATISTICS),
        Column("minutes", "number", unit="minutes", minimum=0, maximum=100_000),
        Column("method", max_length=300),
        Column("sample_size", "integer", required=False, blank=True, minimum=0, maximum=2_000_000_000),
        Column("quality", "code", choices=GRADES),
        Column("source", max_length=2000),
        Column(
            "minutes_low",
            "number",
            unit="minutes",
            required=False,
            blank=True,
            minimum=0,
            maximum=100_000,
            description="90 % interval of the statistic",
        ),
        Column("minutes_high", "number", unit="minutes", required=False, blank=True, minimum=0, maximum=100_000),
    ),
    key=("crossing", "direction", "vehicle_class", "period_start", "period_end", "statistic", "method"),
    description="Waits as typed measurements.",
)

INPUT_OUTPUT = Table(
    "io.csv",
    (
        Column("place", "code", max_length=40),
        Column("input", "code", max_length=60),
        Column("sector", "code", max_length=60),
        Column("share", "number", unit="share of cost", minimum=0, maximum=1),
    ),
    key=("place", "input", "sector"),
    description="Share of each input in the cost of each sector; without this file output is all value added.",
)

VALUE_ADDED = Table(
    "value_added.csv",
    (
        Column("place", "code", max_length=40),
        Column("sector", "code", max_length=60),
        Column("share", "number", unit="share of output", above=0, maximum=1),
    ),
    key=("place", "sector"),
    description="Share of value added in output.",
)

TARIFFS = Table(
    "tariffs.csv",
    (
        Column("origin", "code", max_length=40),
        Column("destination", "code", max_length=40),
        Column("sector", "code", max_length=60),
        Column("rate", "number", unit="share of value", minimum=0, maximum=100),
        Column("source", required=False, blank=True, default="", max_length=2000),
    ),
    key=("origin", "destination", "sector"),
    description="Ad-valorem tariffs; a pair without a row has none.",
)

FACT_TABLES = (
    ECONOMIES,
    REGIONS,
    SECTORS,
    CROSSINGS,
    CROSSING_ATTRIBUTES,
    CROSSING_FLOWS,
    SECTOR_FLOWS,
    MIRROR_FLOWS,
    DELAYS,
    INPUT_OUTPUT,
    VALUE_ADDED,
    TARIFFS,
)
FACT_FILES = (CASE_FILE, MADE_FILE, OUTLINES_FILE, *(table.file for table in FACT_TABLES))
