"""The history of what has rows of its own: each version names what changed in them, and is restored whole."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from planner.services import PARTS, link_to, part_records, parts_at, restore_parts
from regions.admin.base import EditedAdmin
from regions.admin.locking import LONGEST_REASON, own_fields, shown

# Columns that order or tie a part and say nothing to a reader of the history.
UNTOLD = ("position", "intervention", "parameter_set")
SHOWN_CHANGES = 40


class WholeHistoryAdmin(EditedAdmin):
    """Rows whose history includes the rows below them."""

    object_history_form_template = "admin/planner/restore.html"

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Beside its own fields, what changed in the rows below since that version, and who did it."""
        super().set_history_delta_changes(request, historical_records, *args, **kwargs)
        records = list(historical_records)
        if not records:
            return
        row = self.model(pk=records[0].id)
        changes = [
            change
            for part in PARTS[self.model]
            for kept in part_records(row, part).values()
            for change in part_changes(kept)
        ]
        changes.sort(key=lambda one: one["record"].history_date)
        later = None
        for record in records:
            own = [one for one in changes if belongs(one["record"], record, later)]
            record.part_changes, record.more_changes = own[:SHOWN_CHANGES], max(len(own) - SHOWN_CHANGES, 0)
            later = record

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """An old version with the rows below it, restored together."""
        row = self.get_object(request, object_id)
        if row is None:
            # Deleted since: its own fields can be brought back, and the page says so.
            return super().history_form_view(request, object_id, version_id, extra_context)
        record = row.history.filter(history_id=version_id).first()
        if record is None:
            raise Http404
        # A version lasts until the next one: what was saved with it a moment later belongs to it.
        later = record.next_record
        extra = {"parts_then": self.parts_then(row, later), **(extra_context or {})}
        with transaction.atomic():
            answer = super().history_form_view(request, object_id, version_id, extra)
            if request.method == "POST" and answer.status_code == 302 and later:
                reason = request.POST.get("change_reason") or _("restored")
                restore_parts(row, later.history_date, reason[:LONGEST_REASON])
        return answer

    def parts_then(self, row: Any, later: Any) -> list[dict[str, Any]]:
        """The rows of a version as tables of words, one table for each kind."""
        tables = []
        for part in PARTS[self.model]:
            now = part._default_manager.filter(**{link_to(part, self.model): row.pk})
            rows = list(parts_at(row, part, later.history_date).values() if later else now)
            fields = [one for one in own_fields(part) if one.name not in UNTOLD]
            filled = [field for field in fields if any(getattr(one, field.attname) not in (None, "") for one in rows)]
            tables.append(
                {
                    "title": capfirst(part._meta.verbose_name_plural),
                    "heads": [capfirst(field.verbose_name) for field in filled],
                    "rows": [[shown(one, field) for field in filled] for one in rows],
                }
            )
        return tables


def belongs(change: Any, record: Any, later: Any) -> bool:
    """Whether a change of a part fell between a version and the next; what came with the first version is no change."""
    if record.history_type == "+" and change.history_type == "+":
        return False
    return change.history_date >= record.history_date and (later is None or change.history_date < later.history_date)


def part_changes(kept: Sequence[Any]) -> Iterable[dict[str, Any]]:
    """What happened to one part, record by record: added, removed, or which values became which."""
    before = None
    for record in kept:
        old, now = (before.instance if before else None), record.instance
        values = []
        if record.history_type == "~" and old is not None:
            values = [
                {"field": field.verbose_name, "old": shown(old, field), "new": shown(now, field)}
                for field in own_fields(now)
                if field.name not in UNTOLD and getattr(old, field.attname) != getattr(now, field.attname)
            ]
        if values or record.history_type != "~":
            yield {
                "record": record,
                "kind": now._meta.verbose_name,
                "name": str(old if old is not None else now),
                "what": {"+": _("added"), "-": _("removed")}.get(record.history_type, ""),
                "values": values,
            }
        before = record
