"""Effects of interventions over draws, in three stages: from a shock to flows, balances, welfare and money."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from planner.engine.baseline import Baseline
from planner.engine.certificates import solve_with_certificates
from planner.engine.chain import describe_chain
from planner.engine.channels import TYPES, check_intervention
from planner.engine.crossing_queues import queues_of
from planner.engine.effect import DONE, FAILED, NOT_APPLICABLE, Effect
from planner.engine.equilibrium import Equilibrium, baseline_inverse, solve
from planner.engine.errors import EngineError, InvalidNumbers
from planner.engine.imbalance import Imbalance, TradeView, measure
from planner.engine.interventions import Built, ShockBuilder, build_shock
from planner.engine.joint import Joint, JointSolve, JointSystem
from planner.engine.model import Model
from planner.engine.parameters import complete_parameters
from planner.engine.shock import Shock
from planner.engine.short_run import solve_short_run
from planner.engine.stages import ConditionalFit, ConditionalStage, PartialStage
from planner.engine.types import CLOSURES, Array, Intervention, Parameters
from planner.engine.uncertainty import Draws

BLOCK = 250  # columns solved at once: large enough for the matrix products, small enough for the cache
RE_SOLVED = ("balanced", "balanced_economy")
MOST_EXCLUDED = 0.1  # share of draws without a solution beyond which the intervention has none
FAULTS = (EngineError, ValueError, FloatingPointError, np.linalg.LinAlgError)


def estimate_effect(
    baseline: Baseline, parameters: Parameters, intervention: Intervention, *, draws: int, seed: int, closure: str
) -> Effect:
    """The effect of one intervention over `draws` draws of all uncertain numbers (0: one column of central values).

    Never raises for what an intervention or its solve gets wrong: `Effect.status` is then `failed` or
    `not_applicable`, with the reason. ValueError for an unknown closure.
    """
    return study(baseline, parameters, draws=draws, seed=seed, closure=closure).estimate(intervention)


def baseline_outcomes(
    baseline: Baseline, parameters: Parameters, *, draws: int, seed: int, closure: str
) -> dict[str, Any]:
    """Measures before any intervention: on observed flows, and on the re-solved baseline where the closure asks for one.

    Keys: observed (Imbalance, one column), observed_with_travel, reference (the same, central values),
    reference_index (draw,).
    """
    return study(baseline, parameters, draws=draws, seed=seed, closure=closure).before()


_STUDIES: OrderedDict[tuple[int, int, int, int, str], Study] = OrderedDict()


def study(baseline: Baseline, parameters: Parameters, *, draws: int, seed: int, closure: str) -> Study:
    """The prepared study of a baseline, kept for the last few (one run's parts share it)."""
    key = (id(baseline), id(parameters), draws, seed, closure)
    found = _STUDIES.get(key)
    if found is None or found.source is not baseline or found.given is not parameters:
        found = Study(baseline, parameters, draws=draws, seed=seed, closure=closure)
        _STUDIES[key] = found
        while len(_STUDIES) > 4:
            _STUDIES.popitem(last=False)
    return found


class Study:
    """A baseline with its draws, prepared once: every intervention is compared with the same reference."""

    def __init__(self, baseline: Baseline, parameters: Parameters, *, draws: int, seed: int, closure: str) -> None:
        if closure not in CLOSURES:
            raise ValueError(f"unknown closure {closure!r}; expected one of {', '.join(CLOSURES)}")
        self.source, self.given = baseline, parameters
        complete = complete_parameters(parameters)
        # One that is complete already is taken as it is, so that studies of several closures share its queues.
        same = parameters is baseline.parameters and complete == parameters
        self.baseline = baseline if same else replace(baseline, parameters=complete)
        self.closure, self.count, self.seed = closure, draws, seed
        self.view = TradeView(self.baseline)
        self.fit = ConditionalFit(self.baseline.accounts)
        self._inverses: dict[tuple[int, int, int], Array] = {}
        self._references: dict[tuple[int, int, int], _Outcome] = {}
        self._systems: dict[tuple[int, int, int], JointSystem] = {}

    def estimate(self, intervention: Intervention) -> Effect:
        """The effect of one intervention; see `estimate_effect`."""
        problems = check_intervention(self.baseline, intervention)
        if problems:
            return Effect(intervention.id, FAILED, "; ".join(problems))
        reason = self.without_meaning(intervention)
        if reason:
            return Effect(intervention.id, NOT_APPLICABLE, reason)
        try:
            chain = self._chain(intervention)
            blocks = _Blocks(self, intervention, self._windows)
        except FAULTS as error:
            return Effect(intervention.id, FAILED, str(error))
        return Effect(intervention.id, DONE, blocks.reason, arrays=blocks.arrays, chain=chain, excluded=blocks.excluded)

    def outcome(self, built: Built, draws: Draws) -> dict[str, Array]:
        """Full-stage changes under a shock built elsewhere, such as several interventions' joint one.

        Names as in `Effect`, without the stage; the columns are those of `draws`. Raises what the solve raises.
        """
        central = Draws(self.baseline.parameters, 0, self.seed)
        reference = self._reference(draws if draws.count else central)
        return self._outcome(built, draws).compare(reference)

    def equilibrium(self, built: Built | None, draws: Draws) -> Equilibrium:
        """The equilibrium under a shock, or without any; columns as in `draws`. Raises what the solve raises."""
        return self.joint(built, draws).equilibrium

    def joint(self, built: Built | None, draws: Draws) -> Joint:
        """The same with the waits that belong to it."""
        return self._outcome(built, draws).joint

    def joint_with_solver(self, built: Built, draws: Draws) -> tuple[JointSolve, Joint, dict[str, Array]]:
        """The joint solve of a shock built elsewhere, what it found, and the changes as `outcome` names them."""
        solver = self.joint_solve(built, draws)
        found = solver.run()
        reference = self._reference(draws if draws.count else Draws(self.baseline.parameters, 0, self.seed))
        return solver, found, _Outcome(self, found).compare(reference)

    def without_meaning(self, intervention: Intervention) -> str:
        """Why the intervention has no meaning under this closure, or an empty string."""
        if intervention.closures and self.closure not in intervention.closures:
            return f"has meaning only under {', '.join(intervention.closures)}"
        for channel in intervention.channels:
            allowed = TYPES[channel.type].closures
            if self.closure not in allowed:
                return f"channel {channel.type} has meaning only under {', '.join(allowed)}"
        return ""

    @cached_property
    def observed(self) -> tuple[Imbalance, Imbalance]:
        """Goods, and goods with travel, on observed flows; one column."""
        accounts, view = self.baseline.accounts, self.view
        goods = view.goods_pairs(view.goods_cells.gather(accounts.flows)[:, None])
        travel = view.travel_pairs(view.travel_cells.gather(accounts.flows)[:, None])
        return measure(goods, view.border), measure(goods + travel, view.border)

    def before(self) -> dict[str, Any]:
        """See `baseline_outcomes`."""
        central = self._reference(Draws(self.baseline.parameters, 0, self.seed))
        indices = [np.broadcast_to(self._reference(draws).goods.headline, draws.columns) for draws in self._windows]
        return {
            "observed": self.observed[0],
            "observed_with_travel": self.observed[1],
            "reference": central.goods,
            "reference_index": np.concatenate(indices),
        }

    @property
    def _kept(self) -> list[slice]:
        return [slice(0, 1), *(draws.window for draws in self._windows)]

    @cached_property
    def _windows(self) -> list[Draws]:
        total = max(self.count, 1)
        cuts = range(0, total, BLOCK)
        return [Draws(self.baseline.parameters, self.count, self.seed, (cut, min(cut + BLOCK, total))) for cut in cuts]

    def _outcome(self, built: Built | None, draws: Draws) -> _Outcome:
        """The economy with the intervention (None: without): waits, routes and trade solved together."""
        return _Outcome(self, self.joint_solve(built or ShockBuilder(self.baseline, draws).finish(), draws).run())

    def joint_solve(self, built: Built, draws: Draws) -> JointSolve:
        """The joint solve of a shock, prepared and not run."""
        key = (draws.count, draws.window.start, draws.window.stop)
        system = self._systems.get(key)
        if system is None:
            system = JointSystem(queues_of(self.baseline), draws)
            if draws.window in self._kept:  # parts of a block, tried where it has no solution, are not kept
                self._systems[key] = system
        certificates = built.certificates

        def trade(shock: Shock, start: Equilibrium | None) -> Equilibrium:
            return self._solve(shock, draws, certificates, start)

        return JointSolve(system, built, trade)

    def _solve(
        self, shock: Shock, draws: Draws, certificates: tuple[int, ...], start: Equilibrium | None
    ) -> Equilibrium:
        accounts, theta = self.baseline.accounts, draws.theta(self.baseline)
        if self.closure == "short_run":
            sigma = draws.parameter("short_run_propensity")
            if certificates:
                # The short run solves for the certificate's price: no deficit is imposed from outside.
                return solve_with_certificates(
                    accounts, replace(shock, deficit=None), theta, certificates[0], sigma=sigma
                )
            return solve_short_run(accounts, shock, theta, sigma=sigma)
        sigma = draws.parameter("absorption_propensity")
        key = (draws.count, draws.window.start, draws.window.stop)
        if key not in self._inverses:
            different = slice(None) if draws.count else slice(0, 1)  # central values are the same in all columns
            inverse = baseline_inverse(accounts, theta[:, different], self.closure, sigma[different])
            self._inverses[key] = np.broadcast_to(inverse, (draws.columns, *inverse.shape[1:]))
        return solve(accounts, shock, theta, self.closure, sigma=sigma, inverse=self._inverses[key], start=start)

    def _reference(self, draws: Draws) -> _Outcome:
        """The economy without the intervention: the baseline, re-solved where the closure moves it."""
        key = (draws.count, draws.window.start, draws.window.stop)
        if key not in self._references:
            if self.closure not in RE_SOLVED:
                draws = Draws(self.baseline.parameters, 0, self.seed)
            self._references[key] = self._outcome(None, draws)
        return self._references[key]

    def _block(self, intervention: Intervention, draws: Draws) -> dict[str, Array]:
        built = build_shock(self.baseline, intervention, draws)
        outcome = self._outcome(built, draws)
        first = PartialStage(Model(self.baseline.accounts, built.shock, draws.theta(self.baseline)))
        arrays = {}
        for name, stage in (("partial", first), ("conditional", ConditionalStage(first, self.fit))):
            changes = _trade_changes(self.observed, _measures(self, stage))
            arrays.update({f"{name}.{measure_}": array for measure_, array in changes.items()})
        arrays.update({f"full.{name}": array for name, array in outcome.compare(self._reference(draws)).items()})
        arrays["wait.before_minutes"] = 60 * outcome.joint.wait_before
        arrays["wait.after_minutes"] = 60 * outcome.joint.wait_after
        return arrays

    def _chain(self, intervention: Intervention) -> list[dict[str, Any]]:
        draws = Draws(self.baseline.parameters, 0, self.seed)
        built = build_shock(self.baseline, intervention, draws)
        after, before = self._outcome(built, draws), self._reference(draws)
        change = after.compare(before)
        return describe_chain(self.baseline, intervention, built, after, before, change)


class _Blocks:
    """Arrays of an intervention block by block; a draw without a solution fails alone, is counted and left as NaN.

    Raises what a block raises once more than MOST_EXCLUDED of all draws have none.
    """

    def __init__(self, study_: Study, intervention: Intervention, windows: list[Draws]) -> None:
        self.study, self.intervention = study_, intervention
        self.total = sum(draws.columns for draws in windows)
        self.excluded: list[dict[str, Any]] = []
        found = [part for draws in windows for part in self._parts(draws)]
        shapes = next(block for _, block in found if block is not None)
        self.arrays = {
            name: np.concatenate(
                [
                    np.full((*array.shape[:-1], columns), np.nan) if block is None else block[name]
                    for columns, block in found
                ],
                axis=-1,
            )
            for name, array in shapes.items()
        }

    @property
    def reason(self) -> str:
        """How many draws have no solution, and why the first has none."""
        if not self.excluded:
            return ""
        first = self.excluded[0]
        return (
            f"{len(self.excluded)} of {self.total} draws have no solution and are left out; "
            f"draw {first['draw'] + 1}: {first['reason']}"
        )

    def _parts(self, draws: Draws) -> list[tuple[int, dict[str, Array] | None]]:
        try:
            block = self.study._block(self.intervention, draws)
            _refuse_endless(block)
        except FAULTS as error:
            if draws.columns > 1:
                start, stop = draws.window.start, draws.window.stop
                middle = (start + stop) // 2
                halves = (
                    Draws(draws.parameters, draws.count, draws.seed, cut) for cut in ((start, middle), (middle, stop))
                )
                return [part for half in halves for part in self._parts(half)]
            self.excluded.append({"draw": int(draws.window.start), "reason": str(error)})
            if len(self.excluded) > MOST_EXCLUDED * self.total:
                raise
            return [(1, None)]
        return [(draws.columns, block)]


def _refuse_endless(block: dict[str, Array]) -> None:
    bad = [name for name, array in block.items() if not np.isfinite(array).all()]
    if bad:
        raise InvalidNumbers(f"no finite number for {', '.join(bad)}: the shock is out of range")


def _measures(study_: Study, stage: Any) -> tuple[Imbalance, Imbalance]:
    """Imbalance of goods, and of goods with travel, of any stage that gives sales at cells."""
    view = study_.view
    goods = view.goods_pairs(stage.sales(view.goods_cells))
    with_travel = goods + view.travel_pairs(stage.sales(view.travel_cells))
    return measure(goods, view.border), measure(with_travel, view.border)


def _trade_changes(before: tuple[Imbalance, Imbalance], after: tuple[Imbalance, Imbalance]) -> dict[str, Array]:
    goods, was = after[0], before[0]
    return {
        "index_change": goods.headline - was.headline,
        "index_with_travel_change": after[1].headline - before[1].headline,
        "gap_change_musd": goods.gap - was.gap,
        "exports_change_musd": goods.exports - was.exports,
        "imports_change_musd": goods.imports - was.imports,
        "balance_change_musd": goods.balance - was.balance,
        "normalised_balance_change": goods.normalised - was.normalised,
        "region_index_change": goods.index - was.index,
    }


class _Outcome:
    """An equilibrium with its measures."""

    def __init__(self, study_: Study, joint: Joint) -> None:
        self.joint, self.equilibrium = joint, joint.equilibrium
        self.scale = study_.baseline.money_scale[:, None]
        self.goods, self.with_travel = _measures(study_, self.equilibrium)

    def compare(self, before: _Outcome) -> dict[str, Array]:
        """Changes against the reference, (place, column); welfare at GDP scale, observed flows and their balances as they are."""
        now, then = self.equilibrium, before.equilibrium
        columns = now.model.shock.columns

        def percent(after: Array, reference: Array) -> Array:
            return 100 * (after / reference - 1) + np.zeros((1, columns))

        changes = _trade_changes((before.goods, before.with_travel), (self.goods, self.with_travel))
        income = then.income * self.scale
        changes |= {
            "ev_musd": income * (now.real_income / then.real_income - 1),
            "welfare_pct": percent(now.welfare, then.welfare),
            "real_income_pct": percent(now.real_income, then.real_income),
            "real_wage_pct": percent(now.real_wage, then.real_wage),
            "price_pct": percent(now.price, then.price),
            "revenue_change_musd": now.tariff_revenue - then.tariff_revenue,
            "overall_balance_change_musd": -(now.deficit - then.deficit),
        }
        return {name: np.asarray(array + np.zeros(columns)) for name, array in changes.items()}
