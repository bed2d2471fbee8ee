"""The engine is made ready by a look at one intervention, which changes no plan and no run."""

import pytest

from planner.models import Intervention, Run
from planner.services import warm_engine
from tests.factories.plans import import_plans

pytestmark = pytest.mark.django_db


def test_nothing_to_look_at():
    assert not warm_engine()


def test_a_look(tmp_path):
    case = import_plans(tmp_path / "small-2023")
    before = list(Intervention.objects.order_by("pk").values())
    assert warm_engine()
    assert list(Intervention.objects.order_by("pk").values()) == before
    assert not Run.objects.exists()
    case.parameter_sets.all().delete()
    assert not warm_engine(), "a case that cannot be run keeps no server from starting"
