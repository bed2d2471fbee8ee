"""Addresses of the planner's own pages."""

from django.templatetags.static import static
from django.urls import path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from planner.views.report_files import report_file

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("reports/<str:token>", report_file, name="report-file"),
    # Browsers ask for this address by themselves.
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("planner/icon.svg"))),
]
