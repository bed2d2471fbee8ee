"""Prometheus metrics: requests of this web server, and the state of runs read from the rows, which need no worker's port."""

import os
import secrets
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Counter("planner_http_requests", "Requests answered.", ["method", "view", "status"])
SECONDS = Histogram(
    "planner_http_request_seconds",
    "Time to the answer; a stream counts to its beginning.",
    ["method", "view"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


def count_request(method: str, view: str, status: int, seconds: float) -> None:
    """Views by name and not by address, and known methods only: labels must stay few."""
    method = method if method in METHODS else "other"
    REQUESTS.labels(method, view or "none", str(status)).inc()
    SECONDS.labels(method, view or "none").observe(seconds)


class RowsCollector(Collector):
    """Runs, parts and the schedule as the database has them: the same from every process."""

    def describe(self) -> list[Metric]:
        """Nothing ahead: collecting reads the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Each scrape reads a few grouped counts."""
        from django_celery_beat.models import PeriodicTask

        from planner.models import Run, RunPart
        from planner.models.vocabulary import ACTIVE_STATES, RunState

        now = timezone.now()
        for name, words, rows in (
            ("planner_runs", "Runs by state.", Run.objects.all()),
            ("planner_run_parts", "Parts of runs by state.", RunPart.objects.all()),
        ):
            counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
            family = GaugeMetricFamily(name, words, labels=["state"])
            for state in RunState.values:
                family.add_metric([state], counts.get(state, 0))
            yield family
        waiting = RunPart.objects.filter(state=RunState.PENDING, run__state__in=ACTIVE_STATES)
        oldest = waiting.aggregate(since=Min("run__created_at"))["since"]
        yield GaugeMetricFamily(
            "planner_oldest_waiting_seconds",
            "Age of the oldest run that has waiting parts; 0 where none waits.",
            value=(now - oldest).total_seconds() if oldest else 0,
        )
        expired = RunPart.objects.filter(state=RunState.RUNNING, run__state__in=ACTIVE_STATES, lease_until__lt=now)
        yield GaugeMetricFamily(
            "planner_expired_leases", "Parts whose worker has not come back in time.", value=expired.count()
        )
        sent = PeriodicTask.objects.filter(name="sweep-runs").values_list("last_run_at", flat=True).first()
        yield GaugeMetricFamily(
            "planner_schedule_age_seconds",
            "Since the schedule last sent the sweep, which is due each minute; -1 where it never did.",
            value=(now - sent).total_seconds() if sent else -1,
        )


def exposition() -> bytes:
    """All metrics as text; with several web processes, those of all of them together."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    else:
        registry = REGISTRY
    rows = CollectorRegistry()
    rows.register(RowsCollector())
    return generate_latest(registry) + generate_latest(rows)


def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever brings METRICS_TOKEN as bearer, and for administrators who have signed in."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    wanted = settings.METRICS_TOKEN
    allowed = bool(wanted) and secrets.compare_digest(given.encode(), wanted.encode())
    user = request.user
    if not allowed and not (user.is_active and user.is_superuser):
        answer = HttpResponse("METRICS_TOKEN as bearer is needed.\n", status=401, content_type="text/plain")
        answer.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return answer
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
