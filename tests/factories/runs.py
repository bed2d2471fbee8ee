"""A finished run of the small case, made by the services themselves."""

from planner.models import Run
from planner.services import run_estimate_part, run_finish, run_start
from regions.models import Case

FEW = {"draws": 20, "seed": 3}


def finished_run(case: Case, **choice) -> Run:
    """Start, estimate every part, finish."""
    run = run_start(case, settings=FEW, **choice).run
    for part in run.parts.order_by("position"):
        run_estimate_part(part.pk)
    assert run_finish(run.pk)
    run.refresh_from_db()
    return run
