"""An import on its way: uploaded files, what was chosen for them, and what the dry run and the import found."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from planner.models.vocabulary import choice_constraint


class ImportState(models.TextChoices):
    """From the upload to the batch."""

    UPLOADED = "uploaded", _("Uploaded")
    WAITING = "waiting", _("Waiting for a worker")
    WORKING = "working", _("Being read")
    CHECKED = "checked", _("Checked: nothing is stored yet")
    REFUSED = "refused", _("Refused: nothing was stored")
    LOADED = "loaded", _("Imported")
    FAILED = "failed", _("Failed: nothing was stored")
    DISCARDED = "discarded", _("Given up; the files are removed")


class ImportPhase(models.TextChoices):
    """What a worker is to do."""

    CHECK = "check", _("Dry run")
    LOAD = "load", _("Import")


ACTIVE_IMPORTS = (ImportState.WAITING, ImportState.WORKING)
KEPT_IMPORTS = (ImportState.UPLOADED, ImportState.CHECKED, ImportState.REFUSED)


class ImportJob(models.Model):
    """The files lie in a private folder until they are imported, given up or forgotten."""

    case = models.ForeignKey(
        "regions.Case", on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("case")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    folder = models.CharField(_("folder"), max_length=40, editable=False)
    files = models.JSONField(_("files"), default=list, help_text=_("Names and sizes."))
    format = models.CharField(_("format"), max_length=40, blank=True)
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    options = models.JSONField(_("options"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=ImportState.choices, default=ImportState.UPLOADED)
    phase = models.CharField(_("phase"), max_length=8, choices=ImportPhase.choices, default=ImportPhase.CHECK)
    report = models.JSONField(_("report"), default=dict, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    worker = models.CharField(_("worker"), max_length=120, blank=True)
    queued_at = models.DateTimeField(_("queued"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            choice_constraint("import_job", "state", ImportState),
            choice_constraint("import_job", "phase", ImportPhase),
        ]

    def __str__(self) -> str:
        return ", ".join(str(one["name"]) for one in self.files) or f"#{self.pk}"

    @property
    def is_active(self) -> bool:
        """Whether a worker has it or is to take it."""
        return self.state in ACTIVE_IMPORTS
