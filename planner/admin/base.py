"""What the planner's admin pages share."""

from typing import Any

from django.db import models
from django.forms import Textarea, TextInput
from django.http import HttpRequest

from regions.admin.base import BoundedAdmin

SHORT_TEXT: dict[type[models.Field], dict[str, Any]] = {
    models.TextField: {"widget": Textarea(attrs={"rows": 2, "cols": 60})},
    models.URLField: {"assume_scheme": "https"},
}
NARROW = {
    models.TextField: {"widget": Textarea(attrs={"rows": 2, "cols": 30})},
    models.FloatField: {"widget": TextInput(attrs={"size": 9, "inputmode": "decimal"})},
}


class ComputedAdmin(BoundedAdmin):
    """Records of what was computed: shown and searched, never edited by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only services write these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only services write these."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was computed stays as it is."""
        return False
