"""Template tags of the planner's own pages."""

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from planner.views.map_words import map_words as texts
from regions.importing.expectations import expectation_words

register = template.Library()


@register.filter
def expectation(text: str) -> str:
    """What an import expected, in the reader's language."""
    return expectation_words(text or "")


@register.simple_tag
def map_words() -> SafeString:
    """The texts that the map's script writes."""
    return json_script(texts(), "map-words")
