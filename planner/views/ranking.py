"""The ranking page: three sentences, intervals as bars, tie groups, and the draws from which the page ranks anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planner.models import Run
from planner.models.vocabulary import Criterion, RunState
from planner.reports import words
from planner.reports.figures.scales import SymlogScale, symlog_scale
from planner.reports.numbers import format_number, format_range, format_tick
from planner.reports.ranking_section import ROW_FIELDS
from planner.selectors import early_context, is_ranked_early, ranking_rows, run_draws, run_told
from planner.views.run_pages import no_results, run_page_context
from planner.views.words import isolated_measures
from regions.access import Role, request_access

BAR_WIDTH, BAR_HEIGHT, BAR_MARGIN = 132.0, 18.0, 6.0
LABEL_ROOM = 22.0
# So many names stand in a sentence; the others are counted.
NAMED = 5


def ranking_page(request: HttpRequest, run: Run, site: AdminSite) -> HttpResponse:
    """The ranking with intervals and ties, balance beside welfare, and where the border stands before."""
    criterion = request.GET.get("criterion", run.criterion)
    if criterion not in Criterion.values:
        raise Http404(f"no criterion {criterion!r}")
    common = run_page_context(request, run, site, _("Ranking"), "ranking")
    early = is_ranked_early(run)
    if not early and (answer := no_results(request, common)) is not None:
        return answer
    document = early_context(run) if early else run_told(run)
    if early:
        criterion = run.criterion
    measures = isolated_measures(document)
    rows = criterion_rows(run, document, criterion)
    index_bars = bars([measures[row["intervention"]]["full"]["index_change"] for row in rows], "index_change")
    welfare_bars = bars([measures[row["intervention"]]["full"]["ev_musd"] for row in rows], "musd_change")
    kinds = sorted({measures[row["intervention"]]["kind"] for row in rows})
    return TemplateResponse(
        request,
        "admin/planner/run/ranking.html",
        {
            **common,
            "document": document,
            "criterion": criterion,
            "early": early,
            "criteria": [
                (value, label, value == criterion)
                for value, label in Criterion.choices
                if not early or value == criterion
            ],
            "sentences": [with_lead(one) for one in three_sentences(document, rows, measures, criterion)],
            "remarks": remarks(document, rows, measures, criterion),
            "tie_groups": len({row["tie_group"] for row in rows}),
            "rows": [
                {
                    **row,
                    "measure": measures[row["intervention"]],
                    "chances": row.get("among_proposed") or row,
                    "rank_range": format_range(row["rank_low"], row["rank_high"]),
                    "index_bar": index_bar,
                    "welfare_bar": welfare_bar,
                    "first_of_group": position == 0 or rows[position - 1]["tie_group"] != row["tie_group"],
                    "kind_words": words.KINDS.get(
                        measures[row["intervention"]]["kind"], measures[row["intervention"]]["kind"]
                    ),
                }
                for position, (row, index_bar, welfare_bar) in enumerate(
                    zip(rows, index_bars["bars"], welfare_bars["bars"], strict=True)
                )
            ],
            "kinds": [(kind, words.KINDS.get(kind, kind)) for kind in kinds],
            "index_axis": index_bars,
            "welfare_axis": welfare_bars,
            "before": None if early else run_before(run),
            "may_start": request_access(request).may(Role.PLANNER, run.case_id),
            "draws_address": reverse("admin:planner_run_draws", args=[run.pk]),
            "weights": weights(criterion),
            "not_ranked": [
                {
                    **row,
                    "measure": measures[row["intervention"]],
                    "label": words.STATUS.get(row["status"], row["status"]),
                }
                for row in document["ranking"]["not_ranked"]
            ],
        },
    )


def run_before(run: Run) -> int | None:
    """The finished run of the case that came before, to see what has moved since."""
    earlier = Run.objects.filter(case=run.case_id, state=RunState.DONE, pk__lt=run.pk)
    return earlier.order_by("-pk").values_list("pk", flat=True).first()


def weights(criterion: str) -> list[dict[str, Any]]:
    """The sliders; as delivered they give the ranking that is shown."""
    names = (
        ("imbalance", _("Smaller imbalance")),
        ("welfare", _("Welfare")),
        ("revenue", _("Government revenue")),
        ("cost", _("Low cost")),
    )
    return [{"key": key, "name": name, "value": 100 if key == criterion else 0} for key, name in names]


def draws_answer(request: HttpRequest, run: Run) -> HttpResponse:
    """The draws of the criteria, from which the page computes ranks under any weights."""
    if run.state != RunState.DONE:
        raise Http404
    answer = JsonResponse(run_draws(run))
    # A finished run never changes; after an hour the right to see it is asked for again.
    patch_cache_control(answer, private=True, max_age=3600)
    return answer


def criterion_rows(run: Run, document: Mapping[str, Any], criterion: str) -> list[dict[str, Any]]:
    """The report's rows for the run's own criterion, else those that are stored; both have the same fields."""
    if criterion == run.criterion:
        return list(document["ranking"]["rows"])
    return [{name: getattr(row, name) for name in ROW_FIELDS} for row in ranking_rows(run, criterion)]


def three_sentences(
    document: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], measures: words.Measures, criterion: str
) -> list[str]:
    """Which interventions can really be told apart, which lower welfare, how much of the baseline is imputed."""
    if not rows:
        return [_("No intervention could be ranked; the reasons are below.")]
    return [
        distinguishable_sentence(rows, measures),
        welfare_sentence(rows, measures),
        imputed_sentence(document["baseline"]["provenance"]),
    ]


def with_lead(sentence: str) -> tuple[str, str]:
    """The words before the colon, by which an eye finds the sentence, and the rest."""
    lead, _colon, rest = sentence.partition(":")
    return lead.rstrip(), rest.strip()


def distinguishable_sentence(rows: Sequence[Mapping[str, Any]], measures: words.Measures) -> str:
    """Who has a place of their own at 90 %, who shares the first one: of what may be proposed, where anything may."""
    proposed = [row for row in rows if row.get("among_proposed")]
    groups: dict[int, list[str]] = {}
    for row in proposed or rows:
        place = row.get("among_proposed") or row
        groups.setdefault(place["tie_group"], []).append(measures[row["intervention"]]["name"])
    sentence = _placed(groups)
    if proposed and len(proposed) < len(rows):
        sentence += " " + _("Restrictive measures, there to compare with, are left out of this.")
    return sentence


def _placed(groups: Mapping[int, Sequence[str]]) -> str:
    count = sum(len(names) for names in groups.values())
    alone = [names[0] for names in groups.values() if len(names) == 1]
    first = next(iter(groups.values()))
    if len(first) > 1:
        lead = _("%(names)s share the first place") % {"names": words.listed(first, NAMED)}
    else:
        lead = _("%(name)s is first") % {"name": first[0]}
    if not alone:
        return _(
            "Really distinguishable at 90 %%: none of %(all)d has a place of its own; %(lead)s, in %(groups)d groups in all."
        ) % {"all": count, "lead": lead, "groups": len(groups)}
    return ngettext(
        "Really distinguishable at 90 %%: %(lead)s; %(alone)d of %(all)d interventions has a place of its own (%(names)s), "
        "the others are tied in groups.",
        "Really distinguishable at 90 %%: %(lead)s; %(alone)d of %(all)d interventions have a place of their own (%(names)s), "
        "the others are tied in groups.",
        len(alone),
    ) % {"lead": lead, "alone": len(alone), "all": count, "names": words.listed(alone, NAMED)}


def welfare_sentence(rows: Sequence[Mapping[str, Any]], measures: words.Measures) -> str:
    """Who lowers welfare with a settled sign, and who of them narrows the gap all the same."""
    lowering = [row["intervention"] for row in rows if measures[row["intervention"]]["full"]["ev_musd"]["q95"] < 0]
    both = [one for one in lowering if measures[one]["narrows_and_lowers_welfare"]]
    unsettled = sum(words.holds_zero(measures[row["intervention"]]["full"]["ev_musd"]) for row in rows)
    if not lowering:
        return _(
            "Welfare: none lowers it with a 90 %% interval below zero; for %(unsettled)d of %(all)d its sign is not settled."
        ) % {"unsettled": unsettled, "all": len(rows)}
    named = words.listed([measures[one]["name"] for one in lowering], NAMED)
    narrowing = (
        _("of these %(names)s narrow the gap all the same")
        % {"names": words.listed([measures[one]["name"] for one in both], NAMED)}
        if both
        else _("none of these narrows the gap with a settled sign")
    )
    return ngettext(
        "Welfare: %(count)d lowers it, with a 90 %% interval below zero (%(names)s); %(narrowing)s.",
        "Welfare: %(count)d lower it, with 90 %% intervals below zero (%(names)s); %(narrowing)s.",
        len(lowering),
    ) % {"count": len(lowering), "names": named, "narrowing": narrowing}


def imputed_sentence(provenance: Mapping[str, float]) -> str:
    """How the value in the baseline was got."""
    return _(
        "Data: %(imputed)s of the value in the baseline is imputed, %(scaled)s is scaled to known totals and %(observed)s is observed."
    ) % {
        "imputed": format_number(provenance["imputed"], "share"),
        "scaled": format_number(provenance.get("scaled", 0.0), "share"),
        "observed": format_number(provenance.get("observed", 0.0) + provenance.get("mirrored", 0.0), "share"),
    }


def remarks(
    document: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], measures: words.Measures, criterion: str
) -> list[str]:
    """The longer account, in the words of the report."""
    if not rows:
        return []
    tension = words.tension_sentences(rows, measures, document["orderings"])
    return [
        " ".join(words.leader_sentences(rows, measures, criterion)),
        " ".join(words.settled_sentences(rows, measures)),
        " ".join(tension["conflict"]),
        " ".join(tension["gain"]),
        words.ordering_sentence(document["orderings"]),
    ]


def bars(quantities: Sequence[Mapping[str, Any]], kind: str) -> dict[str, Any]:
    """Interval bars on one axis for all rows; it is logarithmic on both sides of zero, since sizes differ so much."""
    values = [value for one in quantities for value in (one["q05"], one["mean"], one["q95"]) if value is not None]
    scale = symlog_scale(values, BAR_MARGIN, BAR_WIDTH - BAR_MARGIN)
    return {
        "width": BAR_WIDTH,
        "height": BAR_HEIGHT,
        "middle": BAR_HEIGHT / 2,
        "zero": round(scale(0.0), 1),
        "ticks": [
            {"at": round(scale(tick), 1), "label": format_tick(tick, kind), "anchor": anchor(scale(tick))}
            for tick in scale.ticks(44.0)
        ],
        "bars": [bar(one, scale) for one in quantities],
    }


def anchor(at: float) -> str:
    """How a label stands at its place on the axis: inside, near the ends too."""
    return "start" if at < LABEL_ROOM else "end" if at > BAR_WIDTH - LABEL_ROOM else "middle"


def bar(one: Mapping[str, Any], scale: SymlogScale) -> dict[str, float] | None:
    """Places of an interval's ends and mean; None where a draw has no number."""
    if None in (one["q05"], one["mean"], one["q95"]):
        return None
    low, mean, high = (round(scale(one[name]), 1) for name in ("q05", "mean", "q95"))
    return {"low": low, "mean": mean, "high": high, "length": max(round(high - low, 1), 1.0)}
