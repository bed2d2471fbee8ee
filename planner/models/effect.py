"""The effect of one intervention in one run: how the estimate ended and its arrays over draws."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from planner.models.run import Run
from planner.models.vocabulary import EffectStatus, choice_constraint


class Effect(models.Model):
    """How an estimate ended, with its arrays as the engine packs them and a short summary."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="effects", verbose_name=_("run"))
    intervention = models.CharField(_("intervention"), max_length=80)
    status = models.CharField(_("status"), max_length=20, choices=EffectStatus.choices)
    reason = models.TextField(_("reason"), blank=True)
    summary = models.JSONField(_("summary"), default=dict, blank=True)
    arrays = models.BinaryField(_("arrays"), default=bytes, blank=True)
    work_digest = models.CharField(
        _("digest of the work"),
        max_length=64,
        blank=True,
        db_index=True,
        help_text=_("SHA-256 of all that determines this effect; a later run with the same takes it from here."),
    )

    class Meta:
        ordering = ["run", "intervention"]
        verbose_name = _("effect")
        verbose_name_plural = _("effects")
        constraints = [
            models.UniqueConstraint(fields=["run", "intervention"], name="planner_effect_once_per_run"),
            choice_constraint("effect", "status", EffectStatus),
            models.CheckConstraint(
                condition=Q(status=EffectStatus.DONE) | ~Q(reason=""), name="planner_effect_not_done_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.intervention}"
