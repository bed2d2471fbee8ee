"""Settings of the test suite: a data folder of its own, removed at the end, and fast password hashes."""

import atexit
import os
import shutil
import tempfile

# Before base is read. Worker processes that a test starts inherit the folder and do not remove it.
if "TEST_DATA_DIR" not in os.environ:
    os.environ["TEST_DATA_DIR"] = tempfile.mkdtemp(prefix="planner-test-")
    atexit.register(shutil.rmtree, os.environ["TEST_DATA_DIR"], ignore_errors=True)
# Of several test processes side by side each has a folder, a broker and (by pytest-django) a database of its own.
# The name is taken out: what this process starts finds both named already.
SIDE = os.environ.pop("PYTEST_XDIST_WORKER", "")
if SIDE:
    os.environ["TEST_DATA_DIR"] = os.path.join(os.environ["TEST_DATA_DIR"], SIDE)
    for name in ("BROKER_URL", "REDIS_URL"):
        if name in os.environ:
            os.environ[name] = f"{os.environ[name].rpartition('/')[0]}/{SIDE.removeprefix('gw')}"
os.environ["DATA_DIR"] = os.environ["TEST_DATA_DIR"]

from planner.config.settings.base import *  # noqa: E402, F403 - the environment is set first
from planner.config.settings.base import DATA_DIR, DATABASES, REST_FRAMEWORK  # noqa: E402

# Tests of runs ask for the analyses that they look at.
RUN_ANALYSES = []
DEBUG = False
SECRET_KEY = "a key for tests only, never used by a server"  # noqa: S105 - not a secret
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = dict.fromkeys(("anon", "user", "runs", "imports"), "100000/min")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"] == "planner.config.geosqlite":
    # A file, because worker threads and the live server open connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0
