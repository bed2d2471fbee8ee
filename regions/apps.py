"""The app of facts: places, crossings, flows, waits."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegionsConfig(AppConfig):
    """Facts. Never imports planner."""

    name = "regions"
    verbose_name = _("Regions and crossings")
    default_auto_field = "django.db.models.BigAutoField"
