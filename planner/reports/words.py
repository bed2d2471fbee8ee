"""Sentences chosen from results: ties are named as ties, signs follow intervals, nothing is claimed that the draws do not carry."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from planner.reports.numbers import format_interval, format_number

MOST_NAMES = 8

STANDING = {
    "border": gettext_lazy("households of the border regions, on both sides"),
    "border regions": gettext_lazy("households of the border regions, on both sides"),
    "case": gettext_lazy("households of both sides, border regions and hinterlands"),
    "border regions and hinterlands": gettext_lazy("households of both sides, border regions and hinterlands"),
    "world": gettext_lazy("all households of the model"),
    "all places": gettext_lazy("all households of the model"),
}
CRITERIA = {
    "imbalance": gettext_lazy("fall of the imbalance index, the largest first"),
    "welfare": gettext_lazy("gain of welfare of those who have standing, the largest first"),
}
CLOSURE_RULES = {
    "world_share": gettext_noop(
        "each place's overall deficit or surplus keeps its share of world income; what interventions move is its make-up by partner, sector and crossing"
    ),
    "own_income": gettext_noop(
        "each place spends a fixed multiple of its own value added; overall balances follow income"
    ),
    "balanced": gettext_noop("no place runs an overall deficit or surplus; the baseline is re-solved without them"),
    "balanced_economy": gettext_noop(
        "neither economy runs an overall deficit or surplus; transfers between places of one economy stay"
    ),
    "absorption": gettext_noop(
        "spending follows value added with a stated propensity; overall balances move with income"
    ),
    "short_run": gettext_noop(
        "wages are fixed in own currency and output follows demand; overall balances are what is left over"
    ),
}
KINDS = {
    "facilitation": gettext_lazy("Trade facilitation and infrastructure"),
    "diversification": gettext_lazy("Diversification and competitiveness"),
    "cooperation": gettext_lazy("Regional and bilateral cooperation"),
    "sustainability": gettext_lazy("Sustainable development and innovation"),
    "capacity": gettext_lazy("Knowledge exchange and capacity building"),
    "digital": gettext_lazy("Digital and e-commerce"),
    "tourism": gettext_lazy("Culture and tourism"),
    "restrictive": gettext_lazy("Restrictive or macro measure"),
}
MATURITY = {
    "idea": gettext_lazy("Idea"),
    "study": gettext_lazy("Under study"),
    "approved": gettext_lazy("Approved"),
    "construction": gettext_lazy("Under construction"),
    "operating": gettext_lazy("Operating"),
}
STATUS = {"not_applicable": gettext_lazy("Not applicable"), "failed": gettext_lazy("Failed")}

Measures = Mapping[str, Mapping[str, Any]]


def status(review: str) -> str:
    """How far the results have been accepted."""
    return {"approved": _("Approved"), "frozen": _("Approved and frozen")}.get(review, _("Draft"))


def listed(names: Sequence[str], most: int = MOST_NAMES) -> str:
    """`a, b and c`; what goes beyond `most` is counted, not named."""
    if len(names) > most:
        return _("%(names)s and %(rest)d more") % {"names": ", ".join(names[:most]), "rest": len(names) - most}
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


def score_kind(criterion: str) -> str:
    """The number format of a ranking's score."""
    return "musd_change" if criterion == "welfare" else "index_change"


def score_words(criterion: str, score: Mapping[str, float]) -> str:
    """The score with its 90 % interval and unit."""
    kind = score_kind(criterion)
    numbers = {
        "mean": format_number(score.get("mean", score.get("score_mean")), kind),
        "interval": format_interval(score["q05"], score["q95"], kind),
    }
    if criterion == "welfare":
        return _("%(mean)s million USD a year (90 %% interval %(interval)s)") % numbers
    return _("%(mean)s millionths of the index (90 %% interval %(interval)s)") % numbers


def holds_zero(score: Mapping[str, float]) -> bool:
    """Whether the 90 % interval includes zero."""
    return score["q05"] <= 0 <= score["q95"]


