"""A rough look at one intervention within seconds: few draws, by the same path as a run, and nothing is stored."""

import time
from dataclasses import dataclass
from typing import Any

from planner import snapshot
from planner.engine.effect import DONE
from planner.models import Intervention
from planner.reports.intervention_section import intervention_section
from planner.services.engine_calls import estimate, problems_by_intervention, reasons_without_meaning, standing_places
from planner.services.start import plan_run

# Enough for a sign and a size; a run has hundreds.
LOOK_DRAWS = 24


@dataclass(frozen=True)
class QuickLook:
    """What one intervention would do, roughly; `measure` as reports have it, None where it was refused or failed."""

    closure: str
    draws: int
    problems: tuple[str, ...]
    reason: str
    measure: dict[str, Any] | None
    currency: str
    seconds: float


def intervention_look(row: Intervention) -> QuickLook:
    """With the default parameter set and standard settings. Raises RunRefused where the case itself cannot be run."""
    began = time.monotonic()
    planned = plan_run(row.case, slugs=[row.slug], settings={"draws": LOOK_DRAWS})
    run, documents = planned.run, planned.inputs.intervention_documents
    problems = problems_by_intervention(run.snapshot, documents).get(row.slug, [])
    reason, measure = "", None
    if not problems:
        reason = reasons_without_meaning(run, documents).get(row.slug, "")
    if not problems and not reason:
        effect = estimate(run, row.slug)
        if effect.status == DONE:
            baseline = snapshot.load_baseline(run.snapshot)
            (measure,) = intervention_section(baseline, documents, {row.slug: effect}, standing_places(run), ())
        else:
            reason = effect.reason
    return QuickLook(
        closure=run.get_closure_display(),
        draws=run.draws,
        problems=tuple(problems),
        reason=reason,
        measure=measure,
        currency=row.case.currency,
        seconds=time.monotonic() - began,
    )
