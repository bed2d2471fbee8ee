"""What a reader who has to decide asks first: what to fund, at whose expense, and what would change the answer."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planner.reports.analysis_words import found, measure_name
from planner.reports.numbers import format_interval, format_number
from planner.reports.words import Measures, listed

Context = Mapping[str, Any]
ASSUMED = "D"
# A benefit this many times the cost is first of all a statement about the assumption that it rests on.
HIGH_RATIO = 10.0
# Below this share of the gain of those who count, most of it is a loss of others.
MOSTLY_TAKEN = 0.5
MOST_NAMED = 3
# A set that moves less than this share of the gap leaves the gap as it is.
SMALL_PART = 0.1


def index_sentence(index: float | None) -> str:
    """What the headline number means."""
    if index is None:
        return ""
    return _(
        "%(share)s of the border regions' trade with partners across the border is not matched by trade the other way."
    ) % {"share": format_number(index, "share")}


def fund_sentences(context: Context) -> list[str]:
    """The best set under a budget, how large it is beside the gap, and which members are not worth their cost for sure."""
    document = found(context, "portfolio")
    if not document or not document["portfolio"]["members"]:
        return []
    best, currency = document["portfolio"], context["case"]["currency"]
    spread = best["over_draws"] or {}
    sentences = [
        ngettext(
            "For %(budget)s million %(currency)s the best set has %(count)d measure at %(cost)s million.",
            "For %(budget)s million %(currency)s the best set has %(count)d measures at %(cost)s million.",
            len(best["members"]),
        )
        % {
            "budget": format_number(best["budget"], "musd"),
            "currency": currency,
            "count": len(best["members"]),
            "cost": format_number(best["cost_musd"], "musd"),
        }
    ]
    if spread:
        sentences += _together_sentences(spread, context["baseline"]["index"])
    return [*sentences, *_worth_sentences(context, [row["id"] for row in best["members"]])]


def _together_sentences(spread: Context, index: float | None) -> list[str]:
    """What the set does to the gap, beside its size, and to welfare."""
    gap, welfare = spread["narrowing"], spread["welfare_musd"]
    numbers = {
        "index": format_number(-gap["mean"], "index_change"),
        "interval": format_interval(-gap["q95"], -gap["q05"], "index_change"),
        "welfare": format_number(welfare["mean"], "musd_change"),
        "welfare_interval": format_interval(welfare["q05"], welfare["q95"], "musd_change"),
    }
    sentences = [
        _(
            "Together they change the index by %(index)s millionths (90 %% interval %(interval)s) and welfare by %(welfare)s million a year (%(welfare_interval)s)."
        )
        % numbers
    ]
    share = gap["mean"] / index if index else 0.0
    if 0 < share < SMALL_PART:
        sentences.append(
            _("That is %(share)s of the index: nearly all of it stays, whatever is funded here.")
            % {"share": format_number(share, "share_small")}
        )
    return sentences


def _worth_sentences(context: Context, members: list[str]) -> list[str]:
    """How many members are worth more than they cost, and who is not."""
    document = found(context, "appraisal")
    rows = {row["intervention"]: row for row in (document or {}).get("rows", ()) if row["cost_known"]}
    known = [rows[name] for name in members if name in rows]
    if not known or document is None:
        return []
    open_ = [measure_name(context, row["intervention"]) for row in known if row["npv_musd"]["q05"] <= 0]
    sentence = _(
        "Of the %(count)d with an appraisal (until %(last)s, discounted) %(sure)d are worth more than they cost in at least 95 %% of draws."
    ) % {"count": len(known), "last": document["last_year"], "sure": len(known) - len(open_)}
    if not open_:
        return [sentence]
    return [sentence, _("That is not so for %(names)s.") % {"names": listed(open_, MOST_NAMED)}]


def change_sentences(context: Context, measures: Measures) -> list[str]:
    """What would change the answer: the assumed sizes, other rules, other events."""
    sentences = [*switching_sentences(context, measures), *_spread_sentences(context), *sign_sentences(context)]
    other = []
    closures = found(context, "closures")
    for row in (closures or {}).get("closures", ())[1:]:
        if row["status"] == "done" and row["first"] and not row["same_first"]:
            other.append(_("closure %(name)s") % {"name": row["closure"]})
    stress = found(context, "stress")
    changed = sum(
        1
        for row in (stress or {}).get("stresses", ())
        if row["status"] == "done" and row["first"] and not row["same_first"]
    )
    if changed:
        text = ngettext("%(count)d stress test", "%(count)d stress tests", changed)
        other.append(text % {"count": changed})
    variants = found(context, "variants")
    if any(
        row["status"] == "done" and row["first"] and not row["same_first"]
        for row in (variants or {}).get("variants", ())[1:]
    ):
        other.append(_("another imputation of what is not observed"))
    if other:
        sentences.append(_("Another measure comes first under %(names)s.") % {"names": listed(other)})
    elif closures or stress or variants:
        sentences.append(_("The first place holds under every other rule, stress and imputation that was tried."))
    return sentences


def switching_sentences(context: Context, measures: Measures) -> list[str]:
    """How far the assumed benefit of the measure worth most may fall; a warning where ratios rest on assumptions."""
    document = found(context, "appraisal")
    if not document or not document["order"]:
        return []
    rows = {row["intervention"]: row for row in document["rows"]}
    best = rows[document["order"][0]]
    change = best["switching_at_means"].get("welfare")
    sentences = []
    if change is not None and change < 0:
        sentences.append(
            _("%(name)s, worth most, would be worth its cost with a benefit smaller by up to %(change)s.")
            % {
                "name": measure_name(context, best["intervention"]),
                "change": format_number(-change, "share"),
            }
        )
    return sentences + ratio_warning(context, measures)


def ratio_warning(context: Context, measures: Measures) -> list[str]:
    """Benefits that are many times a small cost say how large the assumption is."""
    document = found(context, "appraisal")
    if not document:
        return []
    high = [
        row
        for row in document["rows"]
        if row["cost_known"] and not row["restrictive"] and (row["bcr_at_means"] or 0) >= HIGH_RATIO
    ]
    assumed = [row for row in high if measures[row["intervention"]].get("grade") == ASSUMED]
    if not assumed:
        return []
    ratios = [row["bcr_at_means"] for row in assumed]
    interval = (
        format_interval(min(ratios), max(ratios), "musd") if len(ratios) > 1 else format_number(ratios[0], "musd")
    )
    return [
        ngettext(
            "Treat with care: the benefit of %(names)s is %(ratios)s times its cost, and the size of its effect is an assumption (grade D). Such a ratio measures the assumption, not the measure; costs are those listed with the measure.",
            "Treat with care: the benefits of %(names)s are %(ratios)s times their cost, and the sizes of their effects are assumptions (grade D). Such ratios measure the assumptions, not the measures; costs are those listed with the measures.",
            len(assumed),
        )
        % {
            "names": listed([measure_name(context, row["intervention"]) for row in assumed], MOST_NAMED),
            "ratios": interval,
        }
    ]


def _spread_sentences(context: Context) -> list[str]:
    document = found(context, "variance")
    rows = (document or {}).get("overall", {}).get("imbalance", ())
    own = next((row for row in rows if row["name"] == "channels"), None)
    if own is None:
        return []
    return [
        _(
            "On average %(share)s of the spread of a result is how large the measure's own effect is: better evidence on that would change most."
        )
        % {"share": format_number(own["share"], "share")}
    ]


def sign_sentences(context: Context) -> list[str]:
    """Measures that narrow the gap under one rule for overall balances and widen it under another."""
    document = found(context, "closures")
    if not document:
        return []
    signs: dict[str, set[bool]] = {}
    for row in document["closures"]:
        for one in row["rows"]:
            if one["rank"] is not None and one["index_change"]:
                signs.setdefault(one["intervention"], set()).add(one["index_change"] < 0)
    turned = [measure_name(context, name) for name, both in signs.items() if len(both) == 2]
    if not turned:
        return [_("Whether a measure narrows or widens the gap is the same under every closure that was solved.")]
    return [
        ngettext(
            "Whether the gap narrows or widens depends on the closure for %(count)d of %(all)d measures that may be proposed: %(names)s.",
            "Whether the gap narrows or widens depends on the closure for %(count)d of %(all)d measures that may be proposed: %(names)s.",
            len(turned),
        )
        % {"count": len(turned), "all": len(signs), "names": listed(turned, MOST_NAMED)}
    ]


def transfer_sentences(context: Context, measures: Measures) -> list[str]:
    """Gains of those who count that are mostly losses of others."""
    taken = []
    for row in context["ranking"]["rows"]:
        full = measures[row["intervention"]]["full"]
        own, everybody = full["ev_musd"], full.get("ev_all_places_musd")
        if everybody and own["q05"] > 0 and everybody["mean"] < MOSTLY_TAKEN * own["mean"]:
            name = measures[row["intervention"]]["name"]
            numbers = format_number(own["mean"], "musd_change"), format_number(everybody["mean"], "musd_change")
            taken.append(
                (
                    own["mean"],
                    _("%(name)s (%(own)s, all places %(all)s)") % {"name": name, "own": numbers[0], "all": numbers[1]},
                )
            )
    if not taken:
        return []
    taken.sort(key=lambda one: -one[0])
    return [
        ngettext(
            "For %(count)d measure most of the gain of those whose welfare counts is a loss of other places, through prices, revenue and diverted trade (million a year): %(names)s.",
            "For %(count)d measures most of the gain of those whose welfare counts is a loss of other places, through prices, revenue and diverted trade (million a year): %(names)s.",
            len(taken),
        )
        % {"count": len(taken), "names": listed([text for _gain, text in taken], MOST_NAMED)}
    ]


def everybody_sentence(full: Context) -> str:
    """Welfare of those who count beside that of all places, over which terms of trade cancel."""
    own, everybody = full["ev_musd"], full.get("ev_all_places_musd")
    if not everybody:
        return ""
    return _(
        "Those whose welfare counts: %(own)s million a year; all places together, where one's better terms of trade are another's worse: %(all)s (%(interval)s)."
    ) % {
        "own": format_number(own["mean"], "musd_change"),
        "all": format_number(everybody["mean"], "musd_change"),
        "interval": format_interval(everybody["q05"], everybody["q95"], "musd_change"),
    }


def without_cost(context: Context, measures: Measures) -> list[str]:
    """Measures that may be proposed and have no cost, which no ratio and no set can hold."""
    names = [
        measures[row["intervention"]]["name"]
        for row in context["ranking"]["rows"]
        if row.get("among_proposed") and measures[row["intervention"]]["costs"]["total_musd"] is None
    ]
    if not names:
        return []
    return [_("Without a cost, and so in no appraisal and no set: %(names)s.") % {"names": listed(names, MOST_NAMED)}]
