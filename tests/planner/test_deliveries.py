"""Deliveries to real servers on this machine: what is down is tried again and then told, nothing is lost."""

import hashlib
import hmac
import ipaddress
import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import boto3
import pytest
from aiosmtpd.controller import Controller
from django.contrib.auth.models import User
from django.test import Client
from moto import mock_aws

from planner.models import Alert, Delivery, DeliveryAttempt, Occurrence, ReportFile, Schedule
from planner.services.deliveries import PAUSES, deliver, delivery_resend, due_deliveries
from planner.services.occurrences import occurrence_make
from planner.services.outlets import guarded_http, webhook_secret
from planner.services.outlets.guarded_http import may_call
from planner.services.schedules import schedule_fire, schedule_save
from regions.access import Role, grant, set_members
from tests.factories.runs import finished_run

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 2, 9, tzinfo=UTC)


class MailServer:
    """A real SMTP server on a free port; `answer` is what it says to a recipient, or nothing to take the mail."""

    def __init__(self) -> None:
        self.messages, self.answer = [], None
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(message_from_bytes(envelope.content))
        return "250 taken"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def mail(settings):
    server = MailServer()
    server.controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.controller.port
    settings.REPORT_EMAIL_DOMAINS = ["bank.example"]
    settings.PUBLIC_URL = "https://planner.example"
    yield server
    server.controller.stop()


@pytest.fixture
def target(settings):
    """A web server that keeps what it gets; `status` and `headers` are its answer."""
    kept = SimpleNamespace(requests=[], status=200, headers={})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.requests.append((self.path, dict(self.headers), body))
            self.send_response(kept.status)
            for name, value in kept.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.port = server.server_address[1]
    kept.url = f"http://localhost:{kept.port}/hook?x=1"
    settings.REPORT_WEBHOOK_HTTP = True
    settings.REPORT_WEBHOOK_DOMAINS = ["localhost", "hook.example"]
    settings.REPORT_WEBHOOK_NETWORKS = ["127.0.0.0/8", "::1/128"]
    settings.PUBLIC_URL = "https://planner.example"
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture
def planner(case) -> User:
    user = User.objects.create_user("paula", email="paula@bank.example", password="x")
    grant(user, case, Role.PLANNER)
    return user


@pytest.fixture
def report(case, planner):
    """Makes a schedule with these recipients and a report of it; hands back its deliveries."""
    finished_run(case, slugs=["exporters"])

    def make(*recipients, **values) -> list[Delivery]:
        schedule = schedule_save(
            Schedule(case=case, name=f"S{Schedule.objects.count()}"),
            {"cron": "0 9 * * *", "formats": ["csv", "html"], "recipients": list(recipients), **values},
            planner,
        )
        occurrence_make(schedule_fire(schedule, planner, NOW).pk, NOW)
        return list(Delivery.objects.filter(occurrence__schedule=schedule, is_alert=False).order_by("pk"))

    return make


def exhausted(delivery: Delivery) -> datetime:
    """Try until it is given up; the moment of the last attempt."""
    now = NOW
    for pause in (*PAUSES, None):
        assert not deliver(delivery.pk, now)
        assert not deliver(delivery.pk, now), "not before its pause is over"
        now += pause or timedelta()
    return now


# --- E-mail -----------------------------------------------------------------------------------------------------------


def test_mail_with_files(mail, report):
    (one,) = report({"kind": "email", "address": "reader@bank.example"}, languages=["fr"])
    assert deliver(one.pk, NOW)
    (message,) = mail.messages
    parts = {part.get_filename(): part for part in message.walk() if part.get_filename()}
    assert sorted(part.get_content_type() for part in parts.values()) == ["text/csv", "text/html"]
    for file in ReportFile.objects.all():
        assert parts[file.name].get_payload(decode=True) == bytes(file.content)
    assert message["To"] == "reader@bank.example"
    assert message["Message-ID"].startswith(f"<{one.uid}@")
    one.refresh_from_db()
    assert (one.state, one.attempts, one.tries.get().ok) == ("sent", 1, True)
    assert not deliver(one.pk, NOW + timedelta(days=1)), "sent once"


