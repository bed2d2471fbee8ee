"""The only writers of plans: runs from start to end."""

from planner.services.cancel import run_cancel
from planner.services.errors import PartPostponed, RunRefused
from planner.services.finish import run_finish
from planner.services.parts import PartOutcome, run_estimate_part
from planner.services.start import StartedRun, run_start
from planner.services.sweep import Swept, run_sweep

__all__ = [
    "PartOutcome",
    "PartPostponed",
    "RunRefused",
    "StartedRun",
    "Swept",
    "run_cancel",
    "run_estimate_part",
    "run_finish",
    "run_start",
    "run_sweep",
]
