"""Bodies with a name that nobody knows are refused: a misspelt field must not be taken for one that was left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

MOST_UNKNOWN, LONGEST_NAME = 20, 80


class StrictFields(serializers.Serializer):
    """Knows its own fields only. Those that are read only may be sent back as they were read, and change nothing."""

    def to_internal_value(self, data: Any) -> Any:
        """The values; unknown names are told together with everything else that is wrong."""
        unknown = self.unknown_names(data) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as invalid:
            if unknown and isinstance(invalid.detail, dict):
                raise serializers.ValidationError({**unknown, **invalid.detail}) from invalid
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return values

    def unknown_names(self, data: Mapping[Any, Any]) -> dict[str, list[str]]:
        """What is wrong with each name, with those that could have been meant."""
        known = ", ".join(name for name, field in self.fields.items() if not field.read_only)
        words = f"unknown field; expected one of {known}" if known else "unknown field; this takes no body"
        names = [str(name)[:LONGEST_NAME].replace("\x00", "?") for name in data if name not in self.fields]
        return {name: [words] for name in names[:MOST_UNKNOWN]}


class NoFields(StrictFields):
    """For actions that are told everything by their address."""


def refuse_body(request: Request) -> None:
    """An action without a body was sent one: whatever it was to change, it would not."""
    NoFields(data=request.data).is_valid(raise_exception=True)
