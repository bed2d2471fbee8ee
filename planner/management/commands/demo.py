"""`manage.py demo`: from an empty data folder to the report of a shipped case."""

from typing import Any

from django.conf import settings
from django.core.management import call_command

from planner.management.commands import estimate
from regions.management import base

SHIPPED = settings.BASE_DIR / "regions" / "cases"


class Command(estimate.Command):
    """Migrate, import and estimate in one process, which starts once instead of three times."""

    help = (
        "Make the tables, import a shipped case, estimate its interventions and write the report: what migrate, "
        "import_case and estimate do in turn. Exit codes: those of estimate."
    )
    example = """
us-canada-2023
us-canada-2023 --draws 100
"""

    def run(self, **options: Any) -> None:
        """One after the other; each is safe to repeat."""
        folder = SHIPPED / options["case"]
        if not folder.is_dir():
            known = ", ".join(sorted(path.name for path in SHIPPED.iterdir() if path.is_dir()))
            raise base.BadInput(f"no shipped case {options['case']!r}; expected one of {known}")
        call_command("migrate", verbosity=0, stdout=self.stdout, stderr=self.stderr)
        call_command("import_case", str(folder), stdout=self.stdout, stderr=self.stderr)
        super().run(**options)
