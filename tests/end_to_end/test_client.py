"""The Python client: generated from the API as it is, and its example against a live server and a worker."""

import io
import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from planner.models import ApiToken, Run
from regions.access import Role, grant

CLIENT = settings.BASE_DIR / "clients" / "python"


def test_the_operations_are_those_of_the_api(tmp_path):
    text = io.StringIO()
    call_command("spectacular", format="openapi-json", stdout=text)
    subprocess.run([sys.executable, CLIENT / "generate.py", tmp_path], input=text.getvalue(), text=True, check=True)
    made, kept = (
        {path.name: path.read_text() for path in folder.glob("*.py")}
        for folder in (tmp_path, CLIENT / "border_trade_planner_client" / "operations")
    )
    assert made == kept, "write it anew as clients/python/README.md says"


def token_of(user: User, scope: str) -> str:
    token = ApiToken(user=user, name=scope, scopes=[scope], expires_at=timezone.now() + timedelta(hours=1))
    text = token.issue()
    token.save()
    return text


def pull(address: str, token: str, *arguments: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(CLIENT), "PLANNER_ADDRESS": address, "PLANNER_TOKEN": token}
    command = [sys.executable, str(CLIENT / "examples" / "pull_ranking.py"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)


@pytest.mark.django_db(transaction=True)
@pytest.mark.needs_broker
def test_the_example(case, live_server, one_worker):
    user = User.objects.create_user("script")
    grant(user, case, Role.PLANNER)
    token = token_of(user, "plan")
    for _ in range(2):
        done = pull(live_server.url, token, "small-2023", "20")
        assert done.returncode == 0, done.stderr
        names = [line.split()[-1] for line in done.stdout.splitlines()[1:]]
        assert names == ["exporters", "more-booths", "visitors", "tariff"]
    assert Run.objects.count() == 1, "the key makes the second call the same run"
    refused = pull(live_server.url, token_of(user, "read"), "small-2023")
    assert (refused.returncode, refused.stderr.split()[0]) == (1, "403")
    assert token not in done.stdout + done.stderr


@pytest.mark.django_db
def test_problems_and_pages(monkeypatch):
    monkeypatch.syspath_prepend(CLIENT)
    from border_trade_planner_client import Client

    with pytest.raises(ValueError, match="https"):
        Client("file:///etc", "t")
    client = Client("http://127.0.0.1", "t")
    answers = {"second": {"next": None, "results": [{"id": 3}]}}
    monkeypatch.setattr(client, "request", lambda method, address: answers[address])
    first = json.loads('{"next": "second", "results": [{"id": 1}, {"id": 2}]}')
    assert [row["id"] for row in client.pages(first)] == [1, 2, 3]