def test_mail_with_links_that_expire_and_ask_who_opens_them(mail, report, planner, case):
    (one,) = report({"kind": "email", "address": "reader@bank.example", "attach": False})
    assert deliver(one.pk, datetime.now(UTC) + timedelta(seconds=1))
    text = mail.messages[0].get_payload(decode=True).decode()
    address = next(line for line in text.splitlines() if "planner.example" in line)
    path = address.removeprefix("https://planner.example")
    names = ReportFile.objects.values_list("name", flat=True)
    assert all(name in text for name in names)

    client = Client()
    assert client.get(path).status_code == 302, "signing in comes first"
    client.force_login(User.objects.create_user("stranger", password="x"))
    assert client.get(path).status_code == 404
    client.force_login(planner)
    answer = client.get(path)
    assert answer.status_code == 200
    file = ReportFile.objects.get(format="csv")
    assert answer.content == bytes(file.content)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get(path[:-2] + "xx").status_code == 404, "a changed link"
    Schedule.objects.update(link_sign_in=False)
    assert Client().get(path).status_code == 200
    set_members(case, Role.PLANNER, [])
    assert Client().get(path).status_code == 404, "the person who gave it out may not read the case any more"
    assert client.get(path).status_code == 404


def test_a_link_ends_with_its_days(mail, report, planner):
    (one,) = report({"kind": "email", "address": "reader@bank.example", "attach": False}, link_days=3)
    early = datetime.now(UTC) - timedelta(days=3, minutes=1)
    Delivery.objects.update(next_attempt_at=early)
    assert deliver(one.pk, early)
    text = mail.messages[0].get_payload(decode=True).decode()
    path = next(line for line in text.splitlines() if "planner.example" in line).removeprefix("https://planner.example")
    client = Client()
    client.force_login(planner)
    assert client.get(path).status_code == 404


def test_html_opens_in_a_sandbox_without_scripts(mail, report, planner):
    (one,) = report({"kind": "email", "address": "reader@bank.example", "attach": False, "formats": ["html"]})
    assert deliver(one.pk, datetime.now(UTC) + timedelta(seconds=1))
    text = mail.messages[0].get_payload(decode=True).decode()
    path = next(line for line in text.splitlines() if "planner.example" in line).removeprefix("https://planner.example")
    client = Client()
    client.force_login(planner)
    policy = client.get(path).headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy


def test_too_large_for_mail_goes_as_links(mail, report, settings):
    settings.REPORT_EMAIL_MEGABYTES = 0
    (one,) = report({"kind": "email", "address": "reader@bank.example"})
    assert deliver(one.pk, NOW)
    assert not mail.messages[0].is_multipart()
    assert "https://planner.example/reports/" in mail.messages[0].get_payload(decode=True).decode()


def test_a_mail_server_that_is_down_is_tried_again_then_told_and_nothing_is_lost(mail, report, planner):
    mail.controller.stop()
    (one,) = report({"kind": "email", "address": "reader@bank.example"})
    now = exhausted(one)
    one.refresh_from_db()
    assert (one.state, one.attempts) == ("dead", len(PAUSES) + 1)
    assert "refused" in one.error
    assert one.tries.filter(ok=False).count() == len(PAUSES) + 1
    alert = Alert.objects.get()
    assert alert.kind == "undelivered"
    (told,) = Delivery.objects.filter(is_alert=True)
    assert told.address == planner.email
    assert not deliver(told.pk, now), "the alert itself waits for the mail server too"
    assert Alert.objects.count() == 1, "an alert about an alert would have no end"

    mail.controller = Controller(mail, hostname="127.0.0.1", port=mail.controller.port)
    mail.controller.start()
    assert told.pk in due_deliveries(now + PAUSES[0])
    assert deliver(told.pk, now + PAUSES[0])
    assert "given up" in mail.messages[0].get_payload(decode=True).decode()
    assert not deliver(one.pk, now + timedelta(days=9)), "given up"
    assert delivery_resend(one, planner, now)
    assert deliver(one.pk, now)
    assert not delivery_resend(one, planner)
    assert len(mail.messages) == 2


