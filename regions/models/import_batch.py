"""The record of one import: which files, who, when, how many rows, what was wrong."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ImportBatch(models.Model):
    """One import. Every imported row points to the batch that last brought it."""

    class Status(models.TextChoices):
        LOADING = "loading", _("loading")
        LOADED = "loaded", _("loaded")
        SUPERSEDED = "superseded", _("superseded by a later import")
        UNDONE = "undone", _("undone")

    class Kind(models.TextChoices):
        CASE_FOLDER = "case_folder", _("case folder")
        TRANSBORDER = "transborder", _("BTS TransBorder freight")
        BORDER_ENTRY = "border_entry", _("BTS Border Crossing/Entry")
        WAIT_RECORDS = "wait_records", _("records of waits")
        WAIT_MEASUREMENTS = "wait_measurements", _("measurements of waits")
        REGIONS = "regions", _("regions")
        CROSSINGS = "crossings", _("crossings")
        FLOWS = "flows", _("flows")
        INPUT_OUTPUT = "input_output", _("input-output table")
        TARIFFS = "tariffs", _("tariffs")
        ACCOUNTS = "accounts", _("regional accounts")

    case = models.ForeignKey(
        "regions.Case",
        models.PROTECT,
        related_name="batches",
        null=True,
        blank=True,
        verbose_name=_("case"),
        help_text=_("Empty for official files that belong to no case."),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.CASE_FOLDER)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.LOADING)
    label = models.CharField(_("source"), max_length=200, help_text=_("Name of the folder or file."))
    files = models.JSONField(_("files"), default=dict, help_text=_("SHA-256 of each file, by name."))
    digest = models.CharField(_("digest"), max_length=64, help_text=_("SHA-256 over names and digests of files."))
    rows = models.JSONField(_("rows"), default=dict, help_text=_("Number of rows by file."))
    changes = models.JSONField(
        _("changes"), default=dict, help_text=_("Rows created, updated, unchanged and deleted, by table.")
    )
    problems = models.JSONField(
        _("problems"), default=dict, help_text=_("Errors and warnings: counts by kind and the first 50.")
    )
    quality = models.JSONField(_("quality"), default=dict, help_text=_("What was found about the data."))
    coverage = models.JSONField(
        _("coverage"), default=list, help_text=_("What the rows cover, such as dot1 2021-01; covered once only.")
    )
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="supersedes", verbose_name=_("superseded by")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
    )
    user_name = models.CharField(_("who"), max_length=150, blank=True)
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("import batch")
        verbose_name_plural = _("import batches")
        ordering = ("-started_at", "-pk")
        permissions = (("edit_imported_rows", "Can edit rows that were imported in bulk"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=("loading", "loaded", "superseded", "undone")),
                name="regions_importbatch_status_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=(
                        *("case_folder", "transborder", "border_entry", "wait_records", "wait_measurements"),
                        *("regions", "crossings", "flows", "input_output", "tariffs", "accounts"),
                    )
                ),
                name="regions_importbatch_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("transborder", "border_entry"))
                | Q(case__isnull=False)
                # The case that an undone import had made is gone with it.
                | Q(status="undone"),
                name="regions_importbatch_case_where_needed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.label} #{self.pk}"
