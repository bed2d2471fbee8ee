"""Takes an import back exactly: its rows go, and what it replaced counts again."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, models, transaction

from regions.importing.batches import Status, one_import_at_a_time
from regions.importing.restore import UndoRefused, restore
from regions.models import BorderEntryCount, ImportBatch, TransBorderFlow

__all__ = ["UndoRefused", "Undone", "undo_import"]

Kind = ImportBatch.Kind

# Official files fill tables of their own, in which nothing is ever updated: their rows go with their batch. What other
# imports changed was written down.
OFFICIAL_MODELS: dict[str, type[models.Model]] = {
    Kind.TRANSBORDER: TransBorderFlow,
    Kind.BORDER_ENTRY: BorderEntryCount,
}


@dataclass(frozen=True)
class Undone:
    """What was taken back."""

    batch: ImportBatch
    rows: int
    restored: tuple[ImportBatch, ...]


def undo_import(batch_id: int) -> Undone:
    """Takes back what a batch brought and brings back the batches that it replaced; raises UndoRefused.

    The record of the import stays, marked as undone, so that the history of the data can be read.
    """
    try:
        with transaction.atomic():
            one_import_at_a_time()
            found = ImportBatch.objects.select_for_update(of=("self",)).filter(pk=batch_id).first()
            batch = undoable(found, batch_id)
            batch.status = Status.UNDONE
            batch.save(update_fields=["status"])
            rows = delete_official_rows(batch) if batch.kind in OFFICIAL_MODELS else restore(batch)
            restored = tuple(ImportBatch.objects.filter(superseded_by=batch).order_by("pk"))
            ImportBatch.objects.filter(superseded_by=batch).update(status=Status.LOADED, superseded_by=None)
    except IntegrityError as error:
        raise UndoRefused(f"Batch {batch_id} cannot be taken back: something still uses what it brought.") from error
    batch.refresh_from_db()
    return Undone(batch, rows, restored)


def undoable(batch: ImportBatch | None, batch_id: int) -> ImportBatch:
    """The batch, or the reason for which it stays."""
    if batch is None:
        raise UndoRefused(f"There is no batch {batch_id}.")
    if batch.status == Status.UNDONE:
        raise UndoRefused(f"Batch {batch_id} was undone before.")
    if batch.status == Status.SUPERSEDED:
        raise UndoRefused(f"Batch {batch_id} was replaced by batch {batch.superseded_by_id}: undo that one first.")
    return batch


def delete_official_rows(batch: ImportBatch) -> int:
    """One DELETE, whatever the number of rows."""
    model = OFFICIAL_MODELS[batch.kind]
    rows: int = model._default_manager.filter(batch=batch)._raw_delete(model._default_manager.db)
    stored = sum(batch.rows.values())
    if rows != stored:
        raise UndoRefused(
            f"Batch {batch.pk} stored {stored} rows and {rows} are left: they were changed since. Nothing was undone."
        )
    return rows
