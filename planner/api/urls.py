"""Addresses of the REST API, version 1: plans here, facts from regions."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from planner.api import views

router = SimpleRouter()
router.register("interventions", views.InterventionViewSet, basename="intervention")
router.register("parameter-sets", views.ParameterSetViewSet, basename="parameter-set")
router.register("scenarios", views.ScenarioViewSet, basename="scenario")
router.register("runs", views.RunViewSet, basename="run")
router.register("effects", views.EffectViewSet, basename="effect")
router.register("rankings", views.RankingViewSet, basename="ranking")

urlpatterns = [path("", include("regions.api.urls")), *router.urls]
