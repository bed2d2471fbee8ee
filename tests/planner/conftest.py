"""The small case with its plans, in the database."""

import pytest

from regions.models import Case
from tests.factories.plans import import_plans


@pytest.fixture
def case(db, tmp_path) -> Case:
    """Three places, two crossings, five interventions; one of them without meaning under flexible wages."""
    return import_plans(tmp_path / "small-2023")
