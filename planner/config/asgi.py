"""The ASGI entry point of production servers."""

import os

from planner.config.threads import one_thread_per_worker

one_thread_per_worker()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "planner.config.settings.production")

from django.core.asgi import get_asgi_application  # noqa: E402 - after the environment is set

application = get_asgi_application()
