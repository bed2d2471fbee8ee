"""Raw facts of the BTS Border Crossing/Entry data, as published."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class BorderEntryCount(models.Model):
    """Vehicles, containers or people that entered the United States at one port in one month."""

    # Without a constraint of the database, which would look up the batch again for each of millions of rows: only
    # imports write here, in the transaction that makes the batch, and batches are never deleted.
    batch = models.ForeignKey(
        "regions.ImportBatch", models.PROTECT, related_name="+", db_constraint=False, verbose_name=_("import batch")
    )
    port = models.CharField(_("port"), max_length=4)
    port_name = models.CharField(_("name of the port"), max_length=200)
    state = models.CharField(_("state"), max_length=60)
    border = models.CharField(_("border"), max_length=60)
    year = models.PositiveSmallIntegerField(_("year"))
    month = models.PositiveSmallIntegerField(_("month"))
    measure = models.CharField(_("measure"), max_length=60)
    value = models.BigIntegerField(_("count"))
    latitude = models.FloatField(_("latitude"), null=True)
    longitude = models.FloatField(_("longitude"), null=True)

    class Meta:
        verbose_name = _("border entry count")
        verbose_name_plural = _("border entry counts")
        constraints = (
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12), name="regions_borderentrycount_month_in_year"
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="regions_borderentrycount_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.port} {self.measure} {self.year}-{self.month:02d}"
