"""One counterfactual by the package gegravity, run by the interpreter of its own environment: CASE.csv in, JSON out.

The table: exporter, importer, year, trade, Y, E, ln_dist, abroad, rta, rta_after; sigma and coefficients are arguments.
"""

import json
import sys
import time
import warnings

import gegravity as ge
import pandas as pd

warnings.simplefilter("ignore")
COSTS = ["ln_dist", "abroad", "rta"]


def main(path: str, sigma: str, *coefficients: str) -> None:
    table = pd.read_csv(path)
    estimates = [
        {"var": name, "coeff": float(value), "ste": 0.1} for name, value in zip(COSTS, coefficients, strict=True)
    ]
    costs = ge.CostCoeffs(estimates=pd.DataFrame(estimates), identifier_col="var", coeff_col="coeff", stderr_col="ste")
    after = table.assign(rta=table["rta_after"])
    started = time.perf_counter()
    baseline = ge.BaselineData(
        table.copy(), imp_var_name="importer", exp_var_name="exporter", year_var_name="year", trade_var_name="trade",
        expend_var_name="E", output_var_name="Y",
    )  # fmt: skip
    model = ge.OneSectorGE(
        baseline, year="2023", expend_var_name="E", output_var_name="Y", cost_coeff_values=costs, cost_variables=COSTS,
        reference_importer=str(table["importer"].max()), sigma=float(sigma), quiet=True,
    )  # fmt: skip
    model.build_baseline()
    model.define_experiment(after.assign(year="2023"))
    model.simulate()
    seconds = time.perf_counter() - started
    real, price = {}, {}
    for code, country in model.country_set.items():
        name = code.removeprefix("ZZZ_")  # how the package marks its reference importer
        ratio = country._experiment_imr_ratio / country._baseline_imr_ratio  # of P^(sigma - 1)
        price[name] = country.experiment_factory_price
        real[name] = price[name] / ratio ** (1 / (float(sigma) - 1))
    converged = all(bool(solution.success) for solution in model.solver_diagnostics.values())
    print(json.dumps({"seconds": seconds, "converged": converged, "real_gdp": real, "price": price}))


if __name__ == "__main__":
    main(*sys.argv[1:])
