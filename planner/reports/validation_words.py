"""What the model was held against, and what it was not: the section on validation, from the report's own numbers."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from planner.reports.numbers import format_number

Context = Mapping[str, Any]
ASSUMED = "D"


def validation_sentences(context: Context) -> list[str]:
    """One point each: what is reproduced, what is tested elsewhere, what nobody has observed."""
    baseline, closure = context["baseline"], context["run"]["closure"]
    sentences = [
        _(
            "Reproduced by construction: every observed flow across the border, the shares of crossings and the waits of trucks enter the baseline as they are. That the index before any measure is %(index)s is therefore an observation, and no evidence that changes are predicted well."
        )
        % {"index": format_number(baseline["index"], "index")}
    ]
    if format_number(baseline["index"], "index") != format_number(baseline["index_reference"], "index"):
        text = _(
            "Closure %(closure)s solves the baseline again: changes are counted from an index of %(index)s, which nobody observed."
        )
        sentences.append(text % {"closure": closure, "index": format_number(baseline["index_reference"], "index")})
    sentences += [*_evidence(context), _literature(), _events()]
    return sentences


def _evidence(context: Context) -> list[str]:
    """How many parameters and effects have evidence better than an assumption."""
    parameters = [row["grade"] for row in context["parameters"]]
    channels = [channel["grade"] for measure in context["interventions"] for channel in measure["channels"]]
    if not parameters or not channels:
        return []
    return [
        _(
            "Held against evidence: %(parameters)d of %(all_parameters)d parameters and %(channels)d of %(all_channels)d effects of measures have a source better than an assumption (grades A to C). For all others the intervals are those of the assumption."
        )
        % {
            "parameters": sum(grade != ASSUMED for grade in parameters),
            "all_parameters": len(parameters),
            "channels": sum(grade != ASSUMED for grade in channels),
            "all_channels": len(channels),
        }
    ]


def _literature() -> str:
    return _(
        "Held against published results, in the tests of the engine and not in this report: the welfare effects of NAFTA in Caliendo and Parro (2015) and the gravity estimates of Yotov et al. (2016) are found again."
    )


def _events() -> str:
    return _(
        "Held against events: not in this report. The command backtest predicts what a real closure of a crossing did and compares it, month by month, with what was counted; what it needs are official files of the months around."
    )
