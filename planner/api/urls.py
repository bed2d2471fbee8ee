"""Addresses of the REST API, version 1: plans here, facts from regions."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from planner.api import analyses, comparisons, plans, results, runs, schedules
from planner.api.index import IndexView
from planner.api.quality import CaseQualityView
from regions.api.urls import router as facts

router = SimpleRouter()
router.register("interventions", plans.InterventionViewSet, basename="intervention")
router.register("parameter-sets", plans.ParameterSetViewSet, basename="parameter-set")
router.register("scenarios", plans.ScenarioViewSet, basename="scenario")
router.register("runs", runs.RunViewSet, basename="run")
router.register("effects", results.EffectViewSet, basename="effect")
router.register("rankings", results.RankingViewSet, basename="ranking")
router.register("schedules", schedules.ScheduleViewSet, basename="schedule")
router.register("scheduled-reports", schedules.OccurrenceViewSet, basename="scheduled-report")
router.register("deliveries", schedules.DeliveryViewSet, basename="delivery")
router.register("alerts", schedules.AlertViewSet, basename="alert")
router.register("analyses", analyses.AnalysisViewSet, basename="analysis")
router.register("diagnoses", analyses.DiagnosisViewSet, basename="diagnosis")
router.register("minute-values", analyses.MinuteValueViewSet, basename="minute-value")
router.register("portfolios", analyses.PortfolioViewSet, basename="portfolio")
router.register("reports", runs.ReportViewSet, basename="report")

LISTS = {prefix: f"{basename}-list" for prefix, _, basename in [*facts.registry, *router.registry]}

urlpatterns = [
    path("", IndexView.as_view(lists=LISTS), name="index"),
    path("", include("regions.api.urls")),
    path("comparisons/", comparisons.ComparisonView.as_view(), name="comparison"),
    path("cases/<slug:name>/quality/", CaseQualityView.as_view(), name="case-quality"),
    path("rankings/<int:ranking>/rows/", results.RankingRowViewSet.as_view({"get": "list"}), name="ranking-rows"),
    *router.urls,
]
