#!/usr/bin/env python
"""Runs the project's commands: `python manage.py help` lists them."""

import os
import sys

from planner.config.threads import one_thread_per_worker


def main() -> None:
    """Choose the settings and run the command named on the command line."""
    one_thread_per_worker()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "planner.config.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
