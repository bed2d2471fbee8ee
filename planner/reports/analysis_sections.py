"""The sections of a report that show a run's analyses: sentences, figures by name and tables, the same for pages and paper."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from planner.reports import analysis_words as words
from planner.reports.blocks import Block, Cell, drawing, paragraph, table
from planner.reports.cells import number, pair, spread
from planner.reports.numbers import format_number
from planner.reports.reasons import reason_words
from planner.reports.summary_words import sign_sentences, switching_sentences, without_cost
from planner.reports.wait_section import wait_blocks

Context = Mapping[str, Any]
Section = dict[str, Any]
MOST_ROWS = 15
MOST_PAIRS = 10
LEAST_DEFINED, MOST_CHANGE = 0.5, 10.0


def analysis_sections(context: Context) -> list[Section]:
    """Sections of the analyses that the report holds, in reading order."""
    builders = (
        ("diagnosis", _("Why is there an imbalance?"), _diagnosis),
        ("appraisal", _("Worth and cost"), _appraisal),
        ("criteria", _("Several criteria at once"), _criteria),
        ("portfolio", _("The best set under a budget"), _portfolio),
        ("closures", _("Does the ranking hold under other rules?"), _closures),
        ("variants", _("Does the ranking hold under other imputations?"), _variants),
        ("stress", _("Does the ranking hold under stress?"), _stress),
        ("variance", _("Where the spread comes from"), _variance),
        ("waits", _("Waits before and after"), wait_blocks),
        ("minute_values", _("The worth of one minute"), _minutes),
        ("side", _("What else the measures do"), _side),
    )
    sections = []
    for kind, title, build in builders:
        document = words.found(context, kind)
        if document:
            sentences = [*words.SENTENCES[kind](context), *_cautions(kind, context)]
            blocks = [paragraph(" ".join(sentences)), *build(context, document)]
            anchor = f"analysis-{kind.replace('_', '-')}"
            sections.append({"anchor": anchor, "title": title, "blocks": list(_anchored(blocks, anchor))})
    missing = words.missing_sentences(context)
    if missing:
        blocks = [paragraph(sentence) for sentence in missing]
        sections.append({"anchor": "analysis-missing", "title": _("Analyses without a result"), "blocks": blocks})
    return sections


def _anchored(blocks: Sequence[Block], section: str) -> Iterator[Block]:
    """Tables and figures with an anchor of their own: the first of each kind has no number."""
    patterns = {"table": f"table-{section}", "drawing": f"{section}-figure"}
    seen: dict[str, int] = {}
    for block in blocks:
        seen[block["kind"]] = number_ = seen.get(block["kind"], 0) + 1
        pattern = patterns.get(block["kind"], section)
        yield {**block, "anchor": pattern if number_ == 1 else f"{pattern}-{number_}"}


def _cautions(kind: str, context: Context) -> list[str]:
    """What a reader must know before the table of an analysis."""
    measures = {measure["id"]: measure for measure in context["interventions"]}
    if kind == "appraisal":
        return [*switching_sentences(context, measures), *without_cost(context, measures)]
    return sign_sentences(context) if kind == "closures" else []


def _columns(first: str, *others: str) -> list[tuple[str, str, float]]:
    return [(first, "left", 2.6), *((head, "right", 1.0) for head in others)]


def _names(context: Context) -> dict[str, str]:
    return {measure["id"]: measure["name"] for measure in context["interventions"]}


def _diagnosis(context: Context, document: Context) -> list[Block]:
    drivers = document["drivers"]
    rows: list[Sequence[Cell]] = [
        [
            f"{words.place_name(context, row['region'])} / {words.place_name(context, row['partner'])}",
            number(row["balance_musd"], "busd_signed"),
            *(number(row["parts_musd"][driver], "busd_signed") for driver in drivers),
            number(row["remainder_musd"], "busd_signed"),
        ]
        for row in document["pairs"][:MOST_PAIRS]
    ]
    heads = [_("Balance"), *(str(words.DRIVERS[driver]) for driver in drivers), _("remainder")]
    caption = _(
        "The largest imbalances between two places, billion %(currency)s a year (+: the first sells more). Parts add up to the balance: exact Shapley values of full solves in which each driver is made neutral. Evidence grade D: domestic trade is imputed."
    ) % {"currency": context["case"]["currency"]}
    blocks = [
        drawing(
            "diagnosis",
            _("Waterfall of the imbalance index by driver"),
            _(
                "The headline index split into its drivers, index points. Blue adds to the gap, brown takes away from it."
            ),
        ),
        table(_columns(_("Region / partner"), *heads), rows, caption, small=True),
    ]
    without = [f"{words.DRIVERS[driver]}: {reason_words(reason)}" for driver, reason in document["missing"].items()]
    return [*blocks, paragraph("; ".join(without) + ".", quiet=True)] if without else blocks


def _appraisal(context: Context, document: Context) -> list[Block]:
    names, rows = _names(context), {row["intervention"]: row for row in document["rows"]}
    grades = {measure["id"]: measure["grade"] for measure in context["interventions"]}
    shown: list[Sequence[Cell]] = []
    for name in document["order"]:
        row = rows[name]
        eirr, change = row["eirr"] or {}, row["switching_at_means"].get("welfare")
        shown.append(
            [
                names.get(name, name),
                spread(row["npv_musd"], "musd_change"),
                number(row["p_npv_positive"], "probability"),
                number(row["bcr_at_means"], "musd"),
                number(eirr["q50"] if eirr.get("share_defined", 0) >= LEAST_DEFINED else None, "share"),
                number((row["payback_years"] or {}).get("q50"), "minutes"),
                number(change if change is not None and abs(change) <= MOST_CHANGE else None, "change_share"),
                number((row["present_benefits_musd"].get("travellers_time") or {}).get("mean"), "musd_change"),
                number(row["sunk_musd"] or None, "musd"),
                grades.get(name) or "",
            ]
        )
    heads = (
        _("Net present value, M %(currency)s") % {"currency": document["currency"]},
        _("Worth more than it costs"),
        _("Benefits per cost"),
        _("Rate of return, median"),
        _("Payback, years, median"),
        _("Change of welfare for zero"),
        _("Of it travellers' time, M"),
        _("Sunk, left out, M"),
        _("Grade"),
    )
    caption = _(
        "Appraisal from %(base)s to %(last)s at %(currency)s prices of %(year)s; 90 %% intervals below the means. Capital costs carry optimism bias. A rate of return is shown where at least half of the draws have exactly one; the change of welfare that makes the mean NPV zero where it is at most tenfold. Grade: that of the weakest assumption about the effect. Travellers' time: people in cars and buses, whose queue a measure shortens or more visitors lengthen (waits of cars: section on waits); below zero where they lose."
    ) % {
        "base": document["base_year"],
        "last": document["last_year"],
        "currency": document["currency"],
        "year": document["price_year"],
    }
    return [
        drawing(
            "cost_effectiveness",
            _("Cost-effectiveness curve"),
            _("Measures in the order of their effect per million spent, effects added up as if they did not interact."),
        ),
        table(_columns(_("Measure"), *heads), shown, caption, small=True),
    ]


def _criteria(context: Context, document: Context) -> list[Block]:
    names = _names(context)
    topsis = {row["intervention"]: row["rank"] for row in document["topsis"]["rows"]}
    front = {row["intervention"]: row for row in document["pareto"]["rows"]}
    regret = {row["intervention"]: row for row in document["regret"]["rows"]}
    kind = "musd_change" if document["regret"]["criterion"] == "welfare" else "index_change_plain"
    rows: list[Sequence[Cell]] = [
        [
            names.get(row["intervention"], row["intervention"]),
            number(row["rank"], "count"),
            spread({**row, "mean": row["score_mean"]}, "ratio"),
            number(topsis.get(row["intervention"]), "count"),
            number(front[row["intervention"]]["p_on_front"], "probability"),
            number(regret[row["intervention"]]["q90"], kind),
        ]
        for row in document["weighted"]["rows"][:MOST_ROWS]
    ]
    heads = (_("Rank"), _("Weighted score"), _("Rank by TOPSIS"), _("On the front"), _("Regret, 90 %"))
    caption = _(
        "Equal weights on the fall of the imbalance and on net present value, each from 0 (worst mean) to 1 (best). Front: no other measure is better in both imbalance and welfare, share of draws. Regret: loss against the best measure of the same draw. Measures without a known cost are left out."
    )
    return [table(_columns(_("Measure"), *heads), rows, caption, small=True)]


def _portfolio(context: Context, document: Context) -> list[Block]:
    starts = {row["id"]: row["start_year"] for row in (document["plan"] or {}).get("members", ())}
    kind = "musd_change" if document["objective"] == "welfare" else "index_change_plain"
    rows: list[Sequence[Cell]] = [
        [
            row["name"],
            number(row["cost_musd"], "musd"),
            number(row["alone"], kind),
            number(row["marginal"], kind),
            str(starts.get(row["id"]) or "\u2013"),
        ]
        for row in document["portfolio"]["members"]
    ]
    heads = (_("Cost, M"), _("Effect alone"), _("Lost without it"), _("Start year"))
    caption = _(
        "Members of the best set: chosen by a mixed-integer program on main and pairwise effects, verified by a joint solve. Effects are at central values; the ranking has means over draws, which are larger where an effect is skewed. Budget: what the cheaper half of the candidates cost together. Intervals of the set: %(draws)s draws. Start year: in the plan over years with the same total budget; a dash where that plan, which may hold other measures, leaves one out."
    ) % {"draws": format_number(document["run"]["draws"], "count")}
    return [
        drawing(
            "frontier",
            _("Frontier of the best sets by budget"),
            _("What the best set of each budget does together; the full mark is the budget above."),
        ),
        table(_columns(_("Measure"), *heads), rows, caption),
    ]


def _variants(context: Context, document: Context) -> list[Block]:
    """The ranking with what is not observed completed in other ways, observed flows being the same."""
    rows = [
        [
            words.variant_name(row),
            number(row["imputed_share"], "share"),
            number(row["index"], "index"),
            number(row["kendall_tau"], "tau"),
            "; ".join(words.measure_name(context, one) for one in row["order"][:3]) or row["reason"],
        ]
        for row in document["variants"]
    ]
    columns = (
        (_("Imputation"), "left", 2.4),
        (_("Imputed"), "right", 0.8),
        (_("Index"), "right", 0.9),
        (_("Agreement"), "right", 0.9),
        (_("First three"), "left", 4),
    )
    caption = _(
        "What is not observed was completed in other ways, observed flows being the same: the first three under each, and Kendall's tau of the order with this run's (central values)."
    )
    return [table(columns, rows, caption, small=True)]


def _closures(context: Context, document: Context) -> list[Block]:
    solved = [row for row in document["closures"] if row["status"] == "done"]
    ranks = {row["closure"]: {one["intervention"]: one["rank"] for one in row["rows"]} for row in solved}
    caption = _(
        "Rank of the measures under every rule for overall balances, central values; a dash where a measure has no meaning. Restrictive measures are left out. Last row: agreement with the run's own rule, Kendall's tau."
    )
    order, labels = document["closures"][0]["order"], [row["closure"] for row in solved]
    return [
        _rank_table(context, order, labels, ranks, solved, caption),
        _effect_table(context, order, solved),
    ]


def _effect_table(context: Context, order: Sequence[str], solved: Sequence[Context]) -> Block:
    """What each measure does to the index and to welfare under every closure: ranks alone hide signs and sizes."""
    names = _names(context)
    effects = [{one["intervention"]: one for one in row["rows"]} for row in solved]
    rows: list[Sequence[Cell]] = []
    for name in order[:MOST_ROWS]:
        cells: list[Cell] = [names.get(name, name)]
        for of_closure in effects:
            one = of_closure.get(name)
            if one:
                cells.append(pair(one["index_change"], "index_change", one["ev_musd"], "musd_change"))
            else:
                cells.append(number(None, "index_change"))
        rows.append(cells)
    caption = _(
        "The same under every rule: change of the index in millionths and, below it, welfare in million a year; central values, without intervals. Means over draws differ from them where an effect is skewed."
    )
    return table(_columns(_("Measure"), *(row["closure"] for row in solved)), rows, caption, small=True)


def _stress(context: Context, document: Context) -> list[Block]:
    solved = [row for row in document["stresses"] if row["status"] == "done"]
    labels = [words.stress_name(context, row) for row in solved]
    ranks = {
        label: {one["intervention"]: one["rank"] for one in row["rows"]}
        for label, row in zip(labels, solved, strict=True)
    }
    caption = _(
        "Rank of the measures on top of each stress, central values. Stresses have a stated size and are no forecast. A currency swing is solved with fixed wages, where it matters, and compared with the order there. Last row: agreement with the order without stress, Kendall's tau."
    )
    return [_rank_table(context, document["baseline_order"], labels, ranks, solved, caption)]


def _rank_table(
    context: Context,
    order: Sequence[str],
    labels: Sequence[str],
    ranks: Mapping[str, Mapping[str, Any]],
    solved: Sequence[Context],
    caption: str,
) -> Block:
    names = _names(context)
    rows: list[Sequence[Cell]] = [
        [names.get(name, name), *(number(ranks[label].get(name), "count") for label in labels)]
        for name in order[:MOST_ROWS]
    ]
    rows.append([_("Agreement"), *(number(row["kendall_tau"], "tau") for row in solved)])
    return table(_columns(_("Measure"), *labels), rows, caption, small=True)


def _variance(context: Context, document: Context) -> list[Block]:
    rows: list[Sequence[Cell]] = []
    shares = {row["name"]: row["share"] for row in document["overall"]["welfare"]}
    for row in document["overall"]["imbalance"][:MOST_ROWS]:
        rows.append(
            [
                {"main": words.input_name(row["name"], context), "sub": row["name"] if "_" in row["name"] else ""},
                number(row["share"], "share"),
                number(shares.get(row["name"]), "share"),
            ]
        )
    caption = _(
        "First-order shares of the variance of results, mean over the measures that may be proposed; shares that %(draws)s draws cannot tell from zero count as nothing."
    ) % {"draws": format_number(document["draws"], "count")}
    return [
        drawing(
            "tornado",
            _("Tornado of the first measure"),
            _(
                "Mean effect where a number is in its lowest or highest tenth, for the measure that comes first. Blue: a higher number raises the value on the axis; brown: it lowers it."
            ),
        ),
        table(_columns(_("Uncertain number"), _("Imbalance"), _("Welfare")), rows, caption),
    ]


def _minutes(context: Context, document: Context) -> list[Block]:
    rows: list[Sequence[Cell]] = [
        [
            f"{row['name']} \u2192 {words.economy_name(context, row['direction'])}",
            number(row["wait_minutes"], "minutes"),
            row["wait_grade"],
            number(row["truck_trade_musd"], "busd"),
            number(row["index_change"], "index_change"),
            number(row["ev_musd"], "musd_change"),
        ]
        for row in document["stations"][:MOST_ROWS]
    ]
    heads = (
        _("Wait now, minutes"),
        _("Grade"),
        _("Trade by truck, billion"),
        _("Index, millionths"),
        _("Welfare, M a year"),
    )
    caption = _(
        "One minute of truck wait less, by crossing and direction: derivatives at the baseline, from one adjoint solve. Queues have answered: fewer minutes draw more trucks."
    )
    return [table(_columns(_("Crossing"), *heads), rows, caption, small=True)]


def _side(context: Context, document: Context) -> list[Block]:
    names, order = _names(context), [row["intervention"] for row in context["ranking"]["rows"]]
    by_id = {row["intervention"]: row for row in document["rows"]}
    rows: list[Sequence[Cell]] = []
    for name in [name for name in order if name in by_id and not by_id[name]["restrictive"]][:MOST_ROWS]:
        row = by_id[name]
        most = {
            field: max((place[field] for place in row["places"]), key=abs)
            for field in ("consumer_price_pct", "terms_of_trade_pct", "crossing_concentration_change")
        }
        moved = max(place["reallocated_share"] for place in row["places"])
        rows.append(
            [
                names[name],
                number(most["consumer_price_pct"], "pct_change"),
                number(most["terms_of_trade_pct"], "pct_change"),
                number(moved, "share_small"),
                number(most["crossing_concentration_change"], "ratio_change"),
                number(row["theil_change"]["total"], "ratio_change"),
                number(row["co2_change_tonnes"], "musd_change"),
            ]
        )
    heads = (
        _("Consumer prices"),
        _("Terms of trade"),
        _("Labour that moves"),
        _("Crossing concentration, millionths"),
        _("Spread of income (Theil), millionths"),
        _("CO2 of queues, tonnes"),
    )
    caption = _(
        "Largest change over the border regions, central values; prices against world income. With flexible wages the number of jobs stays and labour moves between sectors; the case has no numbers of jobs. None of these is a goal by itself."
    )
    return [table(_columns(_("Measure"), *heads), rows, caption, small=True)]
