"""The report document as tidy tables: one definition of columns, types and units for CSV, Parquet, workbook and data package."""

from collections.abc import Callable, Iterable

from django.utils.translation import override

from planner.reports.analysis_tables import analysis_tables
from planner.reports.columns import Column, Table
from planner.reports.columns import flag_column as _flag
from planner.reports.columns import number_column as _number
from planner.reports.columns import text_column as _text
from planner.reports.columns import whole_column as _whole
from planner.reports.json_writer import rounded
from planner.reports.table_rows import (
    Document,
    Row,
    about_rows,
    baseline_rows,
    cost_rows,
    effect_rows,
    intervention_rows,
    left_out_rows,
    numbered_rows,
    ordering_rows,
    quality_fact_rows,
    quality_result_rows,
    quality_rows,
    rank_chance_rows,
    ranking_rows,
    reversal_rows,
    total_rows,
    wait_rows,
)

STATISTICS = {
    "mean": "mean over draws",
    "sd": "standard deviation over draws",
    "q05": "5 % quantile over draws",
    "q50": "median over draws",
    "q95": "95 % quantile over draws",
}


@override("en")
def report_tables(context: Document) -> list[Table]:
    """Every number of the report document, rounded as the JSON file holds it, in tables whose order is that of the document.

    Their few words are English whatever the reader's language: programs read them.
    """
    document = rounded(context)
    return [
        Table(
            name,
            title,
            columns,
            key,
            [{column.name: row.get(column.name) for column in columns} for row in rows(document)],
        )
        for name, title, columns, key, rows in (*_TABLES, *analysis_tables(document))
    ]


_MEASURE = _text("intervention", "id of the measure")
_GRADE = _text("grade", "evidence grade: A measured here, B carries over, C indirect, D assumption")
_SOURCE = _text("source", "where the value comes from")
_SPREAD = (
    _number("low", "see unit", "lower end of the triangular distribution"),
    _number("central", "see unit", "its mode"),
    _number("high", "see unit", "upper end"),
    _text("unit", "unit of low, central and high"),
)


