"""Speed and memory of the engine, printed as ratios: to another package, to the machine's matrix products, to itself.

Every figure is of one thread unless it says otherwise. Nothing is asserted: clocks differ between machines.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from planner.engine.accounts import Accounts, build_accounts
from planner.engine.cells import Cells, cell_key
from planner.engine.counterfactual import run_counterfactual
from planner.engine.equilibrium import baseline_inverse, solve
from planner.engine.estimate import estimate_effect
from planner.engine.ipf import fit_margins
from planner.engine.model import Model
from planner.engine.shock import Shock
from tests.benchmarks.gravity_case import SIGMA, GravityCase, make_case
from tests.benchmarks.gravity_peer import Peer
from tests.benchmarks.importing import bench_importing
from tests.benchmarks.load import bench_load
from tests.benchmarks.reports import bench_reports
from tests.benchmarks.scaling import bench_scaling
from tests.engine.shipped_case import shipped_baseline, shipped_interventions, shipped_parameters
from tests.verification.reference import read_nafta_1993

DRAWS = 500


def best_of(times: int, work: Callable[[], object]) -> float:
    """Seconds of the fastest of some runs: others were disturbed."""
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def peak_gib(children: bool = False) -> float:
    """Peak memory so far of this process, or of the largest finished child, GiB."""
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    return resource.getrusage(who).ru_maxrss / 2**20


def machine_rate() -> float:
    """Matrix products, floating-point operations per second."""
    size = 1200
    rng = np.random.default_rng(0)
    one, other = rng.random((size, size)), rng.random((size, size))
    return 2 * size**3 / best_of(5, lambda: one @ other)


# Against another package ----------------------------------------------------------------------------------------------


def counterfactual(case: GravityCase, flows: np.ndarray):
    """The agreement's effect from baseline flows: (real GDP ratio, wage ratio)."""
    accounts = build_accounts(places=case.names, sectors=["all"], flows=flows[:, :, None])
    origin, destination = np.nonzero(case.agreement)
    keys = np.sort(cell_key(origin, destination, np.zeros_like(origin), len(case.names)))
    cells = Cells.from_keys(keys, len(case.names))
    theta = np.array([SIGMA - 1])
    effect = -case.log_trade[cells.origin, cells.destination][:, None] / theta
    found = solve(accounts, Shock(1, cells, log_cost=effect), theta, "own_income")
    return found.real_wage[:, 0], found.wage[:, 0]


def excess_demand(case: GravityCase, flows: np.ndarray, price: np.ndarray) -> float:
    """How far sellers' prices are from clearing markets: largest |demand / output - 1|, in plain formulas."""
    output, spending = flows.sum(axis=1), flows.sum(axis=0)
    share = flows / spending * np.exp(case.log_trade) * price[:, None] ** (1 - SIGMA)
    spent = spending / output * price * output
    spent *= (price * output).sum() / spent.sum()
    return float(np.abs(share / share.sum(axis=0) @ spent / (price * output) - 1).max())


def bench_gravity(rate: float) -> None:
    """One-sector counterfactual against gegravity 0.3 in an environment of its own."""
    print("\nOne-sector counterfactual against gegravity 0.3 (from costs, outputs and expenditures to real GDP)")
    peer = Peer.prepare()
    if isinstance(peer, str):
        print(f"  skipped: {peer}")
        return
    print(
        "  places  gegravity s    ours ms   times faster   from flows   largest difference   excess demand: theirs, ours"
    )
    for places in (30, 60, 120):
        case, table = make_case(places)
        theirs = peer.run(table)
        if isinstance(theirs, str):
            print(f"  {places:6d}  skipped: {theirs}")
            continue
        flows = fit_margins(case.kernel, case.output, case.spending)
        seconds = best_of(9, lambda c=case: counterfactual(c, fit_margins(c.kernel, c.output, c.spending)))
        solved = best_of(9, lambda c=case, f=flows: counterfactual(c, f))
        real, wage = counterfactual(case, flows)
        other = np.array([theirs.real_gdp[name] for name in case.names])
        price = np.array([theirs.price[name] for name in case.names])
        print(
            f"  {places:6d}  {theirs.seconds:11.2f}  {1e3 * seconds:9.2f}   {theirs.seconds / seconds:12,.0f}   "
            f"{theirs.seconds / solved:10,.0f}   {100 * np.abs(real - other).max():8.4f} of {100 * np.abs(real - 1).max():5.3f} %   "
            f"{excess_demand(case, flows, price):.1e}, {excess_demand(case, flows, wage):.1e}"
        )
        if not theirs.converged:
            print("          gegravity says that it did not converge")
    print("  Its full stage holds output shares fixed, so that markets do not quite clear at its prices.")


