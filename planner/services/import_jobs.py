"""Imports step by step: keep the uploaded files, dry-run, load, forget. A worker's death loses and doubles nothing."""

import json
import shutil
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.text import get_valid_filename

from planner.models import ImportJob
from planner.models.import_job import KEPT_IMPORTS, ImportPhase, ImportState
from planner.services.parts import worker_name
from planner.services.sweep import died_here
from regions.importing import registry
from regions.importing.format import Format
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.models import Case

UPLOADS: Path = settings.DATA_DIR / "uploads"
PROGRESS_FILE, STOP_FILE = ".progress", ".stop"
SECONDS_BETWEEN_NOTES = 0.5
# What nobody goes on with is forgotten; a message that nobody took is sent again; a silent worker is given up.
FORGOTTEN_AFTER, SENT_AGAIN_AFTER, SILENT_AFTER = timedelta(days=1), timedelta(minutes=5), timedelta(minutes=15)
MOST_FILES = 40
TRANSIENT = (OperationalError, InterfaceError, MemoryError)


class ImportStopped(Exception):
    """Somebody gave the import up while it was going on."""


def folder_of(job: ImportJob) -> Path:
    """The private folder of a job's files."""
    return UPLOADS / job.folder


def paths_of(job: ImportJob) -> list[Path]:
    """The uploaded files."""
    return [folder_of(job) / one["name"] for one in job.files]


def import_upload(files: Iterable[UploadedFile], case: Case | None, user: Any) -> ImportJob:
    """Keep the files and find their format. Raises ImportRefused where they are nothing that can be imported."""
    job = ImportJob(case=case, user=user, folder=uuid.uuid4().hex)
    folder = folder_of(job)
    folder.mkdir(parents=True, mode=0o700)
    try:
        for number, file in enumerate(files):
            if number >= MOST_FILES:
                raise refused(file.name or "", f"expected at most {MOST_FILES} files at once")
            name = get_valid_filename((file.name or "file")[-120:])
            if any(one["name"] == name for one in job.files):
                raise refused(name, "expected files with different names")
            with (folder / name).open("xb") as kept:
                for chunk in file.chunks():
                    kept.write(chunk)
            job.files.append({"name": name, "bytes": file.size})
        possible, likely = possible_formats(paths_of(job)[0])
        if not possible:
            kinds = ", ".join(str(one.title) for one in registry.formats())
            raise refused(job.files[0]["name"], f"expected one of: {kinds}")
        job.format = possible[0].id if likely else ""
        job.save()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return job


def possible_formats(path: Path) -> tuple[list[Format], bool]:
    """Formats that the file can be, the likeliest first, and whether any was recognised by its columns.

    Whatever is a table can also be any format whose columns can be mapped.
    """
    found = [one.format for one in registry.detect(path)]
    kind = registry.read_columns(path).kind
    others = [one for one in registry.formats() if one.can_map and kind in one.kinds and one not in found]
    return [*found, *others], bool(found)


def refused(name: str, expectation: str) -> ImportRefused:
    """A refusal of a file as a whole."""
    return ImportRefused(Problems([Problem(name, 0, "", "", expectation, "not_importable")]))


def import_ask(
    job: ImportJob, phase: ImportPhase, *, mapping: Mapping[str, str], options: Mapping[str, Any], format_id: str
) -> bool:
    """Have a worker check or load it; False where it already goes on or has ended. The caller sends the message."""
    allowed = KEPT_IMPORTS if phase == ImportPhase.CHECK else (ImportState.CHECKED,)
    return bool(
        ImportJob.objects.filter(pk=job.pk, state__in=allowed).update(
            state=ImportState.WAITING,
            phase=phase,
            format=format_id,
            case=job.case,
            mapping=dict(mapping),
            options=dict(options),
            queued_at=timezone.now(),
            updated_at=timezone.now(),
        )
    )


