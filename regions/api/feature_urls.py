"""Addresses of OGC API Features, below /api/features/."""

from django.urls import path

from regions.api import features

urlpatterns = [
    path("", features.Landing.as_view(), name="features"),
    path("conformance", features.Conformance.as_view(), name="features-conformance"),
    path("collections", features.Collections.as_view(), name="features-collections"),
    path("collections/<str:collection>", features.Collection.as_view(), name="features-collection"),
    path("collections/<str:collection>/items", features.Items.as_view(), name="features-items"),
    path("collections/<str:collection>/items/<int:feature_id>", features.Item.as_view(), name="features-item"),
]
