"""A back-test: what the model says of a real closure or slowdown, against the months that were observed. Nothing is stored."""

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from planner.engine.backtest import Passage, predict_passage
from planner.engine.backtest_score import Event, score_months, summarise
from planner.engine.baseline import build_baseline
from planner.engine.errors import EngineError, SolveFailed
from planner.engine.version import ENGINE_VERSION
from planner.services.errors import RunFailed, RunRefused
from planner.services.start import default_parameter_set
from planner.snapshot import case_facts, engine_parameters, parameter_documents
from regions.making.series import GOODS, TRUCKS, Series, border_of, read_series
from regions.models import Case

FORMAT = "border-trade-planner/backtest/1"
MONTHS = 12


@dataclass(frozen=True)
class BacktestRequest:
    """Which event to test, and against which files."""

    crossing: str
    start: datetime.date
    end: datetime.date
    observed: Sequence[Path]
    capacity: float = 0.0
    draws: int = 100
    seed: int = 1
    closure: str = "world_share"
    waits_held: bool = False


def backtest(case: Case, request: BacktestRequest, progress: Any = None) -> dict[str, Any]:
    """Prediction by crossing, and the score by crossing and month. Raises RunRefused, ImportRefused or RunFailed."""
    facts = case_facts(case)
    problems = request_problems(request, facts.crossings["code"].tolist())
    if problems:
        raise RunRefused(problems)
    border = border_of([str(economy) for economy in facts.economies["id"]])
    series = read_series(request.observed, border, progress)
    event = Event(request.start, request.end)
    check_months(series, event)
    parameters = engine_parameters(parameter_documents(default_parameter_set(case)))
    try:
        passage = predict_passage(
            build_baseline(facts, parameters), parameters, request.crossing, request.capacity,
            draws=request.draws, seed=request.seed, closure=request.closure,
            waits_held=request.waits_held,
        )  # fmt: skip
    except SolveFailed as error:
        advice = "; the other crossings may be unable to serve all trucks: --waits-held predicts the first round"
        raise RunFailed(f"{error}{advice}") from error
    except (EngineError, ValueError, FloatingPointError, np.linalg.LinAlgError) as error:
        raise RunFailed(str(error)) from error
    rows = score_months(series.frame, event, ratios(passage))
    names = dict(zip(facts.crossings["code"], facts.crossings["name"], strict=True))
    return {
        "format": FORMAT,
        "case": case.name,
        "crossing": request.crossing,
        "crossing_name": str(names[request.crossing]),
        "from": request.start.isoformat(),
        "to": request.end.isoformat(),
        "capacity": request.capacity,
        "closure": request.closure,
        "waits_held": request.waits_held,
        "draws": request.draws,
        "seed": request.seed,
        "engine_version": ENGINE_VERSION,
        "files": list(series.files),
        "passed_over": list(series.passed_over),
        "prediction": prediction(passage, names),
        "loss": loss(passage, event),
        "months": month_rows(rows, names),
        "score": summarise(rows),
    }


def request_problems(request: BacktestRequest, codes: list[str]) -> list[str]:
    """Everything that is wrong before a file is read."""
    problems = []
    if request.crossing not in codes:
        problems.append(
            f"--crossing {request.crossing}: expected a crossing of the case, such as {', '.join(codes[:5])}"
        )
    if request.end < request.start:
        problems.append(f"--to {request.end}: expected a day not before --from {request.start}")
    if not 0 <= request.capacity <= 1:
        problems.append(f"--capacity {request.capacity:g}: expected 0 (closed) to 1 (as usual)")
    if request.draws < 0:
        problems.append(f"--draws {request.draws}: expected 0 (central values) or more")
    return problems


def check_months(series: Series, event: Event) -> None:
    """Every month of the event must be observed, and an undisturbed one beside it."""
    seen = set(zip(series.frame["year"].astype(int), series.frame["month"].astype(int), strict=True))
    missing = [f"{year}-{month:02d}" for year, month in event.months() if (year, month) not in seen]
    problems = []
    if missing:
        problems.append(
            f"--observed: expected the months of the event; {', '.join(missing)} missing. A missing month is no zero"
        )
    elif not seen - set(event.months()):
        problems.append("--observed: expected undisturbed months too, before or after the event, to compare with")
    if problems:
        raise RunRefused(problems)


def ratios(passage: Passage) -> dict[tuple[str, str, str], Any]:
    """Draws of during/before by measure, port and economy entered."""
    found = {}
    for number, (crossing, economy) in enumerate(zip(passage.crossing, passage.economy, strict=True)):
        found[GOODS, crossing, economy] = passage.trade[number]
        found[TRUCKS, crossing, economy] = passage.trucks[number]
    return found


def prediction(passage: Passage, names: dict[str, str]) -> list[dict[str, Any]]:
    """What passes each crossing during the event, relative to before; the largest first."""
    order = np.lexsort((np.array(passage.economy), np.array(passage.crossing), -passage.trade_before))
    return [
        {
            "crossing": passage.crossing[number],
            "name": str(names[passage.crossing[number]]),
            "entered": passage.economy[number],
            "trade_before_musd_per_year": float(passage.trade_before[number]),
            "trade_ratio": spread(passage.trade[number]),
            "trucks_ratio": spread(passage.trucks[number]),
            "diverted_only_ratio": spread(passage.diverted[number]),
            "wait_before_minutes": 60 * float(np.median(passage.wait_before[number])),
            "wait_during_minutes": spread(60 * passage.wait_after[number]),
        }
        for number in order
    ]


def loss(passage: Passage, event: Event) -> dict[str, Any]:
    """Trade that is lost and not diverted, and welfare, over the days of the event."""
    days = (event.end - event.start).days + 1
    return {
        "days": days,
        "goods_trade_lost_share": spread(passage.lost_share),
        "ev_musd": spread(passage.ev_musd_per_day * days),
    }


def spread(values: Any) -> dict[str, float]:
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    return {"q05": float(low), "q50": float(middle), "q95": float(high)}


def month_rows(rows: pd.DataFrame, names: dict[str, str]) -> list[dict[str, Any]]:
    """Months of the event by series, with the error; the largest expected first."""
    ordered = rows.sort_values(
        ["measure", "year", "month", "expected", "port"], ascending=[True, True, True, False, True]
    )
    return [
        {
            "measure": row["measure"],
            "crossing": row["port"],
            "name": str(names[row["port"]]),
            "entered": row["entered"],
            "month": f"{row['year']}-{row['month']:02d}",
            "share_of_month": float(row["share"]),
            **{name: float(row[name]) for name in ("expected", "predicted", "low", "high", "observed")},
            "error": float(row["predicted"] - row["observed"]),
            "error_share": float((row["predicted"] - row["observed"]) / row["expected"]) if row["expected"] else None,
            "noise_share": None if math.isnan(row["noise_share"]) else float(row["noise_share"]),
        }
        for row in ordered.to_dict("records")
    ]
