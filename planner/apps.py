"""The planner app: interventions, runs, effects, rankings and reports."""

import importlib

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class PlannerConfig(AppConfig):
    """Plans. May import regions."""

    name = "planner"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Planner")

    def ready(self) -> None:
        # Here and not in planner/__init__.py: importing planner.engine must not load Celery or Django.
        importlib.import_module("planner.celery")
        importlib.import_module("planner.importing").register()


class DeskAdminConfig(admin_apps.AdminConfig):
    """Django's admin with the planner's own site."""

    default_site = "planner.views.site.DeskSite"
