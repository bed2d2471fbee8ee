"""A finished run of the small case."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from planner.models import Run
from planner.services import run_estimate_part, run_finish, run_start
from regions.models import Case
from tests.factories.plans import import_plans


@pytest.fixture
def case(db: None, tmp_path: Any) -> Case:
    return import_plans(tmp_path / "small-2023")


@pytest.fixture
def finished_run(case: Case) -> Callable[..., Run]:
    """Starts a run with the settings given and takes every part to its end, as workers do."""

    def finish(*, analyses: Iterable[str] = (), **settings: Any) -> Run:
        run = run_start(case, settings={"draws": 40, "seed": 3, **settings}, analyses=analyses).run
        for part in run.parts.order_by("position"):
            run_estimate_part(part.pk)
        run_finish(run.pk)
        return Run.objects.select_related("case", "snapshot").get(pk=run.pk)

    return finish
