"""What several models have in common."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Versioned(models.Model):
    """An object that people edit: `version` rises with each edit, so that two editors do not overwrite each other."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        abstract = True


class Imported(models.Model):
    """A row that came with an import; rows entered by hand have no batch."""

    batch = models.ForeignKey(
        "regions.ImportBatch",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("import batch"),
    )

    class Meta:
        abstract = True
