"""The small case in a database that worker threads and processes share."""

import pytest

from regions.models import Case
from tests.factories.plans import import_plans


@pytest.fixture
def case(transactional_db, tmp_path) -> Case:
    """Three places, two crossings, five interventions; one of them without meaning under flexible wages."""
    return import_plans(tmp_path / "small-2023")
