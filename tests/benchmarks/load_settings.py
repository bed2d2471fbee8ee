"""Settings of the server under load: those of production, without what an installation has to name, and one more view."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-measuring-" + "0123456789" * 6)
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1")
os.environ.setdefault("SECURE_SSL_REDIRECT", "0")

from planner.config.settings.production import *  # noqa: F403 - the environment is set first
from planner.config.settings.production import REST_FRAMEWORK

ROOT_URLCONF = "tests.benchmarks.load_urls"
RUN_ANALYSES: list[str] = []
# Limits stay in force, out of reach.
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = dict.fromkeys(("anon", "user", "runs", "imports"), "10000000/min")