_SCORE = "share of trade (imbalance) or million USD per year (welfare)"
_TABLES: tuple[tuple[str, str, tuple[Column, ...], tuple[str, ...], Callable[[Document], Iterable[Row]]], ...] = (
    (
        "about",
        "Case and run",
        (_text("part", "case or run"), _text("name", "what is said"), _text("value", "as text")),
        ("part", "name"),
        about_rows,
    ),
    (
        "totals",
        "Headline numbers of the baseline, and the agreement of the orderings",
        (_text("name", "what is measured"), _number("value", "see unit", "the number"), _text("unit", "its unit")),
        ("name",),
        total_rows,
    ),
    (
        "ranking",
        "Ranking by the run's criterion",
        (
            _whole("rank", "place", "place by mean score, 1 the best"),
            _MEASURE,
            _text("criterion", "what is ranked by"),
            _number("score_mean", _SCORE, "mean score over draws"),
            *(_number(name, _SCORE, f"score, {STATISTICS[name]}") for name in ("q05", "q50", "q95")),
            _number("p_best", "share of draws", "first of all"),
            _number("p_top3", "share of draws", "among the first three"),
            _whole("rank_low", "place", "best rank in the middle 90 % of draws"),
            _whole("rank_high", "place", "worst rank in the middle 90 % of draws"),
            _whole("tie_group", "number", "measures whose order is not settled at 90 % share one"),
            _flag("settled_above", "whether the step up to the measure above is settled at 90 %"),
            _whole("proposed_rank", "place", "place among measures that are not restrictive"),
            _number("proposed_p_best", "share of draws", "first among them"),
            _number("proposed_p_top3", "share of draws", "among the first three of them"),
            _whole("proposed_rank_low", "place", "best rank among them in the middle 90 % of draws"),
            _whole("proposed_rank_high", "place", "worst rank among them in the middle 90 % of draws"),
            _whole("proposed_tie_group", "number", "tie group among them"),
            _number("score_per_busd", "score per billion USD", "mean score for each billion spent"),
        ),
        ("intervention",),
        ranking_rows,
    ),
    (
        "rank_chances",
        "Probability of every rank; ranks that no draw gives are left out",
        (_MEASURE, _whole("rank", "place", "rank"), _number("probability", "share of draws", "draws with that rank")),
        ("intervention", "rank"),
        rank_chance_rows,
    ),
    (
        "effects",
        "Effects by measure, place and stage",
        (
            _MEASURE,
            _text("place", "id of the place; empty: all border regions (index), or all who have standing (money)"),
            _text("stage", "partial, conditional or full"),
            _text("measure", "what changes"),
            _text("unit", "unit of the statistics"),
            *(_number(name, "see unit", text) for name, text in STATISTICS.items()),
            _number("p_negative", "share of draws", "draws below zero"),
            _text("tag", "how the place's balance moved"),
        ),
        ("intervention", "place", "stage", "measure"),
        effect_rows,
    ),
    (
        "interventions",
        "Measures, with status and costs",
        (
            _text("id", "id of the measure"),
            _text("name", "name"),
            _text("kind", "kind"),
            _text("description", "what it is"),
            _text("maturity", "how far it has come"),
            _text("competence", "who may decide it"),
            _text("legal_test", "what law asks for"),
            _text("closures", "closures under which it has meaning; empty: all"),
            _whole("start_year", "year", "first year of effect"),
            _text("status", "done, not_applicable or failed"),
            _text("reason", "why there is no estimate"),
            _text("grade", "worst evidence grade among its channels"),
            _flag("narrows_and_lowers_welfare", "at 90 %: narrows the gap and lowers welfare"),
            _number("total_musd", "million USD", "costs over all years, not discounted"),
            _number("capital_musd", "million USD", "capital costs"),
            _number("operating_musd_per_year", "million USD per year", "operating costs"),
            _SOURCE,
            _text("source_url", "address of the source"),
        ),
        ("id",),
        intervention_rows,
    ),
    (
        "channels",
        "What each measure changes",
        (
            _MEASURE,
            _whole("number", "number", "number of the channel"),
            _text("type", "which input of the model"),
            _text("targets", "where"),
            *_SPREAD,
            _whole("start_year", "year", "first year"),
            _number("ramp_years", "years", "years until the full effect"),
            _GRADE,
            _SOURCE,
        ),
        ("intervention", "number"),
        numbered_rows("channels"),
    ),
    (
        "costs",
        "Costs by year",
        (
            _MEASURE,
            _whole("number", "number", "number of the entry"),
            _whole("year", "year", "year"),
            _text("category", "capital, operating or residual"),
            _number("amount_musd", "million USD", "amount"),
            _GRADE,
            _SOURCE,
        ),
        ("intervention", "number"),
        cost_rows,
    ),
    (
        "chain",
        "Step by step at central values",
        (
            _MEASURE,
            _whole("number", "number", "number of the step"),
            _text("step", "kind of step"),
            _text("text", "what"),
            _number("before", "see unit", "before the measure"),
            _number("after", "see unit", "with it"),
            _number("change", "see unit", "after less before"),
            _text("unit", "unit of the three numbers"),
            _GRADE,
            _SOURCE,
        ),
        ("intervention", "number"),
        numbered_rows("chain"),
    ),
    (
        "regions",
        "Places at the baseline",
        (
            _text("id", "id of the place"),
            _text("name", "name"),
            _text("economy", "economy"),
            _text("kind", "border, hinterland or partner"),
            _number("exports_musd", "million USD per year", "goods sold across the border"),
            _number("imports_musd", "million USD per year", "goods bought across the border"),
            _number("balance_musd", "million USD per year", "exports less imports"),
            _number("normalised_balance", "ratio, -1 to 1", "balance over exports plus imports"),
            _number("index", "index, 0 to 1", "imbalance over partners"),
            _number("coverage", "ratio", "exports over imports"),
            _number("balance_gdp", "share of GDP", "balance over GDP"),
            _number("gdp_musd", "million USD per year", "GDP"),
            _number("imputed_share", "share of value", "share of the place's baseline that was filled in by rule"),
            _number("latitude", "degrees north", "latitude"),
            _number("longitude", "degrees east", "longitude"),
        ),
        ("id",),
        baseline_rows("regions"),
    ),
    (
        "crossings",
        "Crossings at the baseline",
        (
            _text("code", "code of the crossing"),
            _text("name", "name"),
            _number("latitude", "degrees north", "latitude"),
            _number("longitude", "degrees east", "longitude"),
            _number("trade_musd", "million USD per year", "goods in both directions"),
            _text("wait_grade", "worst evidence grade of its waits"),
            _text("wait_source", "where the waits come from"),
        ),
        ("code",),
        baseline_rows("crossings"),
    ),
    (
        "waits",
        "Mean truck waits at the baseline",
        (
            _text("crossing", "code of the crossing"),
            _text("economy", "economy entered"),
            _number("minutes", "minutes", "mean wait of trucks"),
        ),
        ("crossing", "economy"),
        wait_rows,
    ),
    (
        "left_out_draws",
        "Draws without a solution; without a measure: left out of all",
        (
            _text("intervention", "id of the measure; empty: left out of all measures"),
            _text("reason", "why there is no solution"),
            _whole("draws", "draws", "how many of the run's"),
        ),
        ("intervention", "reason"),
        left_out_rows,
    ),
    (
        "pairs",
        "Goods sold across the border by pair of places",
        (
            _text("origin", "id of the seller"),
            _text("destination", "id of the buyer"),
            _number("value_musd", "million USD per year", "value at border prices"),
        ),
        ("origin", "destination"),
        baseline_rows("pairs"),
    ),
    (
        "raised",
        "Places and sectors whose output or spending was raised",
        (
            _text("place", "id of the place"),
            _text("sector", "id of the sector"),
            _text("what", "output or absorption"),
            _number("factor", "ratio", "raised by this factor"),
        ),
        ("place", "sector", "what"),
        baseline_rows("raised"),
    ),
    (
        "orderings",
        "Both orderings",
        (
            _whole("place", "place", "place in the ordering"),
            _text("by_imbalance", "id of the measure at that place by fall of the index"),
            _text("by_welfare", "id of the measure at that place by gain of welfare"),
        ),
        ("place",),
        ordering_rows,
    ),
    (
        "reversals",
        "Pairs that stand the other way round by welfare, each way settled at 90 %",
        (_text("narrows_more", "id of the measure"), _text("raises_welfare_more", "id of the measure")),
        ("narrows_more", "raises_welfare_more"),
        reversal_rows,
    ),
    (
        "quality",
        "Quality of the data sets, by what was looked at",
        (
            _text("dataset", "data set"),
            _text("dimension", "completeness, timeliness, consistency, plausibility or evidence"),
            _text("code", "what was looked at"),
            _text("check", "which tables were compared, where some were"),
            _text("grade", "A good, B fair, C weak, D poor"),
            _number("value", "see code", "the number that was found"),
            _text("reason", "in words"),
        ),
        ("dataset", "code", "check"),
        quality_rows,
    ),
    (
        "quality_facts",
        "Further numbers behind the reasons of grades",
        (
            _text("about", "data set, or id of the measure"),
            _text("code", "what was looked at"),
            _text("check", "which tables were compared, where some were"),
            _text("name", "what the number is"),
            _number("value", "see name", "the number"),
        ),
        ("about", "code", "check", "name"),
        quality_fact_rows,
    ),
    (
        "quality_results",
        "Grade of each result with its reasons",
        (
            _MEASURE,
            _text("grade", "the worst of its reasons"),
            _text("code", "what was looked at"),
            _text("reason_grade", "grade of this reason; empty where it says how settled the result is"),
            _text("reason", "in words"),
        ),
        ("intervention", "code"),
        quality_result_rows,
    ),
    (
        "provenance",
        "How the baseline of each place and sector was got",
        (
            _text("place", "id of the place"),
            _text("sector", "id of the sector"),
            _number("value_musd", "million USD per year", "what the place sells and buys of it, own sales once"),
            _number("known", "share of value", "share that was observed or mirrored"),
            *(
                _number(name, "share of value", f"share that was {name}")
                for name in ("observed", "mirrored", "scaled", "imputed")
            ),
        ),
        ("place", "sector"),
        lambda document: document["quality"]["provenance"],
    ),
    (
        "parameters",
        "Parameter register",
        (
            _text("key", "name of the parameter"),
            _text("sector", "id of the sector; empty: all"),
            *_SPREAD,
            _GRADE,
            _text("as_of", "date of the value"),
            _SOURCE,
        ),
        ("key", "sector"),
        lambda document: document["parameters"],
    ),
    (
        "sources",
        "Sources of the case",
        (
            _text("what", "what was taken"),
            _text("who", "whose data"),
            _text("title", "title"),
            _text("url", "address"),
            _text("note", "note"),
        ),
        (),
        lambda document: document["case"]["sources"],
    ),
)
