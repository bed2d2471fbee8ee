"""Settings of the process that a test kills: the test's own database, under the name that the test gave it."""

import os

from planner.config.settings.test import *  # noqa: F403
from planner.config.settings.test import DATABASES

DATABASES["default"]["NAME"] = os.environ["KILLED_DATABASE"]
