"""A run: what was asked, copied so that it can be repeated, and how far it has come."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from planner.models.parameter_set import ParameterSet
from planner.models.scenario import Scenario, ScenarioSettings, settings_constraints
from planner.models.vocabulary import (
    ACTIVE_STATES,
    FINISHED_STATES,
    AnalysisKind,
    Review,
    RunState,
    choice_constraint,
)


class Snapshot(models.Model):
    """The baseline that was built from the facts, kept under the digest of everything that determines it."""

    digest = models.CharField(_("digest"), max_length=64, primary_key=True)
    payload = models.BinaryField(_("payload"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")

    def __str__(self) -> str:
        return self.digest[:12]


class Run(ScenarioSettings):
    """A request with copies of all it read; `request_digest` names everything that determines the result."""

    case = models.ForeignKey("regions.Case", on_delete=models.PROTECT, related_name="runs", verbose_name=_("case"))
    scenario = models.ForeignKey(
        Scenario, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs", verbose_name=_("scenario")
    )
    parameter_set = models.ForeignKey(
        ParameterSet,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="runs",
        verbose_name=_("parameter set"),
    )
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="runs", verbose_name=_("snapshot"))
    case_document = models.JSONField(_("case as it was"))
    parameters = models.JSONField(_("parameters as they were"))
    interventions = models.JSONField(_("interventions as they were"))
    engine_version = models.CharField(_("engine version"), max_length=40)
    input_digest = models.CharField(
        _("input digest"), max_length=64, help_text=_("SHA-256 of the facts, parameters and interventions.")
    )
    request_digest = models.CharField(
        _("request digest"),
        max_length=64,
        help_text=_("SHA-256 of all that determines the result: inputs, settings, engine version."),
    )
    state = models.CharField(_("state"), max_length=10, choices=RunState.choices, default=RunState.PENDING)
    reason = models.TextField(_("reason"), blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    review = models.CharField(_("review"), max_length=10, choices=Review.choices, default=Review.DRAFT)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    reviewed_at = models.DateTimeField(_("approved"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        indexes = [models.Index(fields=["state", "created_at"]), models.Index(fields=["case", "-created_at"])]
        constraints = [
            *settings_constraints("run"),
            choice_constraint("run", "state", RunState),
            models.UniqueConstraint(
                fields=["request_digest"],
                condition=Q(state__in=list(ACTIVE_STATES)),
                name="planner_run_same_request_active_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(ACTIVE_STATES), finished_at__isnull=True)
                | Q(state__in=list(FINISHED_STATES), finished_at__isnull=False),
                name="planner_run_finished_at_when_finished",
            ),
            choice_constraint("run", "review", Review),
            models.CheckConstraint(
                condition=Q(review=Review.DRAFT, reviewed_by__isnull=True, reviewed_at__isnull=True)
                | ~Q(review=Review.DRAFT)
                & Q(state=RunState.DONE, reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="planner_run_approved_when_done_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(requested_by__isnull=True)
                | Q(reviewed_by__isnull=True)
                | ~Q(reviewed_by=models.F("requested_by")),
                name="planner_run_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return _("Run %(number)s of %(case)s") % {"number": self.pk, "case": self.case_document.get("name", "")}

    @property
    def is_finished(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in FINISHED_STATES


class RunPartQuerySet(models.QuerySet["RunPart"]):
    """Filters of parts."""

    def ready(self) -> "RunPartQuerySet":
        """Parts that may be computed now: analyses wait for all interventions' parts.

        Most read the effects; the others wait so that the longest analysis of all is among the first to begin.
        """
        open_estimates = RunPart.objects.filter(run=OuterRef("run"), state__in=ACTIVE_STATES).exclude(intervention="")
        return self.filter(state=RunState.PENDING, run__state__in=ACTIVE_STATES).filter(
            Q(analysis="") | ~Exists(open_estimates)
        )


class RunPart(models.Model):
    """What a worker takes at once: one intervention x all draws, or one analysis of the run.

    Its row, not a message, says whether it is done. Exactly one of `intervention` and `analysis` is set.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="parts", verbose_name=_("run"))
    position = models.PositiveIntegerField(_("position"))
    intervention = models.CharField(_("intervention"), max_length=80, blank=True)
    analysis = models.CharField(_("analysis"), max_length=20, choices=AnalysisKind.choices, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=RunState.choices, default=RunState.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True)
    worker = models.CharField(_("worker"), max_length=120, blank=True)
    claim = models.CharField(_("claim"), max_length=32, blank=True)
    queued_at = models.DateTimeField(
        _("queued"), null=True, blank=True, help_text=_("When a message for it was last sent.")
    )
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    reused = models.BooleanField(
        _("reused"), default=False, help_text=_("Taken from an earlier run with the same inputs.")
    )

    objects = RunPartQuerySet.as_manager()

    class Meta:
        ordering = ["run", "position"]
        verbose_name = _("run part")
        verbose_name_plural = _("run parts")
        indexes = [models.Index(fields=["state", "lease_until"])]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "intervention"], condition=~Q(intervention=""), name="planner_run_part_intervention_once"
            ),
            models.UniqueConstraint(
                fields=["run", "analysis"], condition=~Q(analysis=""), name="planner_run_part_analysis_once"
            ),
            models.CheckConstraint(
                condition=Q(analysis="") & ~Q(intervention="")
                | Q(analysis__in=list(AnalysisKind.values), intervention=""),
                name="planner_run_part_intervention_or_analysis",
            ),
            models.UniqueConstraint(fields=["run", "position"], name="planner_run_part_position_once"),
            choice_constraint("run_part", "state", RunState),
            models.CheckConstraint(
                condition=~Q(state=RunState.RUNNING)
                | Q(lease_until__isnull=False, claimed_at__isnull=False) & ~Q(claim=""),
                name="planner_run_part_running_is_claimed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.name}"

    @property
    def name(self) -> str:
        """Id of the intervention, or kind of the analysis."""
        return self.intervention or self.analysis

    @property
    def label(self) -> str:
        """Id of the intervention, or the analysis in words."""
        return self.intervention or str(self.get_analysis_display())
