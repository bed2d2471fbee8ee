"""The wait surface of a crossing: how long one waits in each hour of the week."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regions.models.base import Imported
from regions.models.choices import VehicleClass
from regions.models.delay import LONGEST_WAIT_MINUTES

_MINUTES = Q(**{f"{name}__gte": 0 for name in ("mean_minutes", "median_minutes", "p95_minutes")}) & Q(
    **{f"{name}__lte": LONGEST_WAIT_MINUTES for name in ("mean_minutes", "median_minutes", "p95_minutes")}
)


class WaitCell(Imported):
    """Waits of one vehicle class at one crossing, entering one economy, in one hour of the week, local time."""

    crossing = models.ForeignKey(
        "regions.Crossing", models.PROTECT, related_name="wait_cells", verbose_name=_("crossing")
    )
    direction = models.ForeignKey(
        "regions.Economy", models.PROTECT, related_name="+", verbose_name=_("economy entered")
    )
    vehicle_class = models.CharField(_("vehicle class"), max_length=10, choices=VehicleClass.choices)
    method = models.CharField(_("method"), max_length=300)
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), help_text=_("0 = Monday"), validators=[MaxValueValidator(6)]
    )
    hour = models.PositiveSmallIntegerField(_("hour"), help_text=_("Local time"), validators=[MaxValueValidator(23)])
    sample_size = models.PositiveIntegerField(_("sample size"))
    mean_minutes = models.FloatField(_("mean, minutes"))
    median_minutes = models.FloatField(_("median, minutes"))
    p95_minutes = models.FloatField(_("95th percentile, minutes"))
    period_start = models.DateField(_("period start"))
    period_end = models.DateField(_("period end, inclusive"))

    class Meta:
        verbose_name = _("wait by hour of the week")
        verbose_name_plural = _("waits by hour of the week")
        ordering = ("crossing", "direction", "vehicle_class", "method", "weekday", "hour")
        constraints = (
            models.UniqueConstraint(
                fields=("crossing", "direction", "vehicle_class", "method", "weekday", "hour"),
                name="regions_waitcell_once",
            ),
            models.CheckConstraint(
                condition=Q(weekday__gte=0, weekday__lte=6, hour__gte=0, hour__lte=23),
                name="regions_waitcell_hour_of_week",
            ),
            models.CheckConstraint(condition=_MINUTES, name="regions_waitcell_minutes_in_range"),
            models.CheckConstraint(
                condition=Q(vehicle_class__in=VehicleClass.values), name="regions_waitcell_vehicle_class_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.crossing_id} {self.vehicle_class} {self.weekday} {self.hour}:00 {self.median_minutes:g} min"
