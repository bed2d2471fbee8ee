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
from planner.analyses.variants import variants
from planner.analyses.waits import waits
from planner.analyses.work import NoAnalysis, NotApplicable, Work
from planner.engine.effect import DONE, FAILED, NOT_APPLICABLE
from planner.engine.errors import EngineError

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
    "variants": variants,
    "waits": waits,
}


def analyse(kind: str, work: Work) -> Document:
    """{status, reason, document} of one analysis; the status is that of an effect (done, not_applicable, failed)."""
    try:
        return {"status": DONE, "reason": "", "document": ANALYSES[kind](work)}
    except NotApplicable as reason:
        return {"status": NOT_APPLICABLE, "reason": str(reason), "document": {}}
    except (NoAnalysis, EngineError) as reason:
        return {"status": FAILED, "reason": str(reason), "document": {}}


__all__ = ["ANALYSES", "Document", "NoAnalysis", "NotApplicable", "Work", "analyse"]