def import_run(job_id: int) -> bool:
    """What a worker does with one message; True if this call took the job."""
    taken = ImportJob.objects.filter(pk=job_id, state=ImportState.WAITING).update(
        state=ImportState.WORKING, worker=worker_name(), updated_at=timezone.now()
    )
    if not taken:
        return False
    job = ImportJob.objects.select_related("case", "user").get(pk=job_id)
    call = registry.load if job.phase == ImportPhase.LOAD else registry.dry_run
    paths = paths_of(job)
    try:
        report = call(
            job.format,
            paths if registry.get_format(job.format).several_files else paths[0],
            job.case,
            job.mapping,
            options=job.options,
            user=job.user,
            progress=Notes(job),
        )
    except ImportStopped:
        close(job, ImportState.DISCARDED)
    except ImportRefused as refusal:
        close(job, ImportState.REFUSED, {"problems": refusal.problems.as_json()})
    except TRANSIENT:
        ImportJob.objects.filter(pk=job_id).update(state=ImportState.WAITING, worker="", queued_at=None)
        raise
    except Exception as error:  # the page says why, instead of a job that never ends
        close(job, ImportState.FAILED, reason=f"{type(error).__name__}: {error}")
    else:
        loaded = job.phase == ImportPhase.LOAD
        close(job, ImportState.LOADED if loaded else ImportState.CHECKED, report.as_json())
    return True


def close(job: ImportJob, state: ImportState, report: dict[str, Any] | None = None, reason: str = "") -> None:
    """Keep what was found; files that nobody needs any more are removed."""
    ImportJob.objects.filter(pk=job.pk).update(
        state=state, report=report or {}, reason=reason[:2000], worker="", updated_at=timezone.now()
    )
    if state not in KEPT_IMPORTS:
        shutil.rmtree(folder_of(job), ignore_errors=True)


class Notes:
    """Writes progress into the job's folder: a row could not be read by others before the import has committed."""

    def __init__(self, job: ImportJob) -> None:
        self.folder = folder_of(job)
        self.noted_at = 0.0

    def __call__(self, done: int, total: int, label: str = "") -> None:
        """Called often; ends the import where somebody gave it up."""
        now = time.monotonic()
        if now - self.noted_at < SECONDS_BETWEEN_NOTES and done < total:
            return
        self.noted_at = now
        if (self.folder / STOP_FILE).exists():
            raise ImportStopped
        note = self.folder / f"{PROGRESS_FILE}.new"
        note.write_text(json.dumps({"done": done, "total": total, "label": label}), encoding="utf-8")
        note.replace(self.folder / PROGRESS_FILE)


def import_progress(job: ImportJob) -> dict[str, Any]:
    """The last note: done, total, label; nothing before the first."""
    try:
        note: dict[str, Any] = json.loads((folder_of(job) / PROGRESS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"done": 0, "total": 0, "label": ""}
    return note


def import_discard(job: ImportJob) -> None:
    """Give an import up: at once where nobody works on it, else at the worker's next note."""
    waiting = (*KEPT_IMPORTS, ImportState.WAITING)
    if ImportJob.objects.filter(pk=job.pk, state__in=waiting).update(
        state=ImportState.DISCARDED, updated_at=timezone.now()
    ):
        shutil.rmtree(folder_of(job), ignore_errors=True)
    elif folder_of(job).is_dir():
        (folder_of(job) / STOP_FILE).touch()


def import_sweep() -> list[int]:
    """Put back the jobs of dead workers, forget what nobody goes on with; ids of the jobs that need a message."""
    now = timezone.now()
    for job in ImportJob.objects.filter(state=ImportState.WORKING):
        if died_here(job.worker) or silent(job):
            ImportJob.objects.filter(pk=job.pk, worker=job.worker, state=ImportState.WORKING).update(
                state=ImportState.WAITING, worker="", queued_at=None
            )
    for job in ImportJob.objects.filter(state__in=KEPT_IMPORTS, updated_at__lt=now - FORGOTTEN_AFTER):
        import_discard(job)
    remove_lost_folders((now - 2 * FORGOTTEN_AFTER).timestamp())
    waiting = ImportJob.objects.filter(state=ImportState.WAITING)
    ids = [job.pk for job in waiting if job.queued_at is None or job.queued_at < now - SENT_AGAIN_AFTER]
    waiting.filter(pk__in=ids).update(queued_at=now)
    return ids


def remove_lost_folders(before: float) -> None:
    """Folders that no import owns, such as those of a case that was deleted."""
    old = {folder.name: folder for folder in UPLOADS.glob("*") if folder.stat().st_mtime < before}
    owned = ImportJob.objects.filter(folder__in=old).values_list("folder", flat=True)
    for name in old.keys() - set(owned):
        shutil.rmtree(old[name], ignore_errors=True)


def silent(job: ImportJob) -> bool:
    """Whether the worker has written nothing for long."""
    try:
        last = (folder_of(job) / PROGRESS_FILE).stat().st_mtime
    except OSError:
        last = job.updated_at.timestamp()
    return max(last, job.updated_at.timestamp()) < (timezone.now() - SILENT_AFTER).timestamp()