# Against the machine ---------------------------------------------------------------------------------------------------


def bench_caliendo_parro(rate: float) -> None:
    """Two equilibria of 31 regions x 40 sectors with input-output links."""
    print("\nCaliendo & Parro (31 regions, 40 sectors, input-output links), two equilibria to 1e-9")
    folder = os.environ.get("REFERENCE_DATA", "")
    if not folder or not Path(folder).is_dir():
        print("  skipped: REFERENCE_DATA names no folder with the reference data")
        return
    nafta = read_nafta_1993(Path(folder))
    seconds = best_of(
        3, lambda: run_counterfactual(nafta.accounts, nafta.shock, nafta.theta, closure="balanced", tolerance=1e-9)
    )
    print(f"  {seconds:.3f} s, the time of {seconds * rate / 1e9:,.1f} billion operations in matrix products")


def made_up_accounts(places: int, sectors: int) -> Accounts:
    """A larger one-table world without input-output links."""
    rng = np.random.default_rng(1)
    flows = rng.lognormal(0, 1, (places, places, sectors)) / places
    flows[np.arange(places), np.arange(places)] += 2 + rng.random((places, sectors))
    return build_accounts(
        places=[f"p{place}" for place in range(places)],
        sectors=[f"s{sector}" for sector in range(sectors)],
        flows=flows,
    )


def common_shock(accounts: Accounts, columns: int, share: float = 0.01) -> tuple[Shock, np.ndarray]:
    """Costs of some pairs change, each column by its own size; elasticities differ by column."""
    rng = np.random.default_rng(2)
    keys = cell_key(*np.nonzero(rng.random(accounts.flows.shape) < share), len(accounts.places))
    cells = Cells.from_keys(np.sort(keys), len(accounts.places))
    theta = rng.uniform(4, 6, (len(accounts.sectors), 1)) * rng.uniform(0.8, 1.2, columns)
    return Shock(columns, cells, log_cost=-0.05 * rng.random((len(cells), columns))), theta


