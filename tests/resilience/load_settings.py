"""Settings of the server under load: production's database and server, an extra view to compare with."""

from planner.config.settings.test import *  # noqa: F403

ROOT_URLCONF = "tests.resilience.load_urls"
DEBUG = False
