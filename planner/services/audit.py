"""The audit log: who wrote what, and by which way; Django's own log entries, so that pages and programs share one."""

from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

FLAGS = {"added": ADDITION, "changed": CHANGE, "deleted": DELETION}


def audit(user: Any, row: Model, action: str, message: str) -> None:
    """Record one act of a person ('added', 'changed', 'deleted'); commands without a user leave their own records."""
    if not isinstance(user, User):
        return
    LogEntry.objects.create(
        user_id=user.pk,
        content_type_id=ContentType.objects.get_for_model(row).pk,
        object_id=str(row.pk),
        object_repr=str(row)[:200],
        action_flag=FLAGS[action],
        change_message=message,
    )
