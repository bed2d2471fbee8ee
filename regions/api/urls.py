"""Addresses of the facts below /api/v1/; other apps register more views on a router of their own."""

from rest_framework.routers import SimpleRouter

from regions.api import views

router = SimpleRouter()
router.register("cases", views.CaseViewSet, basename="case")
router.register("economies", views.EconomyViewSet, basename="economy")
router.register("regions", views.RegionViewSet, basename="region")
router.register("crossings", views.CrossingViewSet, basename="crossing")
router.register("sectors", views.SectorViewSet, basename="sector")
router.register("sector-flows", views.SectorFlowViewSet, basename="sector-flow")
router.register("crossing-flows", views.CrossingFlowViewSet, basename="crossing-flow")
router.register("delays", views.DelayViewSet, basename="delay")
router.register("hourly-waits", views.HourlyWaitViewSet, basename="hourly-wait")
router.register("crossing-attributes", views.CrossingAttributeViewSet, basename="crossing-attribute")
router.register("imports", views.ImportViewSet, basename="import")

urlpatterns = router.urls
