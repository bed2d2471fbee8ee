"""Filters that every list may use."""

from django import forms
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

LARGEST_ID = 2**63 - 1
# The form behind refuses larger ones, which no amount here comes near.
LARGEST_NUMBER = 1e50


class WholeField(forms.IntegerField):
    """A number that every database can compare with its ids."""

    def __init__(self, **options: object) -> None:
        super().__init__(min_value=0, max_value=LARGEST_ID, **options)  # type: ignore[arg-type]


@extend_schema_field({"type": "number", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER})
class AmountFilter(filters.NumberFilter):
    """?value_usd_min=1000: any number within what the form takes."""


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": LARGEST_ID})
class WholeNumberFilter(filters.NumberFilter):
    """?run=12: an id or a count; numbers beyond what a database holds are an error and not a fault."""

    field_class = WholeField

    def get_max_validator(self) -> None:
        """The field's own bounds are enough."""
