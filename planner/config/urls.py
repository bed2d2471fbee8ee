"""Addresses: health, metrics, admin, API with its schema and pages, and the planner's own pages."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from planner.config.health import health, live, ready
from planner.config.metrics import metrics

handler400 = "planner.api.base.bad_request"
handler403 = "planner.api.base.forbidden"
handler404 = "planner.api.base.not_found"
handler500 = "planner.api.base.server_fault"

urlpatterns = [
    path("healthz", health, name="health"),
    path("healthz/live", live, name="health-live"),
    path("healthz/ready", ready, name="health-ready"),
    path("metrics", metrics, name="metrics"),
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("planner.api.urls")),
    path("api/features/", include("regions.api.feature_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    # The split view keeps its script in a file of its own, as the content security policy wants.
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="planner/api_docs.html"),
        name="docs",
    ),
    path("", include("planner.urls")),
]
