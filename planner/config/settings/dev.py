"""Settings for one's own machine: embedded database and broker unless the environment names others."""

from planner.config.environment import env_bool, env_list, kept_secret
from planner.config.settings.base import *  # noqa: F403
from planner.config.settings.base import DATA_DIR

# Off unless asked for, so that `make serve` shows what a planner would see.
DEBUG = env_bool("DEBUG", False)
SECRET_KEY = kept_secret(DATA_DIR / "secret_key")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
