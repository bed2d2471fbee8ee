"""An analysis of a run, stored: what was found as one JSON document, or why nothing was."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from planner.models.run import Run
from planner.models.vocabulary import AnalysisKind, EffectStatus, choice_constraint


class RunAnalysis(models.Model):
    """One analysis of one run. A failed one is shown with its reason; the run and the other analyses stand.

    `document` is empty unless `status` is done. The shape of each kind, with units, is told by the docstring of the
    module that makes it, `planner.analyses.<kind>`; all of them hold raw numbers only (None where there is none), ids of
    places, crossings and interventions as in the run, and no time, path or id of a row. Units are in the names: `_musd`
    million of the case's currency at its price year (a year, unless present values are said), `_pct` per cent, `index`
    points of the headline index (0 to 1), `share` and probabilities from 0 to 1.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="analyses", verbose_name=_("run"))
    kind = models.CharField(_("kind"), max_length=20, choices=AnalysisKind.choices)
    status = models.CharField(_("status"), max_length=20, choices=EffectStatus.choices)
    reason = models.TextField(_("reason"), blank=True)
    document = models.JSONField(_("document"), default=dict, blank=True)
    work_digest = models.CharField(
        _("digest of the work"),
        max_length=64,
        blank=True,
        db_index=True,
        help_text=_("SHA-256 of all that determines this analysis; a later run with the same takes it from here."),
    )

    class Meta:
        ordering = ["run", "kind"]
        verbose_name = _("analysis of a run")
        verbose_name_plural = _("analyses of runs")
        constraints = [
            models.UniqueConstraint(fields=["run", "kind"], name="planner_run_analysis_kind_once_per_run"),
            choice_constraint("run_analysis", "kind", AnalysisKind),
            choice_constraint("run_analysis", "status", EffectStatus),
            models.CheckConstraint(
                condition=Q(status=EffectStatus.DONE) | ~Q(reason=""), name="planner_run_analysis_not_done_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.get_kind_display()}"
