"""Approve and freeze runs: by an approver other than the author; a frozen run stays as it is."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from planner.models import IdempotencyKey, Run
from planner.models.vocabulary import Review, RunState
from planner.services.audit import audit

KEPT_ANSWERS = timedelta(days=7)


class ReviewRefused(Exception):
    """The run cannot take this step; the message says why."""


def run_review(run_id: int, step: Review, user: User) -> Run:
    """Take a run to draft, approved or frozen. The caller has checked that the user is an approver of its case."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        if problem := review_problem(run, step, user):
            raise ReviewRefused(problem)
        if step == Review.DRAFT:
            run.reviewed_by = run.reviewed_at = None
        elif run.review == Review.DRAFT:
            run.reviewed_by, run.reviewed_at = user, timezone.now()
        run.review = step
        run.save(update_fields=["review", "reviewed_by", "reviewed_at"])
        audit(user, run, "changed", f"review: {step}")
    return run


def review_problem(run: Run, step: Review, user: User) -> str:
    """Why the step may not be taken; empty where it may."""
    if run.state != RunState.DONE:
        return _("Only a run that is done can be approved or frozen.")
    if run.review == Review.FROZEN:
        return _("The run is frozen; that is for good.")
    if run.review == step:
        return _("The run already is: %(review)s.") % {"review": run.get_review_display()}
    if step == Review.FROZEN and run.review != Review.APPROVED:
        return _("Only an approved run can be frozen.")
    if step == Review.APPROVED and run.requested_by_id == user.pk:
        return _("A run is approved by somebody other than the one who started it.")
    return ""


def forget_old_answers() -> int:
    """Remove the answers kept for repeated requests once nobody repeats them any more."""
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_ANSWERS).delete()[0]
