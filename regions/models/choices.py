"""Closed lists that several models share."""

from django.db import models
from django.utils.translation import gettext_lazy as _

# Bounds in check constraints keep NaN and infinity out: PostgreSQL sorts NaN above every number.
LARGEST_AMOUNT = 1e15


class EvidenceGrade(models.TextChoices):
    """How well a number is founded."""

    A = "A", _("A: measured here, official or published with method")
    B = "B", _("B: measured elsewhere or modelled from measurements")
    C = "C", _("C: expert or secondary source")
    D = "D", _("D: assumed")


class How(models.TextChoices):
    """How a value of the baseline was got."""

    OBSERVED = "observed", _("observed")
    MIRRORED = "mirrored", _("taken from the other side's record")
    SCALED = "scaled", _("scaled from a part")
    IMPUTED = "imputed", _("imputed")


class MirrorRule(models.TextChoices):
    """Which of two records of one flow is the value of the case, after freight is taken off."""

    IMPORTER = "importer", _("the importer's record")
    EXPORTER = "exporter", _("the exporter's record")
    LARGER = "larger", _("the larger record")
    MEAN = "mean", _("the mean of both records")


class Valuation(models.TextChoices):
    """Where a record values goods."""

    FOB = "fob", _("FOB: at the border of the exporter")
    CIF = "cif", _("CIF: with freight and insurance")


class Mode(models.TextChoices):
    """How goods travel."""

    TRUCK = "truck", _("truck")
    RAIL = "rail", _("rail")
    PIPELINE = "pipeline", _("pipeline")
    VESSEL = "vessel", _("vessel")
    AIR = "air", _("air")
    MAIL = "mail", _("mail")
    OTHER = "other", _("other")


class VehicleClass(models.TextChoices):
    """Who waits."""

    TRUCK = "truck", _("truck")
    CAR = "car", _("car")
    BUS = "bus", _("bus")
    PEDESTRIAN = "pedestrian", _("pedestrian")
    RAIL = "rail", _("train")
