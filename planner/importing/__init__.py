"""Import of interventions, channels, costs and parameters with a case folder."""

from planner.importing.tables import PlannerTables
from regions.importing.case_tables import register_case_tables

_tables = PlannerTables()


def register() -> None:
    """Add the plans' tables to the import of case folders; called once the apps are ready."""
    register_case_tables(_tables)
