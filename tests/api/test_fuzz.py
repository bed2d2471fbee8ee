"""Requests made from the API's own description, well formed and not: no fault of ours, no answer that it does not describe."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance, response_schema_conformance

from planner.api import events
from planner.models import ApiToken
from regions.access import Role, case_path, grant
from tests.api.test_routes import ALL

# Thousands of requests; the usual limit is for a machine that does little else.
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]

# Of each operation and each kind of request; CI has no time for more, and they differ by role.
EXAMPLES = 3
few = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ROLES = {"anonymous": None, "viewer": Role.VIEWER, "planner": Role.PLANNER, "approver": Role.APPROVER}


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests through the server's own entry keep the connection of the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def token_of(user: User) -> str:
    token = ApiToken(user=user, name="t", scopes=["approve"], expires_at=timezone.now() + timedelta(hours=1))
    text = token.issue()
    token.save()
    return text


def real_keys(cases) -> dict[str, list]:
    """For the addresses of the API the keys that there are, of the own and of the foreign case."""
    found: dict[str, list] = {}
    for name, pattern in ALL.items():
        view = getattr(pattern.callback, "cls", None)
        if view is None or not hasattr(view, "queryset") or not name.endswith("-detail"):
            continue
        path = case_path(view.queryset.model)
        rows = view.queryset.model._default_manager.filter(
            **{f"{path}__in" if path else "pk__in": [case.pk for case in cases.values()]}
        )
        found[name.removesuffix("-detail")] = list(rows.values_list(view.lookup_field, flat=True)[:40])
    return found


def beyond_schema(name: str, value: object) -> bool:
    """Whether a value may be refused for what no schema can say: cursors are made by lists, boxes lie on the globe."""
    text = str(value)
    return name in ("cursor", "bbox") or "\x00" in text or (name == "ordering" and "," in text)


def asking(ask, label: str, mode: GenerationMode):
    """The function that Hypothesis calls: it must have no defaults."""

    def one(case):
        ask(case, label, mode)

    return one


@pytest.mark.parametrize("role", ROLES)
def test_every_operation(cases, one_connection, role, monkeypatch):
    for name in ("enqueue_run", "enqueue_report", "enqueue_deliveries"):
        monkeypatch.setattr(f"planner.tasks.{name}", lambda *_: None)
    monkeypatch.setattr(events, "LONGEST_SECONDS", 0)
    user = User.objects.create_user("fuzz")
    describing = {"Authorization": f"Bearer {token_of(user)}"}
    headers = describing if ROLES[role] else {}
    if ROLES[role]:
        grant(user, cases["own"], ROLES[role])
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application(), headers=describing)
    keys = [key for some in real_keys(cases).values() for key in some]
    choose, wrong, sent = random.Random(1), [], 0

    def ask(case, label: str, mode: GenerationMode) -> None:
        nonlocal sent
        sent += 1
        left_out = []
        if mode is GenerationMode.POSITIVE:
            if case.path_parameters and choose.random() < 0.7:
                case.path_parameters = dict.fromkeys(case.path_parameters, choose.choice(keys))
            for name in [name for name, value in (case.query or {}).items() if beyond_schema(name, value)]:
                del case.query[name]
            if case.method != "GET":
                # A body may be well formed and name a case that there is not.
                left_out = [positive_data_acceptance]
        if label.endswith("/events/"):
            # The schema is of the JSON that an event carries; the check takes it for the event around it.
            left_out.append(response_schema_conformance)
        with transaction.atomic():
            try:
                case.call_and_validate(headers=headers, excluded_checks=left_out)
            except FailureGroup as failures:
                wrong.extend(f"{label} {mode.value} {case.query}: {one}"[:900] for one in failures.exceptions)
            transaction.set_rollback(True)

    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            asked = given(case=operation.as_strategy(generation_mode=mode))(asking(ask, operation.label, mode))
            try:
                few(asked)()
            except Unsatisfiable:
                # Nothing of the operation can be wrong: it has no parameters.
                continue
    assert sent > 300
    assert not wrong, f"{len(wrong)} of {sent}\n" + "\n---\n".join(dict.fromkeys(wrong))
