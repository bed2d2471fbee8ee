"""The best set of a run's interventions under a budget, as asked by a user: the analysis with the user's rules."""

from __future__ import annotations

from typing import Any

from planner.analyses.portfolio import (
    COUNTED,
    PortfolioFailed,
    PortfolioRefused,
    PortfolioRequest,
    Progress,
    best_set,
)
from planner.models import Run
from planner.models.vocabulary import AnalysisKind
from planner.services.analyses import work_of
from planner.services.errors import RunRefused

__all__ = ["COUNTED", "PortfolioFailed", "PortfolioRequest", "run_portfolio"]


def run_portfolio(run: Run, request: PortfolioRequest, progress: Progress | None = None) -> dict[str, Any]:
    """The document of docs/portfolio.md. Raises RunRefused with everything wrong in the request, PortfolioFailed."""
    try:
        return best_set(work_of(run, AnalysisKind.PORTFOLIO), request, progress)
    except PortfolioRefused as refused:
        raise RunRefused(refused.problems) from refused
