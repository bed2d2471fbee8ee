"""Take up a run that has ended with parts left over: what failed or was cancelled is estimated again, the rest stands."""

from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from planner.models import Effect, Ranking, Run, RunAnalysis, RunPart
from planner.models.vocabulary import AFTER_EFFECTS, FINISHED_STATES, EffectStatus, Review, RunState
from planner.services.audit import audit

LEFT_OVER = (RunState.FAILED, RunState.CANCELLED)


class RetryRefused(Exception):
    """There is nothing to try again, or it may not be tried; the message says which."""


def run_retry(run_id: int, by: User | AnonymousUser | None = None) -> Run:
    """Put the failed and cancelled parts back to wait. The caller sends their messages once this has committed."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        if problem := retry_problem(run):
            raise RetryRefused(problem)
        parts = RunPart.objects.filter(run=run, state__in=LEFT_OVER)
        estimates = list(parts.exclude(intervention="").values_list("intervention", flat=True))
        if estimates:
            # Effects that come now change what compares them.
            parts = RunPart.objects.filter(run=run).filter(Q(state__in=LEFT_OVER) | Q(analysis__in=AFTER_EFFECTS))
        names = list(parts.exclude(analysis="").values_list("analysis", flat=True))
        Effect.objects.filter(run=run, intervention__in=estimates, status=EffectStatus.FAILED).delete()
        RunAnalysis.objects.filter(run=run, kind__in=names).delete()
        # The ranking compares all effects: it is made anew when the last part has ended.
        Ranking.objects.filter(run=run).delete()
        parts.update(
            state=RunState.PENDING,
            attempts=0,
            error="",
            worker="",
            claim="",
            claimed_at=None,
            lease_until=None,
            finished_at=None,
            reused=False,
            queued_at=timezone.now(),
        )
        if estimates:
            waiting = RunPart.objects.filter(run=run, state=RunState.PENDING).exclude(analysis="")
            waiting.update(queued_at=None)  # sent when the effects are there
        run.state, run.reason, run.finished_at = RunState.PENDING, "", None
        try:
            with transaction.atomic():
                run.save(update_fields=["state", "reason", "finished_at"])
        except IntegrityError as error:
            raise RetryRefused(_("The same estimate is already under way in another run.")) from error
        audit(by, run, "changed", "failed parts tried again")
    return run


def retry_problem(run: Run) -> str:
    """Why the run cannot be taken up again; empty where it can."""
    if run.state not in FINISHED_STATES:
        return _("The run is still going on.")
    if run.review != Review.DRAFT:
        return _("The run is approved; its results stay as they are.")
    if not RunPart.objects.filter(run=run, state__in=LEFT_OVER).exists():
        return _("No part of the run failed or was cancelled.")
    return ""
