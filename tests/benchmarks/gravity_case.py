"""A made-up world for one-sector counterfactuals: places on a square, gravity costs, an agreement between some of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

SIGMA = 6.0
COEFFICIENTS = {"ln_dist": -0.8, "abroad": -2.0, "rta": 0.5}


@dataclass(frozen=True)
class GravityCase:
    """Outputs, expenditures and costs of `places` countries before and after an agreement."""

    names: list[str]
    output: np.ndarray
    spending: np.ndarray
    kernel: np.ndarray
    agreement: np.ndarray

    @property
    def log_trade(self) -> np.ndarray:
        """The agreement's direct effect on log trade, (exporter, importer)."""
        return COEFFICIENTS["rta"] * self.agreement


def make_case(places: int) -> tuple[GravityCase, pd.DataFrame]:
    """The case, and the same as a table of pairs."""
    rng = np.random.default_rng(places)
    position = rng.random((places, 2))
    distance = np.sqrt(((position[:, None] - position[None]) ** 2).sum(axis=2)) + 0.05
    distance /= distance.mean()
    output = rng.lognormal(0, 1, places)
    spending = output * rng.uniform(0.9, 1.1, places)
    spending *= output.sum() / spending.sum()
    abroad = 1 - np.eye(places)
    member = np.arange(places) < max(3, places // 10)
    agreement = (member[:, None] & member[None, :]) * abroad
    kernel = np.exp(COEFFICIENTS["ln_dist"] * np.log(distance) + COEFFICIENTS["abroad"] * abroad)
    names = [f"p{place:03d}" for place in range(places)]
    case = GravityCase(names, output, spending, kernel, agreement)
    seller, buyer = np.divmod(np.arange(places**2), places)
    table = pd.DataFrame(
        {
            "exporter": np.array(names)[seller],
            "importer": np.array(names)[buyer],
            "year": 2023,
            "trade": (kernel * output[:, None] * spending[None]).ravel(),
            "Y": output[seller],
            "E": spending[buyer],
            "ln_dist": np.log(distance).ravel(),
            "abroad": abroad.ravel(),
            "rta": 0,
            "rta_after": agreement.ravel(),
        }
    )
    return case, table