def bench_columns(rate: float) -> None:
    """Time against the number of columns, and against the matrix products that the iterations need."""
    places, sectors = 60, 10
    accounts = made_up_accounts(places, sectors)
    print(f"\nColumns: {places} places x {sectors} sectors, 1 % of the cells changed")
    print("  columns   seconds   per column ms   against half as many   times its matrix products")
    sizes = (125, 250, 500, 1000)
    shocks = {columns: common_shock(accounts, columns) for columns in sizes}
    iterations = {columns: solve(accounts, *shocks[columns]).iterations for columns in sizes}
    # All sizes in turn, many times: a machine that slows down meanwhile slows all of them. A ratio is the median of those of
    # all turns, since the fastest turn of a size that takes half as long is more often an undisturbed one.
    rounds = [
        {columns: best_of(1, lambda one=shocks[columns]: solve(accounts, *one)) for columns in sizes} for _ in range(25)
    ]
    for columns in sizes:
        seconds = min(one[columns] for one in rounds)
        needed = products(accounts, columns, iterations[columns])
        against = [one[columns] / one[columns // 2] for one in rounds if columns // 2 in one]
        ratio = f"{np.median(against):19.2f}" if against else " " * 19
        print(f"  {columns:7d}   {seconds:7.3f}   {1e3 * seconds / columns:13.3f}  {ratio}   {seconds / needed:24.1f}")


def products(accounts: Accounts, columns: int, iterations: int) -> float:
    """Seconds of the shared matrix products alone: two per sector and iteration."""
    base = np.ascontiguousarray(np.moveaxis(accounts.trade_share, -1, 0))
    levels = np.random.default_rng(3).random((base.shape[0], base.shape[1], columns))
    return iterations * best_of(3, lambda: (np.matmul(base, levels), np.matmul(base.transpose(0, 2, 1), levels)))


def bench_large(rate: float) -> None:
    """200 places x 20 sectors x 10,000 columns in blocks."""
    accounts, block, total = made_up_accounts(200, 20), 250, 10_000
    print(f"\nLarge: 200 places x 20 sectors, {total:,} columns in blocks of {block}, 1 % of the cells changed")
    shock, theta = common_shock(accounts, block)
    started = time.perf_counter()
    inverse = baseline_inverse(accounts, theta, "world_share")  # one factorisation per draw, shared by interventions
    for _ in range(total // block):
        found = solve(accounts, shock, theta, inverse=inverse)
    seconds = time.perf_counter() - started
    needed = products(accounts, block, found.iterations) * (total // block)
    print(f"  {seconds:.0f} s, {seconds / needed:.1f} times its matrix products; peak memory {peak_gib():.2f} GiB")


def bench_own(rate: float) -> None:
    """200 places x 20 sectors where every pair's cost changes, in each column by its own matrix."""
    places, sectors, block = 200, 20, 10
    accounts = made_up_accounts(places, sectors)
    shock, theta = common_shock(accounts, block, share=1.0)
    inverse = baseline_inverse(accounts, theta, "world_share")
    found = solve(accounts, shock, theta, inverse=inverse)
    seconds = best_of(3, lambda: solve(accounts, shock, theta, inverse=inverse))
    prepared = best_of(3, lambda: Model(accounts, shock, theta).operators)
    rng = np.random.default_rng(3)
    costs, levels = rng.random((sectors, block, places, places)), rng.random((sectors, block, places, 1))
    one_pass = best_of(3, lambda: (np.matmul(costs, levels), np.matmul(costs.transpose(0, 1, 3, 2), levels)))
    needed = found.iterations * one_pass
    print(f"\nOwn costs: {places} places x {sectors} sectors, each of {block} columns with a cost matrix of its own")
    print(
        f"  {1e3 * seconds / block:.1f} ms a column, {seconds / needed:.1f} times the batched matrix-vector products of its "
        f"{found.iterations} iterations; {(seconds - prepared) / needed:.1f} without the exponentials of the costs "
        f"({1e3 * prepared / block:.1f} ms a column)"
    )


# The shipped case ------------------------------------------------------------------------------------------------------


def estimate_one(number: int, draws: int = DRAWS) -> tuple[bool, float]:
    """One intervention of the shipped case: (whether it is done, peak GiB of the process so far)."""
    effect = estimate_effect(
        shipped_baseline(), shipped_parameters(), shipped_interventions()[number], draws=draws, seed=1,
        closure="world_share",
    )  # fmt: skip
    return effect.status == "done", peak_gib()


def make_ready(_: int) -> None:
    """Load compiled code and build the baseline, as a worker does before its first part."""
    for number in range(len(shipped_interventions())):
        estimate_one(number, 2)


def bench_shipped(rate: float) -> None:
    """All interventions of the shipped case, all three stages; processes take them one by one, as workers do."""
    count = len(shipped_interventions())
    print(f"\nShipped case: {count} interventions x {DRAWS} draws, three stages")
    make_ready(0)
    started = time.perf_counter()
    done = sum(estimate_one(number)[0] for number in range(count))
    alone = time.perf_counter() - started
    print(
        f"  one process: {alone:.1f} s for {done} done, {count - done} not applicable; the time of "
        f"{alone * rate / 1e9:,.0f} billion operations in matrix products; peak memory {peak_gib():.2f} GiB"
    )
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(make_ready, range(2)))
        started = time.perf_counter()
        found = list(pool.map(estimate_one, range(count)))
        seconds = time.perf_counter() - started
    peak = max(peak for _, peak in found)
    print(
        f"  two processes: {seconds:.1f} s ({alone / seconds:.2f} times faster), peak memory {2 * peak:.2f} GiB together"
    )


BENCHMARKS = {
    "gravity": bench_gravity,
    "caliendo-parro": bench_caliendo_parro,
    "shipped": bench_shipped,
    "columns": bench_columns,
    "own": bench_own,
    "reports": bench_reports,
    "large": bench_large,
    "importing": bench_importing,
    "scaling": bench_scaling,
    "load": bench_load,
}
ASKED_FOR = ("large", "importing", "scaling", "load")


def main() -> None:
    """Run all benchmarks, or those asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description="Speed and memory as ratios of one run.")
    parser.add_argument("--only", nargs="+", choices=sorted(BENCHMARKS), help="some of the benchmarks")
    parser.add_argument(
        "--large",
        action="store_true",
        help="also 200 places x 20 sectors x 10,000 columns, and imports of five million rows, scaling and load; minutes",
    )
    arguments = parser.parse_args()
    chosen = arguments.only or [name for name in BENCHMARKS if arguments.large or name not in ASKED_FOR]
    rate = machine_rate()
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "?")
    print(
        f"Matrix products of this machine: {rate / 1e9:.1f} GFlop/s, {threads} thread; Python {sys.version.split()[0]}"
    )
    for name in chosen:
        BENCHMARKS[name](rate)
        sys.stdout.flush()
    print(f"\nPeak memory of this process: {peak_gib():.2f} GiB")