def test_the_mail_servers_last_word_and_its_not_now(mail, report):
    mail.answer = "451 later"
    (one,) = report({"kind": "email", "address": "reader@bank.example"})
    assert not deliver(one.pk, NOW)
    one.refresh_from_db()
    assert (one.state, one.next_attempt_at) == ("waiting", NOW + PAUSES[0])
    mail.answer = "550 no such person"
    assert not deliver(one.pk, NOW + PAUSES[0])
    one.refresh_from_db()
    assert (one.state, one.attempts) == ("dead", 2)
    assert "no such person" in one.error


def test_a_domain_that_is_no_longer_allowed(mail, report, settings):
    (one,) = report({"kind": "email", "address": "reader@bank.example"})
    settings.REPORT_EMAIL_DOMAINS = [".example.org"]
    assert not deliver(one.pk, NOW)
    one.refresh_from_db()
    assert one.state == "dead"
    assert mail.messages == []
    assert Alert.objects.get().kind == "undelivered"


def test_a_worker_that_died_while_sending(mail, report):
    (one,) = report({"kind": "email", "address": "reader@bank.example"})
    Delivery.objects.update(state="sending", claim="gone", lease_until=NOW + timedelta(minutes=10), attempts=1)
    assert due_deliveries(NOW) == []
    assert not deliver(one.pk, NOW)
    later = NOW + timedelta(minutes=10)
    assert due_deliveries(later) == [one.pk]
    assert deliver(one.pk, later)
    lost, sent = one.tries.order_by("pk")
    assert (lost.ok, sent.ok) == (False, True)
    assert "may have arrived" in lost.detail


def test_a_worker_killed_after_the_target_took_it_repeats_it_with_the_same_key(target, report, monkeypatch):
    """At least once: the target can tell the second from a new one, and nothing is lost in silence."""
    (one,) = report({"kind": "webhook", "address": target.url})

    def killed(*arguments, **values):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(DeliveryAttempt.objects, "create", killed)
        with pytest.raises(SystemExit):
            deliver(one.pk, NOW)
    one.refresh_from_db()
    assert (one.state, len(target.requests)) == ("sending", 1)
    assert not deliver(one.pk, NOW + timedelta(minutes=9)), "another worker may still be at it"
    assert deliver(one.pk, NOW + timedelta(minutes=10))
    (_, first, body), (_, second, again) = target.requests
    assert first["Idempotency-Key"] == second["Idempotency-Key"] == str(one.uid)
    assert (first["X-Planner-Attempt"], second["X-Planner-Attempt"]) == ("1", "2")
    assert json.loads(body)["files"][0]["sha256"] == json.loads(again)["files"][0]["sha256"]
    assert not deliver(one.pk, NOW + timedelta(days=1)), "sent"
    assert Delivery.objects.get(pk=one.pk).state == "sent"


def test_a_mail_that_is_repeated_has_the_same_message_id(mail, report, monkeypatch):
    (one,) = report({"kind": "email", "address": "reader@bank.example"})

    def killed(*arguments, **values):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(DeliveryAttempt.objects, "create", killed)
        with pytest.raises(SystemExit):
            deliver(one.pk, NOW)
    assert deliver(one.pk, NOW + timedelta(minutes=10))
    assert len({message["Message-ID"] for message in mail.messages}) == 1
    assert len(mail.messages) == 2


