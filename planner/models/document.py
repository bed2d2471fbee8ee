"""The report document of a finished run, kept so that no page has to make it anew."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from planner.models.run import Run


class RunDocument(models.Model):
    """What `planner.reports.context` says about a run, as compressed JSON. It can always be made again and is no result.

    `key` names the run's end and the code that made it: another version of the code takes no document of an earlier one.
    """

    run = models.OneToOneField(
        Run, on_delete=models.CASCADE, primary_key=True, related_name="document", verbose_name=_("run")
    )
    key = models.CharField(_("key"), max_length=64)
    content = models.BinaryField(_("content"))
    draws = models.BinaryField(_("draws"), help_text=_("Of the criteria, for the sliders of the ranking; likewise."))
    made_at = models.DateTimeField(_("made"), auto_now=True)

    class Meta:
        verbose_name = _("document of a run")
        verbose_name_plural = _("documents of runs")

    def __str__(self) -> str:
        return f"{self.run_id}"