def leader_sentences(rows: Sequence[Mapping[str, Any]], measures: Measures, criterion: str) -> list[str]:
    """Who leads among the measures proposed, whether that is settled, how large the effect is, and what ranks above."""
    if not rows:
        return [_("No measure could be ranked: see the measures without a rank and the reasons given there.")]
    proposed = [row for row in rows if row.get("among_proposed")]
    leading = proposed or list(rows)
    group = [row for row in leading if _group(row) == _group(leading[0])]
    names = [measures[row["intervention"]]["name"] for row in group]
    scope = _("Among the measures that are not restrictive, ") if proposed and len(proposed) < len(rows) else ""
    if len(leading) == 1:
        sentence = _("%(name)s is the only measure with a rank.") % {"name": names[0]}
    elif len(group) == 1:
        sentence = _("%(name)s ranks first, and at 90 %% its lead is settled.") % {"name": names[0]}
    else:
        sentence = _(
            "%(count)d measures share the first place: at 90 %% they cannot be told apart from the first. They are %(names)s."
        ) % {
            "count": len(group),
            "names": listed(names),
        }
    return [
        scope + sentence,
        _leader_effect(leading[0], names[0], criterion),
        *_restrictive_above(rows, leading[0], measures, criterion),
    ]


def _group(row: Mapping[str, Any]) -> int:
    return int((row.get("among_proposed") or row)["tie_group"])


def _leader_effect(row: Mapping[str, Any], name: str, criterion: str) -> str:
    subject = {"name": name, "score": score_words(criterion, row)}
    if holds_zero(row):
        return _("The effect of %(name)s is not distinguishable from zero: %(score)s.") % subject
    if not better_than_nothing(row, criterion):
        return _("Even %(name)s does not improve on doing nothing: %(score)s.") % subject
    return _("The effect of %(name)s is %(score)s.") % subject


def scale_sentence(rows: Sequence[Mapping[str, Any]], measures: Measures, index: float | None) -> list[str]:
    """How large the leader's effect is beside the index itself: millionths alone say little."""
    leading = next((row for row in rows if row.get("among_proposed")), rows[0] if rows else None)
    if leading is None or not index:
        return []
    change = measures[leading["intervention"]]["full"]["index_change"]["mean"]
    return [
        _("For scale: %(name)s changes today's index of %(index)s by %(percent)s.")
        % {
            "name": measures[leading["intervention"]]["name"],
            "index": format_number(index, "index_short"),
            "percent": format_number(100 * change / index, "pct_change"),
        }
    ]


def _restrictive_above(
    rows: Sequence[Mapping[str, Any]], leader: Mapping[str, Any], measures: Measures, criterion: str
) -> list[str]:
    """Restrictive measures that rank above the leader, with what they do to welfare."""
    sentences = []
    for row in rows[: leader["rank"] - 1]:
        measure = measures[row["intervention"]]
        if measure["kind"] == "restrictive":
            sentences.append(
                _(
                    "Rank %(rank)d goes to a restrictive measure, estimated to compare with: %(name)s, %(score)s. %(verdict)s"
                )
                % {
                    "rank": row["rank"],
                    "name": measure["name"],
                    "score": score_words(criterion, row),
                    "verdict": verdict(row, measure),
                }
            )
    return sentences[:3]


def better_than_nothing(score: Mapping[str, float], criterion: str) -> bool:
    """Whether the mean lies on the better side of zero."""
    mean = score["score_mean"]
    return mean > 0 if criterion == "welfare" else mean < 0


def settled_sentences(rows: Sequence[Mapping[str, Any]], measures: Measures) -> list[str]:
    """How many effects on the index have a settled sign, and how many places of the ranking are settled."""
    if not rows:
        return []
    changes = [
        (measures[row["intervention"]]["name"], measures[row["intervention"]]["full"]["index_change"]) for row in rows
    ]
    narrow = [name for name, change in changes if change["q95"] < 0]
    widen = [name for name, change in changes if change["q05"] > 0]
    open_sign = [name for name, change in changes if holds_zero(change)]
    sentences = [
        _(
            "Of %(all)d ranked measures, %(narrow)d narrow the gap and %(widen)d widen it with a 90 %% interval apart from zero."
        )
        % {"all": len(rows), "narrow": len(narrow), "widen": len(widen)}
    ]
    if open_sign:
        sentences.append(
            ngettext(
                "The effect of %(count)d is not distinguishable from zero: %(names)s.",
                "The effects of %(count)d are not distinguishable from zero: %(names)s.",
                len(open_sign),
            )
            % {"count": len(open_sign), "names": listed(open_sign, 5)}
        )
    assumed = sum(measures[row["intervention"]].get("grade") == "D" for row in rows)
    if assumed:
        sentences.append(
            _(
                "Intervals cover what was varied. %(assumed)d of %(all)d measures rest on at least one assumed effect (grade D)."
            )
            % {"assumed": assumed, "all": len(rows)}
        )
    groups = len({row["tie_group"] for row in rows})
    if groups == len(rows):
        sentences.append(_("Every place of the ranking is settled at 90 %."))
    elif groups == 1:
        sentences.append(_("No place of the ranking is settled at 90 %: all measures are in one tie group."))
    else:
        sentences.append(
            _("The ranking falls into %(groups)d groups; inside a group the order is not settled at 90 %%.")
            % {"groups": groups}
        )
    return sentences


