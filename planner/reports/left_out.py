"""Draws without a solution: how many of which measure, why, and what that leaves for all measures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planner.engine.effect import Effect
from planner.reports.numbers import format_number
from planner.reports.reasons import reason_words
from planner.reports.stored_analyses import measure_name

Context = Mapping[str, Any]


def left_out_section(effects: Sequence[Effect]) -> dict[str, Any]:
    """{left_out (draws of all, since measures are compared draw by draw), rows: by measure and reason, most first}."""
    rows: list[dict[str, Any]] = [
        {"intervention": effect.intervention, "draws": count, "reason": reason}
        for effect in effects
        if effect.arrays
        for reason, count in Counter(str(row["reason"]) for row in effect.excluded).items()
    ]
    rows.sort(key=lambda row: (-row["draws"], row["intervention"], row["reason"]))
    missing = {int(row["draw"]) for effect in effects if effect.arrays for row in effect.excluded}
    return {"left_out": len(missing), "rows": rows}


def left_out_sentences(context: Context) -> list[str]:
    """The count for all measures, then one sentence for each measure and reason; one only where no draw is missing."""
    found = context.get("left_out_draws")
    if not found:
        return []
    if not found["rows"]:
        return [_("Every draw of every measure has a solution; none is left out.")]
    sentences = [
        ngettext(
            "%(count)s of %(draws)s draws has no solution for some measure and is left out of all, so that draw by draw they can be compared.",
            "%(count)s of %(draws)s draws have no solution for some measure and are left out of all, so that draw by draw they can be compared.",
            found["left_out"],
        )
        % {"count": format_number(found["left_out"], "count"), "draws": format_number(context["run"]["draws"], "count")}
    ]
    sentences += [
        _("%(name)s: %(count)s without a solution: %(reason)s.")
        % {
            "name": measure_name(context, row["intervention"]),
            "count": format_number(row["draws"], "count"),
            "reason": reason_words(row["reason"].rstrip(".")),
        }
        for row in found["rows"]
    ]
    return sentences
