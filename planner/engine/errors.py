"""The engine's named errors: what is wrong, where, and what to change."""

from __future__ import annotations

from collections.abc import Sequence


class EngineError(Exception):
    """Base of all errors raised by the engine."""


class InvalidBaseline(EngineError):
    """The accounts cannot be built or do not hold; `problems` lists all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems[:50]))


class InvalidShock(EngineError):
    """A shock asks for something impossible, such as a cut longer than the wait; `problems` lists all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems[:50]))


class NotApplicable(EngineError):
    """A shock without meaning under the closure asked for, such as a revaluation with flexible wages."""


class SolveFailed(EngineError):
    """No equilibrium within the iterations allowed; names the worst place, its residual and what to change.

    bad: numbers of the columns without a solution, where the others have one.
    """

    def __init__(
        self, iterations: int, residual: float, worst_place: str, columns: int, advice: str, bad: Sequence[int] = ()
    ) -> None:
        self.bad = tuple(bad)
        self.iterations = iterations
        self.residual = residual
        self.worst_place = worst_place
        self.columns = columns
        super().__init__(
            f"no equilibrium after {iterations} iterations in {columns} column(s): "
            f"largest residual {residual:.3g} at {worst_place}; {advice}"
        )


class NegativeSpending(EngineError):
    """The closure takes more from a place than it earns: no economy, though the equations have a solution."""

    def __init__(self, place: str, share: float, columns: int) -> None:
        self.place = place
        self.share = share
        self.columns = columns
        super().__init__(
            f"final spending of {place} would be {share:.3g} of its value added in {columns} column(s): the closure takes "
            "more from it than it earns; choose a propensity nearer to 1, a smaller shock or another closure"
        )


class InvalidNumbers(EngineError):
    """A result that is no finite number, which the equations allow only for shocks out of all range."""


class InvalidSample(EngineError):
    """A panel, series or formula cannot be estimated on; `problems` lists all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems[:50]))


class EstimationFailed(EngineError):
    """An estimate did not converge; says how far it came and what to change."""
