"""An intervention: something that an authority could do at the border, with what is known about its standing."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from planner.models.vocabulary import Closure, InterventionKind, Maturity, choice_constraint, split_list
from regions.models.base import Imported, Versioned


def known_closures(value: str) -> None:
    """Names of closures separated by ';'; blank for every closure under which the channels have meaning."""
    unknown = [name for name in split_list(value) if name not in Closure.values]
    if unknown:
        raise ValidationError(
            _("Unknown closure %(names)s; expected one or more of %(known)s separated by ';'."),
            params={"names": ", ".join(unknown), "known": ", ".join(Closure.values)},
        )


class Intervention(Versioned, Imported):
    """A measure that could be taken; its channels say what it changes, its costs what it takes."""

    case = models.ForeignKey(
        "regions.Case", on_delete=models.PROTECT, related_name="interventions", verbose_name=_("case")
    )
    slug = models.SlugField(
        _("id"), max_length=80, help_text=_("Short id, unique in the case; used in files, commands and the API.")
    )
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=InterventionKind.choices)
    description = models.TextField(_("description"), blank=True)
    closures = models.CharField(
        _("closures"),
        max_length=120,
        blank=True,
        validators=[known_closures],
        help_text=_(
            "Closures under which it has meaning, separated by ';'. Blank: all under which its channels have meaning."
        ),
    )
    maturity = models.CharField(_("maturity"), max_length=20, choices=Maturity.choices, blank=True)
    competence = models.CharField(_("competence"), max_length=300, blank=True, help_text=_("Who may decide it."))
    legal_test = models.TextField(_("legal test"), blank=True, help_text=_("What the law asks before it may be done."))
    start_year = models.PositiveSmallIntegerField(_("start year"), null=True, blank=True)
    source = models.TextField(_("source"), blank=True)
    source_url = models.URLField(_("source address"), max_length=500, blank=True)
    notes = models.TextField(_("notes"), blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["case", "kind", "slug"]
        verbose_name = _("intervention")
        verbose_name_plural = _("interventions")
        constraints = [
            models.UniqueConstraint(fields=["case", "slug"], name="planner_intervention_slug_once_per_case"),
            choice_constraint("intervention", "kind", InterventionKind),
        ]

    def __str__(self) -> str:
        return self.name
