"""Which format an answer has: by ?format= or by Accept."""

from typing import Any

from django.http import Http404
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation


class Negotiation(DefaultContentNegotiation):
    """Formats by ?format= or Accept; one that is not to be had is 406 either way."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:
        """The renderers of the format."""
        try:
            return super().filter_renderers(renderers, format)
        except Http404 as error:
            raise NotAcceptable(available_renderers=renderers) from error
