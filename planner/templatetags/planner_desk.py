"""Template tags of the planner's own pages."""

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from planner.views.map_words import map_words as texts

register = template.Library()


@register.simple_tag
def map_words() -> SafeString:
    """The texts that the map's script writes."""
    return json_script(texts(), "map-words")
