"""Addresses of the facts below /api/v1/; other apps register more views on a router of their own."""

from rest_framework.routers import SimpleRouter

from regions.api.views import CaseViewSet, CrossingViewSet, RegionViewSet

router = SimpleRouter()
router.register("cases", CaseViewSet, basename="case")
router.register("regions", RegionViewSet, basename="region")
router.register("crossings", CrossingViewSet, basename="crossing")

urlpatterns = router.urls
