"""Tokens made and revoked in the admin, approval by another, and the log of who wrote what."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from planner.models import ApiToken, Run
from planner.models.api_token import token_digest
from planner.models.vocabulary import Review
from planner.services import ReviewRefused, run_cancel, run_review, run_start
from regions.access import Role, grant
from tests.factories.runs import FEW, finished_run

pytestmark = pytest.mark.django_db


def person(name, case=None, role=None) -> User:
    user = User.objects.create_user(name, password="a password for tests", is_staff=True)
    if case:
        grant(user, case, role)
    return user


def make_token(client, **changes):
    soon = timezone.now() + timedelta(days=30)
    values = {
        "name": "script", "scopes": ["read"], "expires_at_0": soon.date().isoformat(), "expires_at_1": "12:00:00",
    }  # fmt: skip
    return client.post(reverse("admin:planner_apitoken_add"), values | changes)


class TestTokens:
    def test_the_text_is_shown_once_and_only_its_digest_kept(self, client):
        user = person("somebody")
        client.force_login(user)
        answer = make_token(client)
        text = re.search(r"btp_[0-9a-f]{8}_[\w-]{40,}", answer.content.decode()).group()
        assert "no-store" in answer.headers["Cache-Control"]
        token = ApiToken.objects.get()
        assert (token.user, token.digest, token.scopes) == (user, token_digest(text), ["read"])
        secret = text.split("_", 2)[2]
        for page in ("changelist", "change"):
            arguments = [token.pk] if page == "change" else []
            shown = client.get(reverse(f"admin:planner_apitoken_{page}", args=arguments))
            assert shown.status_code == 200
            assert secret not in shown.content.decode()
        assert not LogEntry.objects.filter(change_message__contains=secret).exists()

    def test_a_life_beyond_a_year_or_in_the_past_is_refused(self, client):
        client.force_login(person("somebody"))
        for day in ("2001-01-01", "2999-01-01"):
            assert make_token(client, expires_at_0=day).status_code == 200
        assert make_token(client, scopes=["everything"]).status_code == 200
        assert not ApiToken.objects.exists()

    def test_one_sees_ones_own(self, client):
        client.force_login(person("first"))
        make_token(client)
        token = ApiToken.objects.get()
        client.force_login(person("second"))
        assert make_token(client, user=token.user_id).status_code == 200
        assert ApiToken.objects.exclude(pk=token.pk).get().user.username == "second"
        page = client.get(reverse("admin:planner_apitoken_changelist"))
        assert token.prefix not in page.content.decode()
        act = {"action": "revoke", "_selected_action": [token.pk]}
        client.post(reverse("admin:planner_apitoken_changelist"), act)
        assert ApiToken.objects.get(pk=token.pk).is_valid()
        client.force_login(token.user)
        client.post(reverse("admin:planner_apitoken_changelist"), act)
        assert not ApiToken.objects.get(pk=token.pk).is_valid()


class TestReview:
    def test_by_another_than_the_author(self, case):
        author, other = person("author", case, Role.APPROVER), person("other", case, Role.APPROVER)
        run = finished_run(case, requested_by=author)
        with pytest.raises(ReviewRefused, match="somebody other"):
            run_review(run.pk, Review.APPROVED, author)
        with pytest.raises(ReviewRefused, match="Only an approved run"):
            run_review(run.pk, Review.FROZEN, other)
        approved = run_review(run.pk, Review.APPROVED, other)
        assert (approved.review, approved.reviewed_by) == ("approved", other)
        assert run_review(run.pk, Review.DRAFT, other).reviewed_by is None
        run_review(run.pk, Review.APPROVED, other)
        run_review(run.pk, Review.FROZEN, author)
        with pytest.raises(ReviewRefused, match="frozen"):
            run_review(run.pk, Review.DRAFT, other)

    def test_the_database_refuses_what_a_service_would(self, case):
        author = person("author", case, Role.APPROVER)
        run = finished_run(case, requested_by=author)
        now = timezone.now()
        for wrong in (
            {"review": "approved"},
            {"review": "approved", "reviewed_by": author, "reviewed_at": now},
            {"review": "lost"},
            {"reviewed_by": person("third"), "reviewed_at": now},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                Run.objects.filter(pk=run.pk).update(**wrong)

    def test_a_run_under_way_is_not_approved(self, case):
        run = run_start(case, settings=FEW).run
        with pytest.raises(ReviewRefused, match="done"):
            run_review(run.pk, Review.APPROVED, person("other"))

    def test_buttons(self, client, case):
        run = finished_run(case, requested_by=person("author"))
        page, act = (
            reverse("admin:planner_run_change", args=[run.pk]),
            reverse("admin:planner_run_review", args=[run.pk]),
        )
        client.force_login(person("planner", case, Role.PLANNER))
        assert act not in client.get(page).content.decode()
        assert client.post(act, {"step": "approved"}).status_code == 403
        client.force_login(person("approver", case, Role.APPROVER))
        assert act in client.get(page).content.decode()
        assert client.get(act).status_code == 405
        assert client.post(act, {"step": "nonsense"}).status_code == 403
        assert client.post(act, {"step": "approved"}).status_code == 302
        run.refresh_from_db()
        assert run.review == "approved"


class TestAudit:
    def test_runs_leave_their_record(self, case):
        user, other = person("planner", case, Role.PLANNER), person("approver", case, Role.APPROVER)
        run_review(finished_run(case, requested_by=user).pk, Review.APPROVED, other)
        run_cancel(run_start(case, settings={"draws": 7}, requested_by=user).run.pk, by=other)
        log = LogEntry.objects.order_by("pk").values_list("user__username", "change_message")
        assert list(log) == [
            ("planner", "run started"),
            ("approver", "review: approved"),
            ("planner", "run started"),
            ("approver", "run cancelled"),
        ]

    def test_the_log_is_for_administrators_and_is_not_changed(self, client, admin_client, case):
        client.force_login(person("planner", case, Role.PLANNER))
        assert client.get(reverse("admin:admin_logentry_changelist")).status_code == 403
        entry = run_start(case, settings=FEW, requested_by=person("p", case, Role.PLANNER)) and LogEntry.objects.get()
        assert admin_client.get(reverse("admin:admin_logentry_changelist")).status_code == 200
        assert admin_client.post(reverse("admin:admin_logentry_delete", args=[entry.pk])).status_code == 403
        assert admin_client.post(reverse("admin:auth_user_delete", args=[entry.user_id])).status_code == 403
