"""Analyses of a run: from what the run has stored to the row that keeps the document."""

from planner import snapshot
from planner.analyses import ANALYSES, NoAnalysis, NotApplicable, Work
from planner.engine.errors import EngineError
from planner.models import Run, RunAnalysis
from planner.models.vocabulary import AFTER_EFFECTS, EffectStatus


def work_of(run: Run, kind: str) -> Work:
    """What the analysis of this kind reads: effects only where it comes after them."""
    effects = snapshot.read_effects(run) if kind in AFTER_EFFECTS else []
    return Work(run, snapshot.load_baseline(run.snapshot), {effect.intervention: effect for effect in effects})


def analysis_row(run: Run, kind: str) -> RunAnalysis:
    """The analysis, computed now and not saved; one that cannot be made keeps the reason."""
    row = RunAnalysis(run=run, kind=kind, work_digest=snapshot.analysis_digest(run, kind))
    try:
        row.document, row.status = ANALYSES[kind](work_of(run, kind)), EffectStatus.DONE
    except NotApplicable as reason:
        row.status, row.reason = EffectStatus.NOT_APPLICABLE, str(reason)
    except (NoAnalysis, EngineError) as reason:
        row.status, row.reason = EffectStatus.FAILED, str(reason)
    return row
