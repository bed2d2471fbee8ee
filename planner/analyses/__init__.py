"""What a run computes beside the effect of each intervention: from its copies to JSON documents, without a database."""

from collections.abc import Callable
from typing import Any

from planner.analyses.appraisal import appraisal
from planner.analyses.closures import closures
from planner.analyses.criteria import criteria
from planner.analyses.diagnosis import diagnosis
from planner.analyses.minute_values import minute_values
from planner.analyses.portfolio import portfolio
from planner.analyses.side import side
from planner.analyses.stress import stress
from planner.analyses.variance import variance
from planner.analyses.work import NoAnalysis, NotApplicable, Work

Document = dict[str, Any]

# By kind, in the order of `planner.models.vocabulary.AnalysisKind`. Equal work gives equal documents.
ANALYSES: dict[str, Callable[[Work], Document]] = {
    "diagnosis": diagnosis,
    "minute_values": minute_values,
    "closures": closures,
    "stress": stress,
    "side": side,
    "appraisal": appraisal,
    "criteria": criteria,
    "variance": variance,
    "portfolio": portfolio,
}

__all__ = ["ANALYSES", "Document", "NoAnalysis", "NotApplicable", "Work"]
