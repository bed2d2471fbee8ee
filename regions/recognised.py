"""Sentences that were written in English, known by their form and said again in the active language."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property

from django.utils.translation import gettext as _

IN_WORDS = ("reason", "what")  # gaps that hold sentences or words
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class Forms:
    """Messages with named gaps. Of those that fit, the one with most words of its own is taken."""

    def __init__(self, forms: Sequence[str]) -> None:
        self.forms = tuple(forms)

    @cached_property
    def patterns(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """The forms as patterns, those with most words of their own first."""
        made = []
        for form in self.forms:
            parts = PLACEHOLDER.split(form)
            text = "".join(re.escape(part) if at % 2 == 0 else f"(?P<{part}>.+?)" for at, part in enumerate(parts))
            made.append((form, re.compile(f"^{text}$", re.DOTALL)))
        return tuple(sorted(made, key=lambda one: -len(PLACEHOLDER.sub("", one[0]))))

    def say(self, sentence: str, inner: Callable[[str], str] | None = None) -> str | None:
        """The sentence in the active language, None where no form fits; `inner` says what stands in gaps that hold words."""
        for form, pattern in self.patterns:
            if found := pattern.match(sentence):
                values = found.groupdict()
                if inner:
                    values |= {name: inner(values[name]) for name in IN_WORDS if name in values}
                return _(form) % values
        return None
