"""What an import changed in a case, so that it can be taken back exactly."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportChange(models.Model):
    """Some rows of one table that one import created, updated or deleted, with what they held before."""

    class Action(models.TextChoices):
        CREATED = "created", _("created")
        UPDATED = "updated", _("updated")
        DELETED = "deleted", _("deleted")

    # Not named `batch`, since these rows belong to the case by their import and not only came with it.
    import_batch = models.ForeignKey(
        "regions.ImportBatch", models.PROTECT, related_name="recorded", verbose_name=_("import batch")
    )
    table = models.CharField(_("table"), max_length=60, help_text=_("Label of the model."))
    action = models.CharField(_("action"), max_length=8, choices=Action.choices)
    count = models.PositiveIntegerField(_("rows"))
    rows = models.JSONField(
        _("content"), help_text=_("Primary key and digest (created), before and after (updated), before (deleted).")
    )

    class Meta:
        verbose_name = _("change of an import")
        verbose_name_plural = _("changes of imports")
        ordering = ("import_batch", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(action__in=("created", "updated", "deleted")),
                name="regions_importchange_action_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.table} {self.action} {self.count}"
