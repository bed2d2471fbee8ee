"""Cancel a run: nothing more is started, what is being computed is dropped when it ends."""

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from planner.models import Run, RunPart
from planner.models.vocabulary import ACTIVE_STATES, RunState
from planner.services.audit import audit


def run_cancel(run_id: int, reason: str = "", by: User | AnonymousUser | None = None) -> bool:
    """True if this call cancelled it; a run that has ended stays as it ended."""
    now = timezone.now()
    with transaction.atomic():
        cancelled = Run.objects.filter(pk=run_id, state__in=ACTIVE_STATES).update(
            state=RunState.CANCELLED, reason=reason or _("cancelled on request"), finished_at=now
        )
        if cancelled:
            RunPart.objects.filter(run_id=run_id, state__in=ACTIVE_STATES).update(
                state=RunState.CANCELLED, finished_at=now, lease_until=None
            )
            audit(by, Run.objects.get(pk=run_id), "changed", "run cancelled")
    return bool(cancelled)
