"""Keep the report documents of finished runs, made by workers so that the first look at a result is quick."""

import json
import zlib
from typing import Any

from planner.models import Run, RunDocument
from planner.models.vocabulary import RunState
from planner.selectors import document_key, run_context, run_draws

# After an upgrade the documents of so many runs, the newest, are made anew; older ones when somebody looks at them.
KEPT_NEW = 20
KEY_FIELDS = ("request_digest", "finished_at")


def document_keep(run_id: int) -> bool:
    """Store the document of a run that is done; False where it is there already, or the run has no results."""
    run = Run.objects.select_related("snapshot").filter(pk=run_id, state=RunState.DONE).first()
    if run is None or RunDocument.objects.filter(run=run, key=document_key(run)).exists():
        return False
    kept = {"content": packed(run_context(run)), "draws": packed(run_draws(run))}
    RunDocument.objects.update_or_create(run=run, defaults={"key": document_key(run), **kept})
    return True


def packed(document: dict[str, Any]) -> bytes:
    """As compressed JSON."""
    return zlib.compress(json.dumps(document).encode())


def documents_missing() -> list[int]:
    """The newest runs whose document is not there, or is of another version of the code."""
    newest = list(Run.objects.filter(state=RunState.DONE).order_by("-pk").only(*KEY_FIELDS)[:KEPT_NEW])
    kept = dict(RunDocument.objects.filter(run__in=newest).values_list("run", "key"))
    return [run.pk for run in newest if kept.get(run.pk) != document_key(run)]
