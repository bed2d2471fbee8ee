"""Start a run, wait for it, print its ranking as a table.

PLANNER_ADDRESS=https://planner.example.org PLANNER_TOKEN=btp_... python pull_ranking.py us-canada-2023 [draws]
"""

import os
import sys

from border_trade_planner_client import Client, Problem


def main(case: str, draws: int = 500) -> int:
    """Exit code 0 where the run is done, 1 where it failed."""
    client = Client(os.environ["PLANNER_ADDRESS"], os.environ["PLANNER_TOKEN"])
    try:
        run = client.runs_create({"case": case, "draws": draws}, idempotency_key=f"ranking-of-{case}-{draws}")
    except Problem as problem:
        print(problem, *(error["detail"] for error in problem.errors), sep="\n", file=sys.stderr)
        return 1
    run = client.wait(run["id"])
    if run["state"] != "done":
        print(f"run {run['id']} {run['state']}: {run['reason']}", file=sys.stderr)
        return 1
    (ranking,) = client.rankings_list(run=run["id"], criterion=run["criterion"])["results"]
    print(f"{'rank':>4}  {'score':>12}  {'90 % interval':>25}  intervention")
    for row in client.pages(client.rankings_rows_list(ranking["id"])):
        interval = f"{row['q05']:.4g} to {row['q95']:.4g}"
        print(f"{row['rank']:>4}  {row['score_mean']:>12.4g}  {interval:>25}  {row['intervention']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:3])))
