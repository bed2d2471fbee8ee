"""The report in the order of its pages: the view of the HTML report as blocks, with the evidence of each measure set close."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from planner.reports.blocks import Block, Cell, figure, heading, items, paragraph, table, with_figures
from planner.reports.cells import spread
from planner.reports.cover import Cover
from planner.reports.figure_set import paper_figures
from planner.reports.figures.map_types import Rings
from planner.reports.measure_sheets import measure_sheet
from planner.reports.numbers import format_interval, format_number
from planner.reports.pdf_back_pages import method_blocks, parameters_blocks, provenance_blocks
from planner.reports.quality_view import quality_blocks
from planner.reports.summary_table import in_one_line
from planner.reports.view import report_view

View = Mapping[str, Any]


def pdf_document(context: Mapping[str, Any], outlines: Mapping[str, Rings], cover: Cover) -> dict[str, Any]:
    """Everything that the typesetter is given: texts and numbers as text, figures as SVG."""
    view = report_view(context, outlines, cover, figures=paper_figures)
    case, count = context["case"], len(context["interventions"])
    return {
        "title": case["title"],
        "year": case["year"],
        "kicker": _("Border-region trade facilitation \u00b7 ranking of interventions"),
        "lead": _(
            "Which of %(count)d measures would narrow the trade imbalances of the border regions, what else would they do, what do they cost, and how sure is that?"
        )
        % {"count": count},
        "status": view["status"],
        "draft": cover.draft,
        "contents": _("Contents"),
        "page_of": _("of"),
        "facts": [[fact["label"], fact["text"], "wide" if fact["wide"] else ""] for fact in view["cover"]],
        "blocks": [
            *_summary(view),
            {"kind": "page"},
            *_problem(view),
            *_analyses(view, view["diagnosis"]),
            *_ranking(view),
            *_welfare(view),
            *_stages(view),
            *_gains(view),
            *_analyses(view, view["analyses"]),
            *_measures(view),
            *_not_ranked(view),
            *_left_out(view),
            *parameters_blocks(view),
            *provenance_blocks(view),
            *quality_blocks(view),
            heading(_("Validation: modelled and observed")),
            items(view["validation"]),
            *method_blocks(view),
        ],
    }


def _analyses(view: View, sections: Sequence[Mapping[str, Any]]) -> list[Block]:
    """The sections of the analyses, their figures drawn for paper."""
    blocks: list[Block] = []
    for section in sections:
        blocks += [heading(section["title"]), *with_figures(section["blocks"], view["figures"])]
    return blocks


def _summary(view: View) -> list[Block]:
    baseline, summary, case = view["baseline"], view["summary"], view["case"]
    numbers = [
        (_("Imbalance index today"), format_number(baseline["index"], "index_short")),
        (_("With travel services"), format_number(baseline["index_with_travel"], "index_short")),
        (
            _("Cross-border trade, billion %(currency)s") % {"currency": case["currency"]},
            format_number(baseline["total_trade_musd"], "busd"),
        ),
        (
            _("Measures with a rank"),
            _("%(ranked)s of %(all)s") % {"ranked": view["ranked_count"], "all": len(view["measures"])},
        ),
    ]
    answers = (
        (_("What to fund"), summary["fund"]),
        (_("What comes first"), summary["leader"]),
        (_("How sure that is"), summary["settled"]),
        (_("What would change the answer"), summary["change"]),
        (_("Narrows the gap and lowers welfare"), summary["tension"]["conflict"]),
        (
            _("Raises welfare without narrowing the gap"),
            [*summary["tension"]["gain"], *summary["transfers"]],
        ),
        (_("Money"), summary["costs"]),
    )
    blocks: list[Block] = []
    if summary["index"]:
        blocks.append(paragraph(summary["index"]))
    for title, sentences in answers:
        if sentences:
            blocks += [heading(title, 3), paragraph(" ".join(str(sentence) for sentence in sentences))]
            if sentences is summary["fund"] and summary["members"]:
                blocks.append(in_one_line(summary["members"]))
    blocks += [heading(_("What was not modelled"), 3), items(summary["not_modelled"])]
    note = _(
        "A smaller imbalance is not the same as a better outcome. Balances are therefore drawn in neutral colours, and welfare is printed beside them."
    )
    return [
        heading(_("Decision summary")),
        {"kind": "headline", "numbers": [[str(label), number] for label, number in numbers]},
        {"kind": "compact", "blocks": [*blocks, paragraph(note, quiet=True)]},
    ]


def _problem(view: View) -> list[Block]:
    figures = view["figures"]
    lead = _(
        "Goods sold across the border by each border region, goods bought, and how one-sided its trade is with each of its partners. The index of a region is 0 when it is balanced with every partner and 1 when trade with each runs one way."
    )
    blocks = [heading(_("The problem: balances before any measure")), paragraph(lead)]
    if "map" in figures:
        caption = _(
            "Regions by normalised balance; crossings by trade and mean truck wait. The window is cut to the crossings."
        )
        blocks += figure(
            figures["map"], _("Map of the border: balances of the regions, trade and waits of the crossings"), caption
        )
    fields = (
        ("exports_musd", "busd"),
        ("imports_musd", "busd"),
        ("balance_musd", "busd_signed"),
        ("normalised_balance", "ratio_signed"),
        ("coverage", "ratio"),
        ("balance_gdp", "share"),
        ("index", "ratio"),
        ("imputed_share", "share"),
    )
    heads = (
        _("Exports"),
        _("Imports"),
        _("Balance"),
        _("Normalised balance"),
        _("Exports per import"),
        _("Balance, share of GDP"),
        _("Index of the region"),
        _("Imputed share"),
    )
    rows = [
        [f"{region['name']} ({region['economy']})", *(format_number(region[field], kind) for field, kind in fields)]
        for region in [*view["border_regions"], *view["other_places"]]
    ]
    caption = _("Cross-border goods trade by region, billion %(currency)s, %(year)s; hinterlands and partners last") % {
        "currency": view["case"]["currency"],
        "year": view["case"]["year"],
    }
    blocks.append(table([(_("Region"), "left", 2.2), *((head, "right", 1) for head in heads)], rows, caption))
    if "balances" in figures:
        caption = _("Exports less imports of each border region across the border, billion USD.")
        blocks += figure(figures["balances"], _("Bars: balance of each border region"), caption)
    return blocks


def _ranking_table(view: View, entries: Sequence[Mapping[str, Any]], caption: str) -> Block:
    welfare = view["criterion"] == "welfare"
    currency = view["case"]["currency"]
    columns = (
        (_("Rank"), "right", 0.75),
        (_("Tie group"), "center", 0.8),
        (_("Measure"), "left", 3.95),
        (_("Change of index, millionths"), "right", 1.75),
        (_("P(best)"), "right", 0.85),
        (_("P(top 3)"), "right", 0.85),
        (_("Welfare, million %(currency)s a year") % {"currency": currency}, "right", 1.75),
        (_("Cost, million %(currency)s") % {"currency": currency}, "right", 1),
        (_("Effect per billion") if not welfare else _("Welfare per billion"), "right", 1.1),
        (_("Evidence"), "center", 1.05),
    )
    return table(columns, [_ranking_row(entry, view["score_kind"]) for entry in entries], caption)


def _ranking_row(entry: Mapping[str, Any], score_kind: str) -> list[Cell]:
    row, measure = entry["row"], entry["measure"]
    marks = [
        mark
        for mark, set_ in (
            (_("narrows the gap, lowers welfare"), entry["cautioned"]),
            (_("not distinguishable from zero"), entry["zero"]),
        )
        if set_
    ]
    chances = row.get("among_proposed") or row
    return [
        {"main": str(row["rank"]), "sub": entry["rank_range"]},
        str(row["tie_group"]),
        {"main": measure["name"], "sub": "; ".join(marks)},
        spread(measure["full"]["index_change"], "index_change"),
        format_number(chances["p_best"], "probability"),
        format_number(chances["p_top3"], "probability"),
        spread(measure["full"]["ev_musd"], "musd_change"),
        format_number(measure["costs"]["total_musd"], "musd"),
        format_number(row["score_per_busd"], score_kind),
        measure["grade"] or "\u2013",
    ]


def _ranking(view: View) -> list[Block]:
    lead = _(
        "Every measure was estimated on the same %(draws)s draws of the uncertain parameters and effects. A tie group holds the measures whose order against its first one is not settled at 90 %%; inside it the order is by mean. Neighbours from two groups may be open too."
    ) % {"draws": view["run"]["draws"]}
    blocks = [heading(_("Ranking")), paragraph(lead)]
    if "ranking" in view["figures"]:
        caption = _("Mean and 90 % interval, in the order of rank. A shaded band is a tie group.")
        blocks += figure(
            view["figures"]["ranking"],
            _("Ranked measures with 90 % intervals; the table below has the numbers"),
            caption,
        )
    plain = [entry for entry in view["ranked"] if not entry["restrictive"]]
    caption = _(
        "Mean with 90 % interval below it. Rank and its interval are among all measures; restrictive ones are listed apart, so some ranks are missing here. P(best) and P(top 3) are among the measures of this table."
    )
    if plain:
        blocks.append(_ranking_table(view, plain, caption))
    else:
        blocks.append(paragraph(_("No measure of this part has a rank.")))
    if view["restrictive"]:
        text = _(
            "Tariffs, duties, certificates, limits on flows and changes of the currency's value. They are estimated in the same way so that their cost is seen beside their effect; they are not proposed. No partner retaliates unless the measure says so."
        )
        caption = _("Restrictive and macro measures at their place in the ranking of all measures")
        blocks += [heading(_("Restrictive and macro measures, to compare with"), 2), paragraph(text)]
        blocks.append(_ranking_table(view, view["restrictive"], caption))
    if "rank_chances" in view["figures"]:
        caption = _("Share of draws in which a measure takes each rank; a stronger colour is more.")
        blocks += [heading(_("Probability of every rank"), 2)]
        blocks += figure(
            view["figures"]["rank_chances"],
            _("Grid of measures by rank: the stronger the colour, the more draws"),
            caption,
        )
    return blocks


def _welfare(view: View) -> list[Block]:
    summary = view["summary"]
    blocks = [
        heading(_("Imbalance and welfare, side by side")),
        paragraph(" ".join([summary["ordering"], *summary["tension"]["conflict"]])),
    ]
    if "quadrant" in view["figures"]:
        caption = _(
            "Each mark is a measure; numbers are ranks. The shaded quarter narrows the gap and lowers welfare. Diamonds are restrictive measures. Both axes are logarithmic on both sides of zero."
        )
        blocks += figure(view["figures"]["quadrant"], _("Imbalance against welfare, one mark a measure"), caption)
    rows = [
        [str(row["imbalance"]), row["measure"]["name"], str(row["welfare"]), row["by_welfare"]["name"]]
        for row in view["orderings"]["rows"]
    ]
    columns = (
        (_("Place"), "right", 0.5),
        (_("By fall of the index"), "left", 4),
        (_("Its place by welfare"), "right", 0.9),
        (_("By gain of welfare"), "left", 4),
    )
    caption = _("Both orderings of the same measures. Kendall's tau %(tau)s") % {
        "tau": format_number(view["orderings"]["tau"], "tau")
    }
    return [*blocks, table(columns, rows, caption, small=True)] if rows else blocks


def _stages(view: View) -> list[Block]:
    lead = _(
        "Partial: only the trade that is touched reacts. Conditional: trade is shared anew among partners while each place's totals stay. Full: wages, prices, output and spending adjust everywhere; ranks use this stage."
    )
    rows = []
    for entry in view["ranked"]:
        measure = entry["measure"]
        stages = [measure["effect"].get(stage, {}).get("index_change") for stage in ("partial", "conditional", "full")]
        rows.append(
            [
                measure["name"],
                *(_in_line(one) for one in (*stages, measure["full"]["index_with_travel_change"])),
                _in_line(measure["full"].get("gap_change_musd"), "musd_change"),
            ]
        )
    columns = [(_("Measure"), "left", 3.2)]
    columns += [(head, "right", 2) for head in (_("Partial"), _("Conditional"), _("Full"), _("Full, with travel"))]
    columns += [(_("Gap in money, M USD"), "right", 2)]
    caption = _(
        "Change of the imbalance index, millionths: mean and 90 % interval. Gap in money: change of the sum of |exports less imports| over the partners of the border regions, full stage."
    )
    blocks = [heading(_("Results by stage")), paragraph(f"{lead} {view['stage_sentence']}")]
    return [*blocks, table(columns, rows, caption, small=True)] if rows else blocks


def _in_line(summary: Mapping[str, Any] | None, kind: str = "index_change") -> Cell:
    """Mean and interval on one line."""
    if not summary:
        return "\u2013"
    interval = format_interval(summary["q05"], summary["q95"], kind)
    return f"{format_number(summary['mean'], kind)} ({interval})"


def _gains(view: View) -> list[Block]:
    gains = view["gains"]
    blocks = [heading(_("Who gains and who loses"))]
    if not gains["leading"]:
        return [*blocks, paragraph(_("No measure apart from restrictive ones has a rank."))]
    counts = [
        _(
            "%(rank)s. %(name)s: %(gaining)s places gain, %(losing)s lose, and for %(open)s the sign of welfare is not settled at 90 %%."
        )
        % {**count, "name": count["measure"]["name"]}
        + (f" {count['everybody']}" if count["everybody"] else "")
        for count in gains["counts"]
    ]
    rows = []
    for row in gains["rows"]:
        cells: list[Cell] = [row["region"]["name"]]
        for effect in row["cells"]:
            if effect is None:
                cells.append("\u2013")
                continue
            welfare = effect["ev_musd"]
            interval = format_interval(welfare["q05"], welfare["q95"], "musd_change")
            change = format_number(effect["balance_change_musd"]["mean"], "musd_change")
            balance = _("balance %(change)s") % {"change": change}
            tag = f", {effect['tag']}" if effect["tag"] else ""
            cells.append(
                {"main": f"{format_number(welfare['mean'], 'musd_change')} ({interval})", "sub": f"{balance}{tag}"}
            )
        rows.append(cells)
    columns = [(_("Region"), "left", 1.5)]
    columns += [(f"{entry['row']['rank']}. {entry['measure']['name']}", "right", 2.1) for entry in gains["leading"]]
    caption = _(
        "Welfare with its 90 %% interval, and below it the change of the cross-border balance and how it came about; million %(currency)s a year"
    ) % {"currency": view["case"]["currency"]}
    return [*blocks, items(counts), table(columns, rows, caption, small=True)]


def _measures(view: View) -> list[Block]:
    lead = _(
        "For each measure: what it is and who may decide it, what it changes and by whose account (low to high in brackets, then the evidence grade), what follows step by step at central values, and what it costs. Grade D is an assumption."
    )
    return [
        heading(_("The measures, one by one: options and evidence")),
        paragraph(lead),
        *(measure_sheet(entry, view["case"]) for entry in view["details"]),
    ]


def _not_ranked(view: View) -> list[Block]:
    if not view["not_ranked"]:
        return []
    rows = [[entry["measure"]["name"], entry["status"], entry["reason"]] for entry in view["not_ranked"]]
    columns = ((_("Measure"), "left", 2), (_("Status"), "left", 1), (_("Reason"), "left", 4))
    text = _("Neither zero nor last: these measures have no estimate in this run.")
    return [heading(_("Without a rank")), paragraph(text), table(columns, rows)]


def _left_out(view: View) -> list[Block]:
    sentences = [paragraph(sentence) for sentence in view["left_out"]]
    return [heading(_("Draws without a solution")), *sentences] if sentences else []
