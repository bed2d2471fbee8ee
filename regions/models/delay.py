"""A wait at a crossing, as a typed measurement."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from regions.models.base import Imported, Versioned
from regions.models.choices import EvidenceGrade, VehicleClass
from regions.querysets import DelayQuerySet

LONGEST_WAIT_MINUTES = 100_000


class Delay(Versioned, Imported):
    """One statistic of the waits of one vehicle class at one crossing, entering one economy, over one period."""

    class Statistic(models.TextChoices):
        MEAN = "mean", _("mean")
        MEDIAN = "median", _("median")
        P95 = "p95", _("95th percentile")
        BUFFER = "buffer", _("buffer time (95th percentile less mean)")

    crossing = models.ForeignKey("regions.Crossing", models.PROTECT, related_name="delays", verbose_name=_("crossing"))
    direction = models.ForeignKey(
        "regions.Economy", models.PROTECT, related_name="delays", verbose_name=_("economy entered")
    )
    vehicle_class = models.CharField(_("vehicle class"), max_length=10, choices=VehicleClass.choices)
    period_start = models.DateField(_("period start"))
    period_end = models.DateField(_("period end, inclusive"))
    statistic = models.CharField(_("statistic"), max_length=8, choices=Statistic.choices)
    minutes = models.FloatField(
        _("minutes"), validators=[MinValueValidator(0), MaxValueValidator(LONGEST_WAIT_MINUTES)]
    )
    minutes_low = models.FloatField(
        _("minutes, lower end"), null=True, blank=True, help_text=_("90 % interval of the statistic, where known.")
    )
    minutes_high = models.FloatField(_("minutes, upper end"), null=True, blank=True)
    method = models.CharField(_("method"), max_length=300)
    sample_size = models.PositiveIntegerField(_("sample size"), null=True, blank=True)
    quality = models.CharField(_("quality grade"), max_length=1, choices=EvidenceGrade.choices)
    source = models.TextField(_("source"))

    objects = DelayQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("wait")
        verbose_name_plural = _("waits")
        ordering = ("crossing", "direction", "vehicle_class", "-period_end")
        constraints = (
            models.UniqueConstraint(
                fields=(
                    "crossing",
                    "direction",
                    "vehicle_class",
                    "period_start",
                    "period_end",
                    "statistic",
                    "method",
                ),
                name="regions_delay_once",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")), name="regions_delay_period_in_order"
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=0, minutes__lte=LONGEST_WAIT_MINUTES),
                name="regions_delay_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(minutes_low__isnull=True, minutes_high__isnull=True)
                | Q(
                    minutes_low__gte=0,
                    minutes_low__lte=F("minutes"),
                    minutes_high__gte=F("minutes"),
                    minutes_high__lte=LONGEST_WAIT_MINUTES,
                ),
                name="regions_delay_interval_in_order",
            ),
            models.CheckConstraint(condition=Q(quality__in=EvidenceGrade.values), name="regions_delay_quality_known"),
            models.CheckConstraint(
                condition=Q(statistic__in=("mean", "median", "p95", "buffer")),
                name="regions_delay_statistic_known",
            ),
            models.CheckConstraint(
                condition=Q(vehicle_class__in=VehicleClass.values), name="regions_delay_vehicle_class_known"
            ),
        )
        indexes = (models.Index(fields=("vehicle_class", "statistic", "crossing"), name="regions_delay_class_stat"),)

    def __str__(self) -> str:
        return f"{self.crossing_id} {self.vehicle_class} {self.statistic} {self.minutes:g} min"

    def clean(self) -> None:
        if not (self.crossing_id and self.direction_id):
            return
        ends = {self.crossing.region_a.economy_id, self.crossing.region_b.economy_id}
        if self.direction_id not in ends:
            raise ValidationError({"direction": _("Choose one of the two economies that the crossing joins.")})
