"""Column dictionaries of the plans' tables in a case folder."""

from typing import Any

from planner.models.channel_rules import TARGET_FIELDS, ChannelType, ChannelVehicle
from planner.models.vocabulary import CostCategory, InterventionKind, Maturity
from regions.importing.schema import Column, Table
from regions.models.choices import EvidenceGrade

GRADES = tuple(EvidenceGrade.values)
LONG_TEXT = 4000
FIRST_YEAR, LAST_YEAR = 1900, 2200


def _year(name: str, **options: Any) -> Column:
    return Column(name, "integer", minimum=FIRST_YEAR, maximum=LAST_YEAR, **options)


def _text(name: str, **options: Any) -> Column:
    return Column(name, max_length=LONG_TEXT, **{"required": False, "blank": True, "default": "", **options})


def _list(name: str, description: str) -> Column:
    return _text(name, description=f"{description}; a list separated by ';', * for all")


def _triangular(unit: str = "") -> tuple[Column, ...]:
    return tuple(Column(name, "number", unit=unit) for name in ("low", "central", "high"))


SOURCE = _text("source", required=True, blank=False, description="Where the value comes from; an assumption says so")
GRADE = Column("grade", choices=GRADES, description="Evidence grade")

INTERVENTIONS = Table(
    file="interventions.csv",
    key=("id",),
    description="Interventions: what could be done, and how far it is.",
    columns=(
        Column("id", "code", max_length=80),
        Column("name"),
        Column("kind", choices=tuple(InterventionKind.values)),
        _text("description", required=True),
        Column("maturity", choices=tuple(Maturity.values), required=False, blank=True, default=""),
        _text("competence", description="Who may decide it"),
        _text("legal_test", description="What the law asks first"),
        _text("closures", description="Closures under which it has meaning, separated by ';'; blank for all"),
        _year("start_year", required=False, blank=True),
        _text("source"),
        _text("source_url"),
        _text("notes"),
    ),
)

CHANNELS = Table(
    file="channels.csv",
    key=("intervention", "channel", *TARGET_FIELDS),
    description="Channels: which input of the model an intervention changes, by how much, and how that is known.",
    columns=(
        Column("intervention", "code", max_length=80),
        Column("channel", choices=tuple(ChannelType.values)),
        _list("crossing", "Crossing codes"),
        _text("direction", description="Economy entered, * for both"),
        _list("origin", "Places or economies"),
        _list("destination", "Places or economies"),
        _list("sector", "Sectors"),
        _list("place", "Places or economies"),
        Column(
            "vehicle",
            choices=tuple(ChannelVehicle.values),
            required=False,
            blank=True,
            default="",
            description="Whose lanes change at a crossing (blank: trucks), or how visitors come (blank: as today)",
        ),
        *_triangular(),
        Column("unit"),
        SOURCE,
        GRADE,
        _year("start_year", required=False, blank=True),
        Column("ramp_years", "number", required=False, blank=True, minimum=0, maximum=100),
        _text("note"),
    ),
)

COSTS = Table(
    file="costs.csv",
    key=("intervention", "year", "category", "amount_musd", "note"),
    description="Costs by year, in the one currency and price year of the case.",
    columns=(
        Column("intervention", "code", max_length=80),
        _year("year"),
        Column("category", choices=tuple(CostCategory.values)),
        Column("amount_musd", "number", unit="million"),
        Column("currency", max_length=3),
        _year("price_year"),
        SOURCE,
        GRADE,
        _text("note", description="Original amount and currency, and the conversion"),
    ),
)

PARAMETERS = Table(
    file="parameters.csv",
    key=("key", "sector"),
    description="Parameters of the model with their distributions and sources.",
    columns=(
        Column("key", "code", max_length=60),
        Column("sector", required=False, blank=True, default=""),
        *_triangular(),
        Column("unit"),
        SOURCE,
        GRADE,
        Column("as_of", max_length=20, required=False, blank=True, default=""),
    ),
)

TABLES = (INTERVENTIONS, CHANNELS, COSTS, PARAMETERS)
