"""Columns solved a few at a time, or alone with a matrix of their own, are the same as all at once."""

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from planner.engine import batches, cells
from planner.engine.cells import Cells
from planner.engine.equilibrium import Equilibrium, baseline_inverse, solve
from planner.engine.series import expm1, kernel_changes, log1p
from planner.engine.shock import Shock
from tests.engine.worlds import make_world

COLUMNS = 7


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All columns at once, none with a matrix of its own."""
    with monkeypatch.context() as patch:
        patch.setattr(cells, "MANY", 2.0)
        yield


def shocks(accounts, share: float, kind: str) -> Shock:
    rng = np.random.default_rng(4)
    keys = np.flatnonzero(rng.random(accounts.flows.size) < share)
    chosen = Cells.from_keys(keys, len(accounts.places))
    shape = (len(chosen), COLUMNS)
    shock = {"log_cost": rng.normal(0, 0.1, shape)}
    if kind == "tariff":
        foreign = accounts.economy[chosen.origin] != accounts.economy[chosen.destination]
        shock["tariff"] = rng.uniform(0, 0.2, shape) * foreign[:, None]
    if kind == "taste":
        shock["taste"] = rng.uniform(0.8, 1.2, shape)
    return Shock(COLUMNS, chosen, **shock)


def compared(one: Equilibrium, other: Equilibrium) -> None:
    for name in ("wage", "value_added", "income", "tariff_revenue", "deficit", "omega", "price", "welfare"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9, atol=1e-9, err_msg=name)
    np.testing.assert_allclose(one.flows(), other.flows(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("share", [0.1, 0.6, 1.0])
@pytest.mark.parametrize("kind", ["cost", "tariff", "taste"])
@pytest.mark.parametrize("inputs", [False, True])
def test_alone_and_in_blocks_as_all_at_once(share, kind, inputs, monkeypatch, request):
    accounts = make_world(3, 5, 3, inputs=inputs, tariffs=False).accounts
    shock = shocks(accounts, share, kind)
    theta = np.random.default_rng(5).uniform(2, 6, (3, COLUMNS))
    inverse = baseline_inverse(accounts, theta, "world_share")
    in_blocks = []
    for own_size, at_once in ((1, 250), (10**9, 3)):
        monkeypatch.setattr(batches, "OWN_SIZE", own_size)
        monkeypatch.setattr(batches, "AT_ONCE", at_once)
        in_blocks.append(solve(accounts, shock, theta, inverse=inverse))
        # Setting out from an answer finds it again.
        in_blocks.append(solve(accounts, shock, theta, inverse=inverse, start=in_blocks[-1]))
    monkeypatch.setattr(batches, "AT_ONCE", 250)
    request.getfixturevalue("together")
    wanted = solve(accounts, shock, theta)
    for found in in_blocks:
        compared(found, wanted)


def test_blocks_are_equal_and_cover_all_columns():
    for columns in (1, 249, 250, 251, 1000, 1001):
        parts = batches.slices(columns, 250)
        sizes = [part.stop - part.start for part in parts]
        assert [part.start for part in parts] == [0, *np.cumsum(sizes)[:-1]]
        assert sum(sizes) == columns
        assert max(sizes) <= 250
        assert max(sizes) - min(sizes) <= 1


def test_columns_laid_out_side_by_side_hold_the_same_numbers():
    array = np.random.default_rng(6).random((1000, 7))
    found = batches.by_column(array)
    assert found.flags.f_contiguous
    np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize("size", [1e-12, 1e-5, 1e-3, 0.01, 0.09, 0.3, 0.49, 0.9, 3.9, 30.0])
def test_series_are_the_functions(size):
    values = size * np.random.default_rng(7).uniform(-1, 1, 1001)
    found = np.empty_like(values)
    expm1(values, found)
    np.testing.assert_allclose(found, np.expm1(values), rtol=5e-15)
    values = np.maximum(values, -0.999)
    log1p(values, found)
    np.testing.assert_allclose(found, np.log1p(values), rtol=5e-15)


def test_a_closed_cell_has_no_trade_and_the_others_keep_their_digits():
    log_factor = np.array([[np.inf, 1e-13], [1e-13, np.inf], [0.2, 0.5]])
    theta, sector = np.array([[4.0, 5.0], [2.0, 3.0]]), np.array([0, 0, 1])
    found = kernel_changes(log_factor, theta, sector)
    np.testing.assert_allclose(found, np.expm1(-theta[sector] * log_factor), rtol=1e-15)
    assert found[0, 0] == found[1, 1] == -1


def test_parts_are_written_into_one_place():
    parts = batches.slices(COLUMNS, 3)
    rng = np.random.default_rng(8)
    one, other = rng.random((2, 3, COLUMNS))
    whole = batches.SideBySide(COLUMNS)
    for number, part in enumerate(parts):
        twin = one[:, part].copy()
        # A name of the same array in the first part, of one of its own from the second part on.
        whole.take(part, {"one": twin, "twin": twin if number == 0 else other[:, part]})
    np.testing.assert_array_equal(whole.arrays["one"], one)
    first = parts[0]
    np.testing.assert_array_equal(whole.arrays["twin"][:, first], one[:, first])
    np.testing.assert_array_equal(whole.arrays["twin"][:, first.stop :], other[:, first.stop :])
    shared = batches.SideBySide(COLUMNS)
    for part in parts:
        twin = one[:, part].copy()
        shared.take(part, {"one": twin, "twin": twin})
    assert shared.arrays["one"] is shared.arrays["twin"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a setting of glibc")
def test_memory_that_a_solve_gives_back_stays_with_the_process():
    """Arrays of a solve's size, made and dropped again and again, are not cleared by the system every time."""
    program = (
        "import resource, numpy as np\n"
        "from planner.engine import batches\n"
        "def faults(): return resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "def work(): return [np.ones(500_000) for _ in range(10)]\n"
        "work(); before = faults()\n"
        "for _ in range(20): work()\n"
        "print(faults() - before)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    # 20 times 40 MB are 195,000 pages.
    assert int(done.stdout) < 20_000
