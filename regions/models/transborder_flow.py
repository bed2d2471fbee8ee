"""Raw facts of the BTS TransBorder freight data, as published."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def _code(label, length: int) -> models.CharField:
    return models.CharField(label, max_length=length, blank=True)


class TransBorderFlow(models.Model):
    """One row of dot1 (state by port), dot2 (state by commodity) or dot3 (port by commodity); codes as published.

    Millions of rows: only the batch is indexed, since every read begins with the batches that cover its months.
    """

    # Without a constraint of the database, which would look up the batch again for each of millions of rows: only
    # imports write here, in the transaction that makes the batch, and batches are never deleted.
    batch = models.ForeignKey(
        "regions.ImportBatch", models.PROTECT, related_name="+", db_constraint=False, verbose_name=_("import batch")
    )
    dataset = models.CharField(_("table"), max_length=4)
    year = models.PositiveSmallIntegerField(_("year"))
    month = models.PositiveSmallIntegerField(_("month"), help_text=_("0 = the whole year, in annual files."))
    trade_type = models.PositiveSmallIntegerField(_("direction"), help_text=_("1 = US export, 2 = US import."))
    us_state = _code(_("US state"), 2)
    port = _code(_("port"), 4)
    commodity = _code(_("HS chapter"), 2)
    mode = models.PositiveSmallIntegerField(_("mode"))
    mexican_state = _code(_("Mexican state"), 2)
    canadian_province = _code(_("Canadian province"), 2)
    country = models.CharField(_("country"), max_length=4)
    goods_origin = _code(_("domestic or foreign goods"), 1)
    container = _code(_("container"), 1)
    value_usd = models.BigIntegerField(_("value, USD"))
    weight_kg = models.BigIntegerField(_("weight, kg"), null=True, help_text=_("Empty = not recorded."))
    freight_charges_usd = models.BigIntegerField(_("freight charges, USD"), null=True)

    class Meta:
        verbose_name = _("TransBorder row")
        verbose_name_plural = _("TransBorder rows")
        constraints = (
            models.CheckConstraint(
                condition=Q(dataset__in=("dot1", "dot2", "dot3")), name="regions_transborderflow_dataset_known"
            ),
            models.CheckConstraint(condition=Q(month__lte=12), name="regions_transborderflow_month_in_year"),
            models.CheckConstraint(condition=Q(value_usd__gte=0), name="regions_transborderflow_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.dataset} {self.year}-{self.month:02d} #{self.pk}"
