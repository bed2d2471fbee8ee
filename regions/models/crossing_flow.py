"""Trade between two places by crossing and mode."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regions.models.choices import LARGEST_AMOUNT, Mode
from regions.models.flow import Flow
from regions.querysets import CrossingFlowQuerySet


class CrossingFlow(Flow):
    """Sales through one crossing by one mode. No crossing means OTHER: a port without entry data, mostly pipelines."""

    crossing = models.ForeignKey(
        "regions.Crossing",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="flows",
        verbose_name=_("crossing"),
        help_text=_("Empty = OTHER: a port without entry data."),
    )
    mode = models.CharField(_("mode"), max_length=10, choices=Mode.choices)

    objects = CrossingFlowQuerySet.as_manager()

    class Meta:
        verbose_name = _("flow by crossing")
        verbose_name_plural = _("flows by crossing")
        ordering = ("case", "origin", "destination", "crossing", "mode")
        # The largest first, page by page.
        indexes = (models.Index(fields=("value_usd",), name="regions_crossingflow_value"),)
        constraints = (
            models.UniqueConstraint(
                fields=("case", "origin", "destination", "crossing", "mode"), name="regions_crossingflow_once"
            ),
            models.UniqueConstraint(
                fields=("case", "origin", "destination", "mode"),
                condition=Q(crossing__isnull=True),
                name="regions_crossingflow_other_once",
            ),
            models.CheckConstraint(
                condition=Q(value_usd__gte=0, value_usd__lte=LARGEST_AMOUNT),
                name="regions_crossingflow_not_negative",
            ),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="regions_crossingflow_mode_known"),
        )

    def __str__(self) -> str:
        return f"{self.origin_id} -> {self.destination_id}, crossing {self.crossing_id or 'OTHER'}, {self.mode}"
