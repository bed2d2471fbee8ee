"""Takes an import back exactly: its rows go, and what it replaced counts again."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models, transaction

from regions.importing.batches import Status, one_import_at_a_time
from regions.models import BorderEntryCount, ImportBatch, TransBorderFlow

Kind = ImportBatch.Kind

# What each kind of batch stores, which nothing else points at.
MODELS: dict[str, tuple[type[models.Model], ...]] = {
    Kind.TRANSBORDER: (TransBorderFlow,),
    Kind.BORDER_ENTRY: (BorderEntryCount,),
}


class UndoRefused(Exception):
    """The batch cannot be taken back; nothing was changed."""


@dataclass(frozen=True)
class Undone:
    """What was taken back."""

    batch: ImportBatch
    rows: int
    restored: tuple[ImportBatch, ...]


def undo_import(batch_id: int) -> Undone:
    """Deletes the rows of a batch and brings back the batches that it replaced; raises UndoRefused.

    The record of the import stays, marked as undone, so that the history of the data can be read.
    """
    with transaction.atomic():
        one_import_at_a_time()
        batch = ImportBatch.objects.select_for_update(of=("self",)).filter(pk=batch_id).first()
        refuse_where_not_possible(batch, batch_id)
        assert batch is not None
        rows = sum(delete_rows(model, batch) for model in MODELS[batch.kind])
        stored = sum(batch.rows.values())
        if rows != stored:
            raise UndoRefused(
                f"Batch {batch_id} stored {stored} rows and {rows} are left: they were changed since. Nothing was undone."
            )
        restored = tuple(ImportBatch.objects.filter(superseded_by=batch).order_by("pk"))
        ImportBatch.objects.filter(superseded_by=batch).update(status=Status.LOADED, superseded_by=None)
        batch.status = Status.UNDONE
        batch.save(update_fields=["status"])
    return Undone(batch, rows, restored)


def refuse_where_not_possible(batch: ImportBatch | None, batch_id: int) -> None:
    """The reasons for which a batch stays."""
    if batch is None:
        raise UndoRefused(f"There is no batch {batch_id}.")
    if batch.kind not in MODELS:
        raise UndoRefused(
            f"Batch {batch_id} is a {batch.get_kind_display()}: import the earlier folder with --replace to go back to it."
        )
    if batch.status == Status.UNDONE:
        raise UndoRefused(f"Batch {batch_id} was undone before.")
    if batch.status == Status.SUPERSEDED:
        raise UndoRefused(f"Batch {batch_id} was replaced by batch {batch.superseded_by_id}: undo that one first.")


def delete_rows(model: type[models.Model], batch: ImportBatch) -> int:
    """One DELETE, whatever the number of rows."""
    return model._default_manager.filter(batch=batch)._raw_delete(model._default_manager.db)
