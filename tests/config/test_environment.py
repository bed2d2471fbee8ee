"""Settings come from the environment; what is missing or wrong is said."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from planner.config.environment import env_bool, env_int, env_list, geometry_libraries, kept_secret

ROOT = Path(__file__).resolve().parents[2]


def python(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=kept | environ,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_switches():
    assert env_bool("X", False, {"X": "Yes"}) is True
    assert env_bool("X", True, {"X": "0"}) is False
    assert env_bool("X", True, {}) is True
    with pytest.raises(ValueError, match="X='maybe'"):
        env_bool("X", True, {"X": "maybe"})


def test_lists_and_numbers():
    assert env_list("X", "", {"X": " a, b ,,"}) == ["a", "b"]
    assert env_int("X", 3, {"X": ""}) == 3
    with pytest.raises(ValueError, match="expected a whole number"):
        env_int("X", 3, {"X": "two"})


def test_the_secret_is_made_once_and_is_private(tmp_path):
    path = tmp_path / "folder" / "secret_key"
    first = kept_secret(path)
    assert len(first) > 60
    assert kept_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_geometry_libraries_come_with_the_wheels():
    for library in geometry_libraries():
        assert library is not None
        assert Path(library).is_file()


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_wants_its_secrets(missing, tmp_path):
    given = {"SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "planner.example", "DATA_DIR": str(tmp_path)}
    del given[missing]
    done = python("import planner.config.settings.production", **given)
    assert done.returncode != 0
    assert f"{missing}: expected" in done.stderr


def test_a_plain_postgres_address_means_postgis(tmp_path):
    done = python(
        "from planner.config.settings import base; print(base.DATABASES['default']['ENGINE'], base.WORKER_THREADS)",
        DATABASE_URL="postgres://user:secret@db/planner",
        BROKER_URL="redis://broker/0",
        DATA_DIR=str(tmp_path),
    )
    assert done.stdout.split() == ["django.contrib.gis.db.backends.postgis", "0"]


def test_another_kind_of_database_is_refused_without_telling_the_password(tmp_path):
    done = python(
        "import planner.config.settings.base", DATABASE_URL="mysql://user:secret@db/planner", DATA_DIR=str(tmp_path)
    )
    assert "expected postgis://" in done.stderr
    assert "secret@" not in done.stderr


def test_the_engine_loads_neither_django_nor_celery():
    done = python("import sys, planner.engine; print(sorted({'django', 'celery'} & set(sys.modules)))")
    assert done.stdout.strip() == "[]", done.stderr
