"""Users of the load test: each asks for one page of a ranking, as often as the environment says."""

import os

from locust import FastHttpUser, constant, constant_throughput, task

RATE = float(os.environ.get("LOAD_RATE_PER_USER", "0"))


class Reader(FastHttpUser):
    """Asks for one address; without a rate as fast as the answers come."""

    wait_time = constant_throughput(RATE) if RATE else constant(0)

    @task
    def page(self) -> None:
        """One page."""
        headers = {"Authorization": f"Bearer {os.environ['LOAD_TOKEN']}"}
        self.client.get(os.environ["LOAD_PATH"], headers=headers, name="page")
