"""The picture of the desk in the README: `python -m tests.admin.desk_picture --out docs/desk.png` while `make serve` runs.

It shows the ranking page of a run of the shipped case as a person sees it on a laptop. The password is read from
DESK_PASSWORD, so that it stands in no history of a shell.
"""

import argparse
import os
import sys

from tests.admin.browsing import LAPTOP, browser, open_page


def main() -> int:
    """Sign in, open the page, take the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000", help="where the planner is served")
    parser.add_argument("--user", default="admin", help="who signs in")
    parser.add_argument("--run", type=int, default=1, help="number of the run")
    parser.add_argument("--page", default="ranking", help="ranking, quadrant, map ...")
    parser.add_argument("--out", required=True, help="the PNG file")
    given = parser.parse_args()
    with browser() as started:
        page = open_page(started, given.address, reduced_motion="reduce", viewport=LAPTOP)
        page.goto("/admin/login/")
        page.fill("#id_username", given.user)
        page.fill("#id_password", os.environ["DESK_PASSWORD"])
        page.click("#login-form [type=submit]")
        page.wait_for_url("**/admin/")
        page.goto(f"/admin/planner/run/{given.run}/{given.page}/")
        page.locator("[data-map]:not([data-ready]), figure[data-chart]:not([data-drawn])").first.wait_for(
            state="detached"
        )
        page.wait_for_load_state("networkidle")
        page.screenshot(path=given.out)
        faults = page.faults
    print("\n".join(faults) or given.out)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
