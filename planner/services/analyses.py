"""Analyses of a run: from what the run has stored to the row that keeps the document."""

import threading
from collections import OrderedDict
from typing import Any

from planner import snapshot
from planner.analyses import Work, analyse
from planner.models import Run, RunAnalysis
from planner.models.vocabulary import AFTER_EFFECTS, AnalysisKind

KEPT_RUNS = 2
_kept: OrderedDict[str, dict[str, Any]] = OrderedDict()
_kept_lock = threading.Lock()


def work_of(run: Run, kind: str) -> Work:
    """What the analysis of this kind reads: effects only where it comes after them."""
    baseline = snapshot.load_baseline(run.snapshot)
    if kind not in AFTER_EFFECTS:
        return Work(run, baseline)
    effects = {effect.intervention: effect for effect in snapshot.read_effects(run)}
    return Work(run, baseline, effects, kept=_shared_by(snapshot.analysis_digest(run, AnalysisKind.APPRAISAL)))


def _shared_by(digest: str) -> dict[str, Any]:
    """What the analyses of equal work have in common; that of the last few runs is kept in the process."""
    with _kept_lock:
        found = _kept.setdefault(digest, {})
        _kept.move_to_end(digest)
        while len(_kept) > KEPT_RUNS:
            _kept.popitem(last=False)
        return found


def analysis_row(run: Run, kind: str) -> RunAnalysis:
    """The analysis, computed now and not saved; one that cannot be made keeps the reason."""
    found = analyse(kind, work_of(run, kind))
    return RunAnalysis(run=run, kind=kind, work_digest=snapshot.analysis_digest(run, kind), **found)
