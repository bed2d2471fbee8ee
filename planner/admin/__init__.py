"""The planner's part of the admin, and the name of the site."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from planner.admin import interventions, parameters, people, runs

__all__ = ["interventions", "parameters", "people", "runs"]

admin.site.site_title = admin.site.site_header = _("Border trade planner")
admin.site.index_title = _("Cases, interventions, runs")
