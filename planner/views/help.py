"""Help: what each measure means and does not mean, how to read the pages, the glossary, first steps."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planner.reports.glossary import TERMS

# Anchor, name, what it means, what it does not mean.
MEASURES = (
    (
        "index",
        gettext_lazy("Imbalance index"),
        gettext_lazy(
            "How one-sided the trade between border regions and their partners across the border is: 0 where every pair trades as much one way as the other, 1 where all trade goes one way."
        ),
        gettext_lazy(
            "Not a measure of success. A closed border has few imbalances; a smaller index may come from exports that grow or from imports that are squeezed. The tag beside each region says which."
        ),
    ),
    (
        "welfare",
        gettext_lazy("Welfare"),
        gettext_lazy(
            "What the places that count could buy more each year, at the prices before the intervention (equivalent variation)."
        ),
        gettext_lazy(
            "Not profit, not jobs, and not net of the cost of the intervention. Who counts is a choice of the run and is printed."
        ),
    ),
    (
        "ranking",
        gettext_lazy("Ranks, ties and intervals"),
        gettext_lazy(
            "The order is by the mean over draws. The small figures under a rank are the ranks it takes in the middle 90 % of draws. A tie group joins interventions whose order is not settled in 90 % of draws."
        ),
        gettext_lazy(
            "Rank 3 is not better than rank 4 where both are in one tie group. Intervals cover what was varied: parameters and effects, not the model itself."
        ),
    ),
    (
        "closure",
        gettext_lazy("Closure"),
        gettext_lazy(
            "The rule for what overall deficits and surpluses may do. Signs can differ between closures, so it is an axis of scenarios and never averaged over."
        ),
        gettext_lazy(
            "Not a forecast of overall balances: what moves under the default rule is trade by partner, sector and crossing."
        ),
    ),
    (
        "imputed",
        gettext_lazy("Imputed, scaled, observed"),
        gettext_lazy(
            "Observed flows are kept exactly. Scaled cells are set so that known totals hold. Imputed cells were seen by nobody and follow a documented rule."
        ),
        gettext_lazy(
            "A high imputed share does not make cross-border flows doubtful: mostly sales inside an economy are imputed."
        ),
    ),
    (
        "grade",
        gettext_lazy("Evidence grades"),
        gettext_lazy(
            "A measured here, B measured elsewhere or modelled from measurements, C expert or secondary source, D assumed."
        ),
        gettext_lazy(
            "The grade is about the source, not about the size of the number. The weakest channel gives an intervention its grade."
        ),
    ),
    (
        "minutes",
        gettext_lazy("Worth of a minute"),
        gettext_lazy(
            "What one minute less of truck wait at one crossing and in one direction changes, by the derivative at the baseline."
        ),
        gettext_lazy(
            "Not the effect of ten minutes divided by ten: queues and trade respond, and a wait cannot fall below zero."
        ),
    ),
    (
        "portfolio",
        gettext_lazy("Portfolio"),
        gettext_lazy(
            "The set of interventions that does most within a budget, with their interactions, checked by solving it jointly."
        ),
        gettext_lazy(
            "Not the top of the ranking bought until money runs out: two upgrades of one crossing replace each other in part."
        ),
    ),
    (
        "diagnosis",
        gettext_lazy("Diagnosis"),
        gettext_lazy(
            "How much of a balance each driver carries: the model is solved with each one made neutral, alone and together, and the parts add up exactly."
        ),
        gettext_lazy("Not a cause in history. A driver with a large part need not be cheap or wise to change."),
    ),
)
STEPS = (
    (gettext_lazy("Data"), gettext_lazy("Import a case, look at its map, read what is observed and what is imputed.")),
    (gettext_lazy("Diagnosis"), gettext_lazy("See why there is an imbalance before doing something about it.")),
    (
        gettext_lazy("Interventions"),
        gettext_lazy(
            "Describe what could be done: targets, channels with low, central and high values, costs by year."
        ),
    ),
    (gettext_lazy("Estimate"), gettext_lazy("Tick interventions, choose “Estimate”, follow the run.")),
    (
        gettext_lazy("Compare"),
        gettext_lazy("Read the three sentences on the ranking page, weigh criteria, put scenarios side by side."),
    ),
    (
        gettext_lazy("Report"),
        gettext_lazy("Have somebody else approve the run, then hand out the report or schedule it."),
    ),
)


def help_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """One page with anchors, so that every page can link to its paragraph."""
    return TemplateResponse(
        request,
        "admin/desk/help.html",
        {
            **site.each_context(request),
            "title": _("Help and glossary"),
            "measures": MEASURES,
            "terms": TERMS,
            "steps": STEPS,
        },
    )