def test_a_delivery_whose_worker_dies_every_time_is_given_up_with_an_alert(mail, report):
    (one,) = report({"kind": "email", "address": "reader@bank.example"})
    now = NOW
    for attempt in range(1, len(PAUSES) + 2):
        Delivery.objects.filter(pk=one.pk).update(state="sending", claim="gone", lease_until=now, attempts=attempt)
    assert not deliver(one.pk, now)
    one.refresh_from_db()
    assert one.state == "dead"
    assert Alert.objects.get().kind == "undelivered"
    assert mail.messages == []


# --- Webhook ----------------------------------------------------------------------------------------------------------


def test_a_webhook_is_signed_and_says_what_there_is(target, report):
    (one,) = report({"kind": "webhook", "address": target.url})
    assert deliver(one.pk, NOW)
    ((path, headers, body),) = target.requests
    assert path == "/hook?x=1"
    secret = webhook_secret(one.recipient).encode()
    signed = headers["X-Planner-Timestamp"].encode() + b"." + body
    assert headers["X-Planner-Signature"] == "v1=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()
    assert headers["X-Planner-Delivery"] == str(one.uid)
    assert abs(int(headers["X-Planner-Timestamp"]) - datetime.now(UTC).timestamp()) < 60
    facts = json.loads(body)
    assert {file["sha256"] for file in facts["files"]} == set(ReportFile.objects.values_list("sha256", flat=True))
    assert all(file["url"].startswith("https://planner.example/reports/") for file in facts["files"])
    recipient = one.recipient
    recipient.secret_version += 1
    assert webhook_secret(recipient) != secret.decode()


@pytest.mark.parametrize(("status", "state"), [(503, "waiting"), (429, "waiting"), (404, "dead"), (410, "dead")])
def test_answers_that_may_pass_and_those_that_do_not(target, report, status, state):
    target.status = status
    (one,) = report({"kind": "webhook", "address": target.url})
    assert not deliver(one.pk, NOW)
    one.refresh_from_db()
    assert one.state == state
    assert str(status) in one.error


def test_a_target_that_is_down(target, report, planner, settings):
    settings.REPORT_WEBHOOK_DOMAINS = ["localhost"]
    (one,) = report({"kind": "webhook", "address": f"http://localhost:{free_port()}/"})
    exhausted(one)
    one.refresh_from_db()
    assert one.state == "dead"
    assert Alert.objects.get().kind == "undelivered"
    assert DeliveryAttempt.objects.filter(delivery=one).count() == len(PAUSES) + 1


def test_a_redirect_is_not_followed(target, report):
    target.status, target.headers = 307, {"Location": f"http://127.0.0.1:{target.port}/secret"}
    (one,) = report({"kind": "webhook", "address": target.url})
    assert not deliver(one.pk, NOW)
    assert [path for path, _, _ in target.requests] == ["/hook?x=1"]
    one.refresh_from_db()
    assert one.state == "dead"
    assert "redirect" in one.error


def test_a_name_that_leads_to_a_private_address_is_refused(target, report, settings):
    settings.REPORT_WEBHOOK_NETWORKS = []
    (one,) = report({"kind": "webhook", "address": target.url})
    assert not deliver(one.pk, NOW)
    assert target.requests == []
    one.refresh_from_db()
    assert one.state == "dead"
    assert "REPORT_WEBHOOK_NETWORKS" in one.error


def answers(*texts):
    """getaddrinfo as a name server would answer."""
    family = [socket.AF_INET6 if ":" in text else socket.AF_INET for text in texts]
    return [(kind, socket.SOCK_STREAM, 6, "", (text, 80)) for kind, text in zip(family, texts, strict=True)]


