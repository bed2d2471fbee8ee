"""The context as JSON: stable bytes, nine significant digits, no time, id or path."""

import json
from collections.abc import Mapping
from typing import Any

from planner.reports.numbers import stored


def report_json(context: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON with sorted keys; numbers that are not finite become null."""
    text = json.dumps(rounded(context), ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    return (text + "\n").encode("utf-8", "replace")


class Rounded(dict[str, Any]):
    """A document whose floats have nine significant digits already: the writers of all formats need not look again."""


def rounded_document(context: Mapping[str, Any]) -> Rounded:
    """The document, rounded once for all formats."""
    return context if isinstance(context, Rounded) else Rounded(rounded(context))


def rounded(node: Any) -> Any:
    """The same document with every float at nine significant digits."""
    if isinstance(node, Rounded):
        return node
    if isinstance(node, dict):
        return {str(key): rounded(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        # Values per draw are most of a document.
        only_numbers = len(node) > 0 and set(map(type, node)) == {float}
        return [stored(value) for value in node] if only_numbers else [rounded(value) for value in node]
    if isinstance(node, float):
        return stored(node)
    return node
