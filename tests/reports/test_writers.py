"""The same numbers in every format, and text from users never anything but text."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from planner.reports.csv_writer import ranking_csv, safe_text
from planner.reports.html_writer import report_html
from planner.reports.json_writer import report_json
from planner.reports.numbers import FORMATS, format_number, stored_text
from tests.reports.synthetic import synthetic_context, synthetic_outlines

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{ 7|add:7 }} \x00\x0b =cmd()"


class Page(HTMLParser):
    """Tables as rows of cells with their data elements, all tags, and the text outside style."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self.text = ""
        self._table = ""
        self._open: list[str] = []
        self._value: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self._open.append(tag)
        if tag == "table":
            self._table = attributes.get("id") or f"table-{len(self.tables)}"
            self.tables[self._table] = []
        elif tag == "tr" and self._table:
            self.tables[self._table].append({"id": attributes.get("data-id"), "cells": []})
        elif tag in ("td", "th") and self._table:
            self.tables[self._table][-1]["cells"].append(
                {"field": attributes.get("data-field"), "data": [], "text": ""}
            )
        elif tag == "data":
            self._value = attributes["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._table = ""
        if tag == "data":
            self._value = None

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text += data
        if self._table and self.tables[self._table] and self.tables[self._table][-1]["cells"]:
            cell = self.tables[self._table][-1]["cells"][-1]
            cell["text"] += data
            if self._value is not None:
                cell["data"].append((self._value, data))


def parsed(context: dict) -> tuple[str, Page]:
    markup = report_html(context, synthetic_outlines()).decode()
    page = Page()
    page.feed(markup)
    return markup, page


def numbers_of(node: Any) -> set[str]:
    """All numbers of a JSON document, as reports store them."""
    if isinstance(node, dict):
        return set().union(*map(numbers_of, node.values())) if node else set()
    if isinstance(node, list):
        return set().union(*map(numbers_of, node)) if node else set()
    if isinstance(node, (int, float)) and not isinstance(node, bool):
        return {stored_text(node)}
    return set()


def cells_by_field(page: Page, table: str) -> dict[str, dict[str, list[tuple[str, str]]]]:
    return {
        row["id"]: {cell["field"]: cell["data"] for cell in row["cells"] if cell["field"]}
        for row in page.tables[table]
        if row["id"]
    }


def test_every_number_of_a_table_is_a_number_of_the_json_and_its_text_is_that_number_rounded() -> None:
    context = synthetic_context()
    known = numbers_of(json.loads(report_json(context)))
    _, page = parsed(context)
    seen = 0
    for name, rows in page.tables.items():
        for row in rows:
            for cell in row["cells"]:
                for value, text in cell["data"]:
                    assert value in known, (name, row["id"], value)
                    # Levels of a chain have as many decimals as their change needs.
                    exact = f"{float(value):,.{len(text.partition('.')[2])}f}".replace("-", "\u2212")
                    assert text in {exact, *(format_number(float(value), kind) for kind in FORMATS)}, (
                        name,
                        value,
                        text,
                    )
                    seen += 1
    assert seen > 1000


def test_ranking_table_cells_are_the_fields_of_the_json_row_in_its_order() -> None:
    context = synthetic_context()
    document = json.loads(report_json(context))
    measures = {measure["id"]: measure for measure in document["interventions"]}
    _, page = parsed(context)
    cells = cells_by_field(page, "table-ranking") | cells_by_field(page, "table-restrictive")
    assert set(cells) == {row["intervention"] for row in document["ranking"]["rows"]}
    plain = [
        row["intervention"]
        for row in document["ranking"]["rows"]
        if measures[row["intervention"]]["kind"] != "restrictive"
    ]
    assert [row["id"] for row in page.tables["table-ranking"] if row["id"]] == plain
    for row in document["ranking"]["rows"]:
        measure, cell = measures[row["intervention"]], cells[row["intervention"]]
        change, welfare = measure["full"]["index_change"], measure["full"]["ev_musd"]
        expected = {
            "rank": [row["rank"], *dict.fromkeys((row["rank_low"], row["rank_high"]))],
            "index_change": [change["mean"], change["q05"], change["q95"]],
            "ev_musd": [welfare["mean"], welfare["q05"], welfare["q95"]],
            "p_best": [(row["among_proposed"] or row)["p_best"]],
            "p_top3": [(row["among_proposed"] or row)["p_top3"]],
            "cost": [measure["costs"]["total_musd"]],
            "score_per_busd": [row["score_per_busd"]],
        }
        for field, values in expected.items():
            wanted = [stored_text(value) for value in values if value is not None]
            assert [value for value, _ in cell[field]] == wanted, (row["intervention"], field)


def test_region_table_holds_the_json_numbers_and_michigan_reads_as_published() -> None:
    context = synthetic_context()
    _, page = parsed(context)
    cells = cells_by_field(page, "table-regions")
    regions = {region["id"]: region for region in json.loads(report_json(context))["baseline"]["regions"]}
    for identifier, fields in cells.items():
        for field, data in fields.items():
            assert [value for value, _ in data] == [stored_text(regions[identifier][field])]
    assert cells["US-MI"]["exports_musd"][0][1] == "26.65"
    assert cells["US-MI"]["imports_musd"][0][1] == "49.54"
    assert "0.3480009" in page.text


def test_csv_numbers_are_the_json_numbers() -> None:
    context = synthetic_context()
    document = json.loads(report_json(context))
    measures = {measure["id"]: measure for measure in document["interventions"]}
    rows = list(csv.DictReader(io.StringIO(ranking_csv(context).decode("utf-8-sig"))))
    assert len(rows) == len(measures)
    ranked = [row["intervention"] for row in document["ranking"]["rows"]]
    assert [row["intervention"] for row in rows][: len(ranked)] == ranked
    for row in rows[: len(ranked)]:
        full = measures[row["intervention"]]["full"]
        for statistic in ("mean", "sd", "q05", "q50", "q95"):
            assert float(row[f"index_change_{statistic}_share_of_trade"]) == full["index_change"][statistic]
            assert float(row[f"welfare_ev_{statistic}_million_usd_per_year"]) == full["ev_musd"][statistic]
    for row in rows[len(ranked) :]:
        assert row["status"] in ("not_applicable", "failed")
        assert row["reason"]
        assert row["rank"] == row["index_change_mean_share_of_trade"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_text_never_starts_like_a_formula(start: str) -> None:
    text = f"{start}HYPERLINK(1)"
    assert safe_text(text) == f"'{text}"
    context = synthetic_context(6, name=text)
    rows = list(csv.DictReader(io.StringIO(ranking_csv(context).decode("utf-8-sig"), newline="")))
    assert {row["name"] for row in rows} == {f"'{text}"}


def test_csv_keeps_quotes_commas_and_line_breaks() -> None:
    text = 'Bridge "one", north\nand south; café'
    rows = list(
        csv.DictReader(io.StringIO(ranking_csv(synthetic_context(4, name=text)).decode("utf-8-sig"), newline=""))
    )
    assert {row["name"] for row in rows} == {text}


def test_json_is_stable_rounded_and_holds_no_number_that_json_lacks() -> None:
    first = report_json(synthetic_context())
    assert first == report_json(json.loads(json.dumps(synthetic_context(), sort_keys=True)))
    document = json.loads(first)
    assert first == report_json(document)
    context = synthetic_context(3)
    context["baseline"]["index"] = 0.348000912345
    context["baseline"]["regions"][0]["coverage"] = float("inf")
    context["baseline"]["regions"][1]["coverage"] = float("nan")
    context["baseline"]["regions"][2]["coverage"] = -0.0
    document = json.loads(report_json(context))
    assert document["baseline"]["index"] == 0.348000912
    assert [region["coverage"] for region in document["baseline"]["regions"][:3]] == [None, None, 0.0]
    assert '"coverage": -0.0' not in report_json(context).decode()


def test_hostile_text_comes_out_as_text() -> None:
    markup, page = parsed(synthetic_context(12, name=HOSTILE))
    assert "<script" not in markup
    assert "<img" not in markup
    assert "\x00" not in "".join(re.findall(r"<svg.*?</svg>", markup, re.DOTALL))
    assert "alert(1)" in page.text
    assert "{{ 7|add:7 }}" in page.text
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_nothing_is_fetched_and_links_are_plain_citations() -> None:
    context = synthetic_context(6)
    context["case"]["sources"] += [
        {"what": "x", "who": "y", "title": "z", "url": "javascript:alert(1)"},
        {"what": "x", "who": "y", "title": "z", "url": "//example.org/x"},
    ]
    markup, page = parsed(context)
    forbidden = {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "audio",
        "video",
        "source",
        "image",
        "use",
        "foreignobject",
    }
    assert not forbidden & {tag.lower() for tag, _ in page.tags}
    for tag, attributes in page.tags:
        assert not {"src", "srcset", "style", "action", "background", "xlink:href", "ping"} & set(attributes), (
            tag,
            attributes,
        )
        if "href" in attributes:
            address = attributes["href"] or ""
            assert tag == "a"
            assert address.startswith("#") or (
                address.startswith("https://") and "noopener" in (attributes["rel"] or "")
            )
    assert "javascript:" not in re.sub(r"<svg.*?</svg>", "", markup, flags=re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", markup, re.DOTALL)
    assert style
    assert markup.count("<style") == 1
    assert "@import" not in style[1]
    assert "url(" not in style[1]


def test_every_figure_is_well_formed_named_and_unique() -> None:
    markup, page = parsed(synthetic_context())
    figures = re.findall(r"<svg.*?</svg>", markup, re.DOTALL)
    assert len(figures) == 10
    for figure in figures:
        root = ElementTree.fromstring(figure)
        assert root.attrib["role"] == "img"
        names = [root.find("{http://www.w3.org/2000/svg}title"), root.find("{http://www.w3.org/2000/svg}desc")]
        assert all(name is not None and name.text for name in names)
    identifiers = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(identifiers) == len(set(identifiers))
    targets = {
        attributes["href"][1:]
        for tag, attributes in page.tags
        if tag == "a" and (attributes.get("href") or "").startswith("#")
    }
    assert targets <= set(identifiers)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_small_reports_are_written(count: int) -> None:
    context = synthetic_context(count)
    markup, _ = parsed(context)
    assert "Decision summary" in markup
    assert ranking_csv(context)


def test_a_run_in_which_nothing_was_ranked_says_why() -> None:
    context = synthetic_context(3)
    for measure in context["interventions"]:
        measure.update(
            status="failed", reason="The solve stopped.", effect={}, full={}, chain=[], narrows_and_lowers_welfare=False
        )
    context["ranking"] = {
        "criterion": "imbalance",
        "rows": [],
        "not_ranked": [
            {"intervention": m["id"], "status": "failed", "reason": m["reason"]} for m in context["interventions"]
        ],
    }
    context["orderings"] = {
        "imbalance": [],
        "welfare": [],
        "kendall_tau": None,
        "reversals": [],
        "narrows_and_lowers_welfare": [],
    }
    _, page = parsed(context)
    assert "No measure could be ranked" in page.text
    assert page.text.count("The solve stopped.") >= 3
