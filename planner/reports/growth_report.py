"""What moved trade between two years, as HTML, PDF, CSV and JSON."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.template import Context
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override

from planner.reports.blocks import Block, Cell, heading, paragraph, table, with_figures
from planner.reports.cells import number
from planner.reports.csv_writer import safe_text
from planner.reports.figures import theme
from planner.reports.figures.parts_figure import as_rows, parts_figure
from planner.reports.html_writer import template
from planner.reports.json_writer import report_json
from planner.reports.numbers import format_number, stored_text
from planner.reports.pdf_writer import typeset

Document = Mapping[str, Any]
PARTS = ("spending", "mix", "shares")
MOST_PAIRS = 20
BORDER = "border"


def part_names() -> list[str]:
    """Words of the parts, in their order."""
    return [_("growth of spending"), _("mix of sectors"), _("trade shares (competitiveness)")]


def growth_sentences(document: Document) -> list[str]:
    """The whole, and the region whose balance fell most."""
    whole, currency = document["whole"], document["currency"]
    words = {
        "before": document["before"]["year"],
        "after": document["after"]["year"],
        "currency": currency,
        **{name: format_number(whole[name], "busd_signed") for name in (*PARTS, "total")},
    }
    sentences = [
        _(
            "From %(before)s to %(after)s goods trade across the border changed by %(total)s billion %(currency)s: %(spending)s from growth of spending, %(mix)s from the mix of sectors and %(shares)s from trade shares."
        )
        % words
    ]
    border = [row for row in document["regions"] if row["kind"] == BORDER]
    if border:
        worst = min(border, key=lambda row: (row["balance"]["total"], row["place"]))
        if worst["balance"]["total"] < 0:
            cause = min(PARTS, key=lambda part: worst["balance"][part])
            sentences.append(
                _(
                    "%(name)s's balance fell most, by %(total)s billion %(currency)s; the largest part is %(part)s (%(value)s billion)."
                )
                % {
                    "name": worst["name"],
                    "total": format_number(abs(worst["balance"]["total"]), "busd"),
                    "currency": currency,
                    "part": part_names()[PARTS.index(cause)],
                    "value": format_number(worst["balance"][cause], "busd_signed"),
                }
            )
    return sentences


def growth_blocks(document: Document) -> list[Block]:
    """Sentences, the figure, and tables of balances, exports, imports and pairs."""
    caption = _(
        "Billion %(currency)s, each year at its own prices, so that inflation counts as growth of spending. Parts add up exactly: each is a factor's mean effect over the orders in which factors may move (Shapley). Evidence grade D: spending at home is imputed from GDP."
    ) % {"currency": document["currency"]}
    blocks = [paragraph(sentence) for sentence in growth_sentences(document)]
    blocks.append(
        {
            "kind": "drawing",
            "name": "balances",
            "alt": _("Change of the balance of each border region by part"),
            "caption": _("Change of each border region's balance: what partners' and own spending, the mix of sectors and trade shares did."),
        }
    )  # fmt: skip
    titles = {"balance": _("Balances"), "exports": _("Exports"), "imports": _("Imports")}
    meanings = {
        "balance": _(
            "Exports less imports: partners' spending against own, shares won abroad against those lost at home."
        ),
        "exports": _("Spending and mix are the partners'; shares are what the region's sellers won or lost there."),
        "imports": _("Spending and mix are the region's own; shares are what sellers abroad won or lost in it."),
    }
    for side, title in titles.items():
        rows = [_cells(row["name"], row[side]) for row in document["regions"]]
        blocks += [heading(title), paragraph(meanings[side]), table(_columns(document), rows, caption, small=True)]
    names = {row["place"]: row["name"] for row in document["regions"]}
    pairs = [
        _cells(f"{names[row['origin']]} \u2192 {names[row['destination']]}", row)
        for row in document["pairs"][:MOST_PAIRS]
    ]
    return [*blocks, heading(_("Pairs that changed most")), table(_columns(document), pairs, caption, small=True)]


def _columns(document: Document) -> list[tuple[str, str, float]]:
    heads = (str(document["before"]["year"]), str(document["after"]["year"]), _("change"), *part_names())
    return [(_("Place"), "left", 2.2), *((head, "right", 1.0) for head in heads)]


def _cells(name: str, row: Document) -> Sequence[Cell]:
    numbers = [(row["before_musd"], "busd"), (row["after_musd"], "busd")]
    numbers += [(row[part], "busd_signed") for part in ("total", *PARTS)]
    return [
        name,
        *(number(value, kind) for value, kind in numbers),
    ]


def growth_page(document: Document) -> dict[str, Any]:
    """What pages and paper show."""
    before, after = document["before"], document["after"]
    return {
        "kicker": _("Border-region trade facilitation \u00b7 change between two years"),
        "subject": _("change between two years"),
        "title": after["title"],
        "lead": _("What moved goods trade across the border from %(before)s to %(after)s, and every region's balance.")
        % {"before": before["year"], "after": after["year"]},
        "status": "",
        "draft": False,
        "facts": [(str(case["year"]), f"{case['title']} ({case['case']})") for case in (before, after)],
        "blocks": growth_blocks(document),
    }


def growth_html(document: Document) -> bytes:
    """One page without script or anything fetched."""
    figures = {
        "balances": {
            layout.name: mark_safe(_figure(document, layout, f"figure-balances-{layout.name}"))  # noqa: S308 -- our writer
            for layout in theme.LAYOUTS
        }
    }
    return template("comparison.html").render(Context({**growth_page(document), "figures": figures})).encode()


def growth_pdf(document: Document) -> bytes:
    """Set like the report."""
    parts = growth_page(document)
    drawings = {"balances": [_figure(document, theme.PAPER, "balances-1")]}
    return typeset(
        {
            "title": parts["title"],
            "year": document["after"]["year"],
            **{name: parts[name] for name in ("kicker", "lead", "status", "draft")},
            "contents": _("Contents"),
            "page_of": _("of"),
            "facts": [[label, text, ""] for label, text in parts["facts"]],
            "blocks": with_figures(parts["blocks"], drawings),
            "running": f"{document['before']['case']} / {document['after']['case']}",
        }
    )


def _figure(document: Document, layout: theme.Layout, identifier: str) -> str:
    border = [row for row in document["regions"] if row["kind"] == BORDER]
    rows = as_rows(
        {row["place"]: row["name"] for row in border},
        {row["place"]: [row["balance"][part] for part in PARTS] for row in border},
    )
    title = _("Change of balances by part, billion %(currency)s") % {"currency": document["currency"]}
    return parts_figure(rows, part_names(), _("change of the balance"), "busd_signed", layout, identifier, title)


def growth_csv(document: Document) -> bytes:
    """Tidy: one row for each place and side, then for each pair."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    figures = ("before_musd", "after_musd", "total", *PARTS)
    writer.writerow(
        ["what", "place", "partner", *(name if name.endswith("_musd") else f"{name}_musd" for name in figures)]
    )
    rows: list[tuple[str, str, str, Document]] = [("whole", "", "", document["whole"])]
    rows += [
        (side, row["place"], "", row[side]) for row in document["regions"] for side in ("exports", "imports", "balance")
    ]
    rows += [("pair", row["origin"], row["destination"], row) for row in document["pairs"]]
    for what, place, partner, numbers in rows:
        writer.writerow([what, safe_text(place), safe_text(partner), *(stored_text(numbers[name]) for name in figures)])
    return stream.getvalue().encode("utf-8-sig", "replace")


WRITERS: dict[str, Callable[[Document], bytes]] = {
    "html": growth_html,
    "pdf": growth_pdf,
    "csv": growth_csv,
    "json": report_json,
}
GROWTH_FORMATS = tuple(WRITERS)


def growth_file(document: Document, kind: str, language: str = "en") -> bytes:
    """The split in one of the `GROWTH_FORMATS`."""
    with override(language):
        return WRITERS[kind](document)