def test_a_name_that_changes_between_check_and_call(target, report, monkeypatch):
    """The first answer is checked and called, whatever the name server says afterwards."""
    asked, called = [], []
    real = socket.create_connection

    def resolve(host, port, *arguments, **choice):
        asked.append(host)
        return answers("127.0.0.1" if len(asked) == 1 else "10.0.0.1")

    def connect(address, *arguments, **choice):
        called.append(address[0])
        return real(address, *arguments, **choice)

    (one,) = report({"kind": "webhook", "address": f"http://hook.example:{target.port}/"})
    with monkeypatch.context() as patched:
        patched.setattr(guarded_http, "socket", SimpleNamespace(**vars(socket)))
        patched.setattr(guarded_http.socket, "getaddrinfo", resolve)
        patched.setattr(guarded_http.socket, "create_connection", connect)
        assert deliver(one.pk, NOW)
    assert asked == ["hook.example"], "the name is resolved once"
    assert called == ["127.0.0.1"]
    assert target.requests[0][1]["Host"] == f"hook.example:{target.port}"


def test_one_private_address_among_public_ones_is_enough_to_refuse(target, report, settings, monkeypatch):
    settings.REPORT_WEBHOOK_NETWORKS = []
    (one,) = report({"kind": "webhook", "address": "http://hook.example/"})
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: answers("93.184.215.14", "169.254.169.254"))
    assert not deliver(one.pk, NOW)
    one.refresh_from_db()
    assert "169.254.169.254" in one.error


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:a00:1", "64:ff9b::a00:1", "2002:a00:1::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(text, settings):
    settings.REPORT_WEBHOOK_NETWORKS = []
    assert not may_call(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["93.184.215.14", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d70e"])
def test_addresses_that_are(text, settings):
    settings.REPORT_WEBHOOK_NETWORKS = []
    assert may_call(ipaddress.ip_address(text))


# --- Folder and store -------------------------------------------------------------------------------------------------


def test_a_folder_and_a_way_out_of_it(report, settings, tmp_path):
    settings.REPORT_FOLDER = tmp_path / "out"
    (one,) = report({"kind": "folder", "address": "ministry/monthly"})
    assert deliver(one.pk, NOW)
    for file in ReportFile.objects.all():
        (found,) = (tmp_path / "out" / "ministry" / "monthly").rglob(file.name)
        assert found.read_bytes() == bytes(file.content)
    assert list((tmp_path / "out").rglob("*.part")) == []

    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "sly").symlink_to(tmp_path / "elsewhere")
    (two,) = report({"kind": "folder", "address": "sly"})
    assert not deliver(two.pk, NOW)
    two.refresh_from_db()
    assert two.state == "dead"
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_store(report, settings, monkeypatch):
    settings.REPORT_S3_BUCKETS = ["reports", "missing"]
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        store = boto3.client("s3", region_name="us-east-1")
        store.create_bucket(Bucket="reports")
        one, two = report({"kind": "s3", "address": "s3://reports/border"}, {"kind": "s3", "address": "s3://missing"})
        assert deliver(one.pk, NOW)
        keys = [entry["Key"] for entry in store.list_objects_v2(Bucket="reports")["Contents"]]
        for file in ReportFile.objects.all():
            key = f"border/small-2023/s0/{Occurrence.objects.get().due_at:%Y%m%dT%H%M%SZ}/{file.name}"
            assert key in keys
            assert store.get_object(Bucket="reports", Key=key)["Body"].read() == bytes(file.content)
        assert not deliver(two.pk, NOW)
    two.refresh_from_db()
    assert (two.state, "NoSuchBucket" in two.error) == ("dead", True)


def test_recipients_get_their_formats_and_language(mail, report):
    one, two = report(
        {"kind": "email", "address": "one@bank.example", "formats": ["html"], "language": "fr"},
        {"kind": "email", "address": "two@bank.example", "language": "es", "formats": ["csv"]},
        languages=["fr", "en"],
    )
    assert deliver(one.pk, NOW)
    names = [part.get_filename() for part in mail.messages[0].walk() if part.get_filename()]
    assert [name[-7:] for name in names] == ["fr.html"]
    assert not deliver(two.pk, NOW)
    two.refresh_from_db()
    assert two.state == "dead", "the schedule has no Spanish"
