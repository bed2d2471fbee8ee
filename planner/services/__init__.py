"""The only writers of plans: runs from start to end."""

from planner.services.audit import audit
from planner.services.cancel import run_cancel
from planner.services.documents import document_keep, documents_missing
from planner.services.errors import PartPostponed, RunRefused
from planner.services.finish import run_finish
from planner.services.foresee import Fate, ForeseenPart, ForeseenRun, run_foresee
from planner.services.import_jobs import (
    import_ask,
    import_discard,
    import_progress,
    import_run,
    import_sweep,
    import_upload,
)
from planner.services.interventions import (
    InvalidParts,
    intervention_clone,
    intervention_delete,
    intervention_save,
)
from planner.services.parts import TRANSIENT, PartOutcome, parts_to_send, run_estimate_part
from planner.services.quick_look import QuickLook, intervention_look
from planner.services.retry import RetryRefused, retry_problem, run_retry
from planner.services.review import ReviewRefused, forget_old_answers, review_problem, run_review
from planner.services.start import StartedRun, run_start
from planner.services.sweep import Swept, run_sweep
from planner.services.versions import PARTS, link_to, part_records, parts_at, restore_parts
from planner.services.warm import warm_engine, warm_in_background

__all__ = [
    "PARTS",
    "TRANSIENT",
    "Fate",
    "ForeseenPart",
    "ForeseenRun",
    "InvalidParts",
    "PartOutcome",
    "PartPostponed",
    "QuickLook",
    "RetryRefused",
    "ReviewRefused",
    "RunRefused",
    "StartedRun",
    "Swept",
    "audit",
    "document_keep",
    "documents_missing",
    "forget_old_answers",
    "import_ask",
    "import_discard",
    "import_progress",
    "import_run",
    "import_sweep",
    "import_upload",
    "intervention_clone",
    "intervention_delete",
    "intervention_look",
    "intervention_save",
    "link_to",
    "part_records",
    "parts_at",
    "parts_to_send",
    "restore_parts",
    "retry_problem",
    "review_problem",
    "run_cancel",
    "run_estimate_part",
    "run_finish",
    "run_foresee",
    "run_retry",
    "run_review",
    "run_start",
    "run_sweep",
    "warm_engine",
    "warm_in_background",
]