def tension_sentences(
    rows: Sequence[Mapping[str, Any]], measures: Measures, orderings: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Where a smaller gap and higher welfare part ways, by name."""
    ranked = [measures[row["intervention"]] for row in rows]
    conflict = [measures[identifier]["name"] for identifier in orderings["narrows_and_lowers_welfare"]]
    unsettled = [
        measure["name"]
        for measure in ranked
        if measure["full"]["index_change"]["q95"] < 0 and holds_zero(measure["full"]["ev_musd"])
    ]
    gain = [
        measure
        for measure in ranked
        if measure["full"]["ev_musd"]["q05"] > 0 and measure["full"]["index_change"]["q95"] >= 0
    ]
    proposed = [measure["name"] for measure in gain if measure["kind"] != "restrictive"]
    restrictive = [measure["name"] for measure in gain if measure["kind"] == "restrictive"]
    conflicts = [
        _named(
            conflict,
            _("At 90 % these narrow the gap and lower welfare"),
            _("At 90 % no measure narrows the gap and lowers welfare."),
        )
    ]
    if unsettled:
        conflicts.append(
            _named(unsettled, _("These narrow the gap, and the sign of their effect on welfare is not settled"), "")
        )
    conflicts += _money_sentences(ranked)
    gains = [
        _named(
            proposed,
            _("At 90 % these raise welfare without narrowing the gap"),
            _("At 90 % no measure that is not restrictive does."),
        )
    ]
    if restrictive:
        gains.append(
            _named(restrictive, _("So do these restrictive measures, for those whose welfare counts here"), "")
        )
    return {"conflict": conflicts, "gain": gains}


def _money_sentences(ranked: Sequence[Mapping[str, Any]]) -> list[str]:
    """Measures whose index falls because trade grows, while exports and imports of partners part further in money."""
    changes = [
        (measure["name"], measure["full"].get("gap_change_musd"))
        for measure in ranked
        if measure["full"]["index_change"]["q95"] < 0
    ]
    wider = [(name, change) for name, change in changes if change and change["mean"] > 0]
    if not wider:
        return []
    return [
        _(
            "The index is the gap over trade. These lower it by adding more trade than gap, and widen the gap in money on the mean, %(settled)d of them at 90 %% (%(count)d): %(names)s."
        )
        % {
            "settled": sum(change["q05"] > 0 for _name, change in wider),
            "count": len(wider),
            "names": listed([name for name, _change in wider], 3),
        }
    ]


def _named(names: Sequence[str], claim: str, otherwise: str) -> str:
    return (
        _("%(claim)s (%(count)d): %(names)s.") % {"claim": claim, "count": len(names), "names": listed(names, 3)}
        if names
        else otherwise
    )


def ordering_sentence(orderings: Mapping[str, Any]) -> str:
    """How far the two orderings agree."""
    count = len(orderings["imbalance"])
    tau = orderings["kendall_tau"]
    if count < 2 or tau is None:
        return _("With fewer than two ranked measures the orderings cannot be compared.")
    return _(
        "Kendall's tau between the ordering by imbalance and the ordering by welfare is %(tau)s (+1 the same order, \u22121 the opposite): "
        "%(reversals)s of %(pairs)s pairs of measures stand the other way round, each way settled at 90 %%."
    ) % {
        "tau": format_number(tau, "tau"),
        "reversals": format_number(len(orderings["reversals"]), "count"),
        "pairs": format_number(count * (count - 1) / 2, "count"),
    }


def cost_sentences(rows: Sequence[Mapping[str, Any]], measures: Measures, criterion: str) -> list[str]:
    """What the leading measures cost and which does most per billion USD."""
    priced = [row for row in rows if row.get("score_per_busd") is not None]
    if not priced:
        return [_("No ranked measure has a cost, so effects cannot be set against money.")] if rows else []
    useful = [row for row in priced if better_than_nothing(row, criterion) and not holds_zero(row)]
    sentences = [_("%(priced)d of %(all)d ranked measures have a cost.") % {"priced": len(priced), "all": len(rows)}]
    if useful:
        best = max(useful, key=lambda row: abs(row["score_per_busd"]))
        unit = _("million USD a year") if criterion == "welfare" else _("millionths of the index")
        sentences.append(
            _(
                "Set against its cost the largest effect with a settled sign is that of %(name)s: %(value)s %(unit)s per billion USD, at a cost of %(cost)s million USD. This is a ratio to compare with: no measure grows in proportion to what is spent on it, and costs are not discounted here."
            )
            % {
                "name": measures[best["intervention"]]["name"],
                "value": format_number(best["score_per_busd"], score_kind(criterion)),
                "unit": unit,
                "cost": format_number(measures[best["intervention"]]["costs"]["total_musd"], "musd"),
            }
        )
    return sentences


def not_modelled(context: Mapping[str, Any]) -> list[str]:
    """The limits that a decision has to live with, from the case's own shape."""
    baseline = context["baseline"]
    limits = []
    if len(context["case"]["economies"]) == 2:
        limits.append(
            _(
                "The two economies are a closed world: nothing is diverted to or from third markets, so effects that work through them are missing."
            )
        )
    limits += [
        _(
            "Only trade recorded at the case's crossings is in the flows. Sea and air freight are outside unless the case lists them as modes."
        ),
        _(
            "Flows inside each economy were not observed. Of the value of the baseline %(observed)s is observed, %(scaled)s set to known totals such as GDP, and %(imputed)s imputed by rule."
        )
        % {
            name: format_number(baseline["provenance"].get(name, 0.0), "share")
            for name in ("observed", "scaled", "imputed")
        },
        _(
            "Each result compares two steady years: no path of adjustment, no movement of people between places, no change of total employment."
        ),
        _(
            "Welfare is before the cost of the measures: nobody in the model pays for them. The appraisal, where the run has one, sets costs against benefits."
        ),
        _("Interventions are estimated one at a time. Two on the same crossing may replace or strengthen each other."),
        _(
            "Results hold under one rule for overall balances (the closure on the cover). Under another rule sizes, and some signs, differ."
        ),
    ]
    return limits


def stage_sentence(rows: Sequence[Mapping[str, Any]], measures: Measures) -> str:
    """Where the stages disagree about the sign."""
    turned = []
    for row in rows:
        stages = measures[row["intervention"]]["effect"]
        signs = {stages[stage]["index_change"]["mean"] > 0 for stage in ("partial", "full") if stage in stages}
        if len(signs) == 2:
            turned.append(measures[row["intervention"]]["name"])
    if not turned:
        return _("No measure changes its sign between the partial and the full stage.")
    return ngettext(
        "The sign turns between the partial and the full stage for %(count)d measure: %(names)s.",
        "The sign turns between the partial and the full stage for %(count)d measures: %(names)s.",
        len(turned),
    ) % {"count": len(turned), "names": listed(turned)}


def verdict(row: Mapping[str, Any], measure: Mapping[str, Any]) -> str:
    """What one measure does to the gap and to welfare, no further than its intervals go."""
    gap = _direction(
        measure["full"]["index_change"],
        _("narrows the gap"),
        _("widens the gap"),
        _("its effect on the gap is not distinguishable from zero"),
    )
    welfare = _direction(
        measure["full"]["ev_musd"],
        _("lowers welfare"),
        _("raises welfare"),
        _("its effect on welfare is not distinguishable from zero"),
    )
    sentence = _("%(gap)s; %(welfare)s.") % {"gap": gap, "welfare": welfare}
    return sentence[:1].upper() + sentence[1:]


def _direction(change: Mapping[str, float], negative: str, positive: str, unsettled: str) -> str:
    if change["mean"] == change["q05"] == change["q95"] == 0:
        return unsettled
    if holds_zero(change):
        return unsettled
    return negative if change["mean"] < 0 else positive
