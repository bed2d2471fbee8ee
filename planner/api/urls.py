"""Addresses of the REST API, version 1: plans here, facts from regions."""

from django.urls import include, path

urlpatterns = [path("", include("regions.api.urls"))]
