"""Sentences about a run's analyses: one or two each, with the numbers and the limits that a reader needs first."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from planner.engine.uncertainty import WAIT_PREFIX
from planner.reports.appraisal_words import appraisal_sentences
from planner.reports.numbers import format_interval, format_number, format_range
from planner.reports.reasons import reason_words
from planner.reports.stored_analyses import crossing_name, economy_name, found, measure_name, place_name
from planner.reports.vocabulary import input_parts
from planner.reports.wait_section import wait_sentences
from planner.reports.words import listed

Context = Mapping[str, Any]

DRIVERS = {
    "aggregate": gettext_lazy("overall surpluses and deficits"),
    "structure": gettext_lazy("what each place is good at and what it wants"),
    "policy": gettext_lazy("tariffs"),
    "logistics": gettext_lazy("waits and fees"),
    "wedge": gettext_lazy("other asymmetric costs of trade"),
    "currency": gettext_lazy("value of the currency"),
}
REMAINDER = gettext_lazy("no single driver (the multilateral remainder)")
STRESSES = {
    "closed_crossing": gettext_lazy("closed crossing %s"),
    "slump": gettext_lazy("slump in %s"),
    "tariff_war": gettext_lazy("tariff war"),
    "travel_surge": gettext_lazy("surge of travel"),
    "currency_swing": gettext_lazy("currency swing of %s"),
}
MOST_DRIVERS = 3


def missing_sentences(context: Context) -> list[str]:
    """Analyses that have no result, with the reason."""
    return [
        _("%(what)s: %(reason)s.") % {"what": TITLES[kind], "reason": reason_words(analysis["reason"].rstrip("."))}
        for kind, analysis in (context.get("analyses") or {}).items()
        if analysis["status"] != "done"
    ]


TITLES = {
    "diagnosis": gettext_lazy("Why there is an imbalance"),
    "minute_values": gettext_lazy("The worth of one minute"),
    "closures": gettext_lazy("The ranking under each closure"),
    "stress": gettext_lazy("The ranking under stress"),
    "side": gettext_lazy("What else each measure does"),
    "appraisal": gettext_lazy("Appraisal by year"),
    "criteria": gettext_lazy("Several criteria"),
    "variance": gettext_lazy("Where the spread comes from"),
    "portfolio": gettext_lazy("The best set under a budget"),
    "variants": gettext_lazy("The ranking under other imputations"),
    "waits": gettext_lazy("Waits before and after"),
}


def stress_name(context: Context, row: Mapping[str, Any]) -> str:
    """A stress in words: what happens, to whom, how much."""
    pattern = str(STRESSES[row["kind"]])
    target = row["target"]
    if row["kind"] == "closed_crossing":
        return pattern % crossing_name(context, target)
    name = pattern % economy_name(context, target) if "%s" in pattern else pattern
    return f"{name}, {format_number(row['size'], 'change_share')}"


# --- One analysis each -----------------------------------------------------------------------------------------------


def diagnosis_sentences(context: Context) -> list[str]:
    """What drives the index, and the largest imbalance between two places."""
    document = found(context, "diagnosis")
    if not document:
        return []
    headline = document["headline"]
    parts = sorted(headline["parts"].items(), key=lambda item: -abs(item[1]))[:MOST_DRIVERS]
    sentences = [
        _("The index of %(index)s splits into %(parts)s; %(rest)s is left to %(remainder)s.")
        % {
            "index": format_number(headline["index"], "ratio"),
            "parts": listed([_part(part, "ratio_signed", driver) for driver, part in parts]),
            "rest": format_number(headline["remainder"], "ratio_signed"),
            "remainder": REMAINDER,
        }
    ]
    if document["pairs"]:
        sentences.append(_pair_sentence(context, document["pairs"][0]))
    return sentences


def _part(value: float, kind: str, driver: str) -> str:
    return _("%(value)s from %(driver)s") % {"value": format_number(value, kind), "driver": DRIVERS[driver]}


def _pair_sentence(context: Context, pair: Mapping[str, Any]) -> str:
    seller, buyer = place_name(context, pair["region"]), place_name(context, pair["partner"])
    sign = 1 if pair["balance_musd"] >= 0 else -1
    if sign < 0:
        seller, buyer = buyer, seller
    parts = sorted(pair["parts_musd"].items(), key=lambda item: -abs(item[1]))[:MOST_DRIVERS]
    return _(
        "The largest imbalance: %(seller)s sells %(balance)s billion %(currency)s a year more to %(buyer)s than it buys there; of these %(parts)s."
    ) % {
        "seller": seller,
        "buyer": buyer,
        "balance": format_number(abs(pair["balance_musd"]), "busd"),
        "currency": context["case"]["currency"],
        "parts": listed([_part(sign * part, "busd_signed", driver) for driver, part in parts]),
    }


def closure_sentences(context: Context) -> list[str]:
    """Under which rules another measure comes first."""
    document = found(context, "closures")
    if not document:
        return []
    own, *others = document["closures"]
    changed = [row for row in others if row["status"] == "done" and row["first"] and not row["same_first"]]
    solved = sum(row["status"] == "done" for row in others)
    failed = [row["closure"] for row in others if row["status"] != "done"]
    if changed:
        text = _("Another closure changes the first place (central values): %(changes)s.") % {
            "changes": listed(
                [f"{row['closure']} ({measure_name(context, row['first'])})" for row in changed],
            )
        }
    else:
        text = _("%(name)s comes first under all %(count)d closures (central values).") % {
            "name": measure_name(context, own["first"]),
            "count": solved + 1,
        }
    if failed:
        text += " " + _("Not solved under %(names)s.") % {"names": listed(failed)}
    return [text]


def stress_sentences(context: Context) -> list[str]:
    """How many keep their rank, and who loses the first place under what."""
    document = found(context, "stress")
    if not document:
        return []
    rows = document["robustness"]
    keep = [measure_name(context, row["intervention"]) for row in rows if row["keeps_rank"]]
    solved = [row for row in document["stresses"] if row["status"] == "done"]
    changed = [
        f"{stress_name(context, row)} ({measure_name(context, row['first'])})"
        for row in solved
        if row["first"] and not row["same_first"]
    ]
    sentences = [
        ngettext(
            "Under %(stresses)d stress tests %(count)d measure keeps its rank every time (central values): %(names)s.",
            "Under %(stresses)d stress tests %(count)d measures keep their rank every time (central values): %(names)s.",
            len(keep),
        )
        % {"stresses": len(solved), "count": len(keep), "names": listed(keep)}
        if keep
        else _("No measure keeps its rank under all %(stresses)d stress tests (central values).")
        % {"stresses": len(solved)}
    ]
    if changed:
        sentences.append(_("The first place changes under: %(names)s.") % {"names": listed(changed)})
    return sentences


def variant_sentences(context: Context) -> list[str]:
    """Whether the first place and the ranks hang on how the baseline was completed."""
    document = found(context, "variants")
    if not document:
        return []
    own, *others = document["variants"]
    solved = [row for row in others if row["status"] == "done" and row["first"]]
    if not solved or not own["first"]:
        return []
    changed = [
        f"{variant_name(row)} ({measure_name(context, row['first'])})" for row in solved if not row["same_first"]
    ]
    agreements = [row["kendall_tau"] for row in solved if row["kendall_tau"] is not None]
    if changed:
        text = _("Another imputation of what is not observed changes the first place (central values): %(names)s.") % {
            "names": listed(changed)
        }
    else:
        text = _(
            "%(name)s comes first under all %(count)d other imputations of what is not observed (central values)."
        ) % {
            "name": measure_name(context, own["first"]),
            "count": len(solved),
        }
    if agreements:
        text += " " + _("The least agreement of their orders with this one is %(tau)s (1: the same order).") % {
            "tau": format_number(min(agreements), "ratio")
        }
    return [text, *_outside_intervals(context, solved)]


def _outside_intervals(context: Context, solved: Sequence[Mapping[str, Any]]) -> list[str]:
    """Measures whose rank under another imputation lies outside the interval that the draws gave: what was not drawn matters."""
    own = {
        row["intervention"]: row["among_proposed"] for row in context["ranking"]["rows"] if row.get("among_proposed")
    }
    farthest: dict[str, tuple[int, int, Mapping[str, Any]]] = {}
    for variant in solved:
        for row in variant["rows"]:
            place = own.get(row["intervention"])
            if place and row["rank"] is not None:
                off = max(place["rank_low"] - row["rank"], row["rank"] - place["rank_high"])
                if off > 0 and off > farthest.get(row["intervention"], (0, 0, variant))[0]:
                    farthest[row["intervention"]] = (off, row["rank"], variant)
    if not farthest:
        return []
    order = sorted(farthest, key=lambda name: (-farthest[name][0], name))
    name = order[0]
    _off, rank, variant = farthest[name]
    return [
        _(
            "Intervals hold what was drawn, not how the baseline was completed: for %(count)d measures another imputation gives a rank outside their 90 %% interval, most for %(name)s (%(rank)d instead of %(interval)s; %(variant)s)."
        )
        % {
            "count": len(order),
            "name": measure_name(context, name),
            "rank": rank,
            "interval": format_range(own[name]["rank_low"], own[name]["rank_high"]),
            "variant": variant_name(variant),
        }
    ]


def variant_name(row: Mapping[str, Any]) -> str:
    """One way of completing the baseline, in words."""
    names = {
        "run": _("as in this run"),
        "low": _("all builder ratios low"),
        "central": _("all builder ratios central"),
        "high": _("all builder ratios high"),
        "near": _("trade inside an economy falls faster with distance"),
        "far": _("trade inside an economy does not fall with distance"),
    }
    if row["id"] in names:
        return str(names[row["id"]])
    return _("%(parameter)s at %(value)s") % {
        "parameter": row["parameter"],
        "value": format_number(row["value"], "plain"),
    }


def minute_sentences(context: Context) -> list[str]:
    """Where a minute matters most, for the index and for welfare."""
    document = found(context, "minute_values")
    if not document or not document["stations"]:
        return []
    gap = min(document["stations"], key=lambda row: row["index_change"])
    money = max(document["stations"], key=lambda row: row["ev_musd"])
    names = {
        key: _("%(crossing)s, into %(economy)s")
        % {"crossing": row["name"], "economy": economy_name(context, row["direction"])}
        for key, row in (("gap", gap), ("money", money))
    }
    return [
        _(
            "One minute of truck wait less narrows the gap most at %(gap)s (%(index)s millionths) and is worth most at %(money)s (%(value)s million %(currency)s a year)."
        )
        % {
            **names,
            "index": format_number(gap["index_change"], "index_change"),
            "value": format_number(money["ev_musd"], "musd_change"),
            "currency": context["case"]["currency"],
        }
    ]


def portfolio_sentences(context: Context) -> list[str]:
    """The best set, what it does together, and what the next million would do."""
    document = found(context, "portfolio")
    if not document:
        return []
    best = document["portfolio"]
    names = [row["name"] for row in best["members"]]
    spread = best["over_draws"]
    sentences = [
        _(
            "Best set for %(budget)s million %(currency)s: %(count)d measures at %(cost)s million, together %(value)s millionths of the index and %(welfare)s million %(currency)s of welfare a year: %(names)s."
        )
        % {
            "budget": format_number(best["budget"], "musd"),
            "currency": context["case"]["currency"],
            "count": len(names),
            "cost": format_number(best["cost_musd"], "musd"),
            "value": format_number(-best["narrowing"], "index_change"),
            "welfare": format_number(best["welfare_musd"], "musd_change"),
            "names": listed(names),
        }
    ]
    if spread:
        low, high = -spread["narrowing"]["q95"], -spread["narrowing"]["q05"]
        sentences.append(
            _(
                "Solved together, at central values; over draws the mean is %(mean)s millionths (90 %% interval %(interval)s). Added up one by one the central values would be %(sum)s."
            )
            % {
                "mean": format_number(-spread["narrowing"]["mean"], "index_change"),
                "interval": format_interval(low, high, "index_change"),
                "sum": format_number(-best["sum_alone"], "index_change"),
            }
            if document["objective"] == "imbalance"
            else _("Solved together; over draws welfare changes by %(interval)s million a year.")
            % {"interval": format_interval(spread["welfare_musd"]["q05"], spread["welfare_musd"]["q95"], "musd_change")}
        )
    return sentences


def criteria_sentences(context: Context) -> list[str]:
    """Who comes first by imbalance and value together, and what weight would change it."""
    document = found(context, "criteria")
    if not document or not document["weight_breaks"]:
        return []
    along = document["weight_breaks"][0]
    name = measure_name(context, along["first"])
    lead = _("With equal weights on the imbalance and on net present value %(name)s comes first") % {"name": name}
    ends = []
    for side, words in (("below", _("below")), ("above", _("above"))):
        if along[side] is not None:
            ends.append(
                _("%(side)s a weight of %(weight)s on the imbalance %(name)s would")
                % {
                    "side": words,
                    "weight": format_number(along[side], "share"),
                    "name": measure_name(context, along[f"challenger_{side}"]),
                }
            )
    if ends:
        return [f"{lead}; {listed(ends)}."]
    return [
        _("%(lead)s at the means, whatever the weights; draw by draw it is first at some weight in %(share)s.")
        % {"lead": lead, "share": format_number(along["holds_share"], "probability")}
    ]


def variance_sentences(context: Context) -> list[str]:
    """What the spread of results comes from."""
    document = found(context, "variance")
    if not document or not document["overall"]["imbalance"]:
        return []
    first, *rest = document["overall"]["imbalance"]
    return [
        _("On average %(share)s of the spread of a result comes from %(first)s; next come %(rest)s.")
        % {
            "share": format_number(first["share"], "share"),
            "first": input_name(first["name"], context),
            "rest": listed(
                [f"{input_name(row['name'], context)} ({format_number(row['share'], 'share')})" for row in rest[:3]]
            ),
        }
    ]


def names_a_wait(name: str) -> bool:
    """Whether an uncertain number is a measured wait."""
    return name.startswith(WAIT_PREFIX)


def input_name(name: str, context: Context | None = None) -> str:
    """An uncertain number in words; a parameter that has none keeps its key, which the register explains."""
    if name == "channels":
        return _("how large the measure's own effect is")
    if name == "waits":
        return _("how long trucks wait today, where measured")
    if names_a_wait(name):
        crossing, economy = name.removeprefix(WAIT_PREFIX).split(">")
        if context:
            crossing, economy = crossing_name(context, crossing), economy_name(context, economy)
        return _("wait today at %(crossing)s into %(economy)s") % {"crossing": crossing, "economy": economy}
    label, where = input_parts(name)
    if not label:
        return name.replace("_", " ")
    label = label[:1].lower() + label[1:]  # it stands within sentences
    return f"{label} ({names_of(context).get(where, where.replace('_', ' '))})" if where else label


def names_of(context: Context | None) -> dict[str, str]:
    """Names of sectors and economies by id."""
    case = context["case"] if context else {}
    return {str(row["id"]): str(row["name"]) for kind in ("sectors", "economies") for row in case.get(kind, ())}


def side_sentences(context: Context) -> list[str]:
    """What the numbers beside the ranking are about, and the largest change of queues."""
    document = found(context, "side")
    if not document or not document["rows"]:
        return []
    plain = [row for row in document["rows"] if not row["restrictive"]] or document["rows"]
    most = min(plain, key=lambda row: row["co2_change_tonnes"])
    return [
        _(
            "Trucks that queue emit %(before)s tonnes of CO2 a year at the baseline; %(name)s changes that most, by %(change)s tonnes (central values)."
        )
        % {
            "before": format_number(document["before"]["co2_tonnes"], "count"),
            "name": measure_name(context, most["intervention"]),
            "change": format_number(most["co2_change_tonnes"], "plain"),
        }
    ]


SENTENCES = {
    "diagnosis": diagnosis_sentences,
    "appraisal": appraisal_sentences,
    "criteria": criteria_sentences,
    "portfolio": portfolio_sentences,
    "stress": stress_sentences,
    "closures": closure_sentences,
    "variants": variant_sentences,
    "minute_values": minute_sentences,
    "variance": variance_sentences,
    "side": side_sentences,
    "waits": wait_sentences,
}


def short_sentences(context: Context) -> list[str]:
    """What a terminal prints below the ranked table."""
    return [" ".join(sentences) for write in SENTENCES.values() if (sentences := write(context))]
