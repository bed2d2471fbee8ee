"""The context as JSON: stable bytes, nine significant digits, no time, id or path."""

import json
from collections.abc import Mapping
from typing import Any

from planner.reports.numbers import stored


def report_json(context: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON with sorted keys; numbers that are not finite become null."""
    text = json.dumps(rounded(context), ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    return (text + "\n").encode("utf-8", "replace")


def rounded(node: Any) -> Any:
    """The same document with every float at nine significant digits."""
    if isinstance(node, dict):
        return {str(key): rounded(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [rounded(value) for value in node]
    if isinstance(node, float):
        return stored(node)
    return node
