"""The report document with its words in the active language: names of the case and texts of people stay as they are."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from planner.reports.baseline_section import NO_INPUT_OUTPUT
from planner.reports.reasons import reason_words
from planner.reports.vocabulary import CaseWords, unit_words

Document = Mapping[str, Any]

TAGS = {
    "export-led": gettext_lazy("export-led"),
    "import compression": gettext_lazy("import compression"),
    "expansion": gettext_lazy("expansion"),
    "diversion": gettext_lazy("diversion"),
    "contraction": gettext_lazy("contraction"),
}
CATEGORIES = {
    "capital": gettext_lazy("capital"),
    "operating": gettext_lazy("operating"),
    "residual": gettext_lazy("residual value"),
}
RAISED = {
    "output": gettext_lazy("output"),
    "absorption": gettext_lazy("absorption"),
    "spending": gettext_lazy("spending"),
}


def localised_document(document: Document) -> Document:
    """The same numbers; texts that the report made itself are made again in the active language."""
    if (get_language() or "en").split("-")[0] == "en":
        return document
    words = CaseWords.of_document(document)
    run, baseline = document["run"], document["baseline"]
    rule = run.get("closure_rule", "")
    return {
        **document,
        "run": {**run, "closure_rule": _(rule) if rule else ""},
        "baseline": {
            **baseline,
            "raised": [{**row, "what": str(RAISED.get(row["what"], row["what"]))} for row in baseline["raised"]],
            "warnings": [_(text) if text == NO_INPUT_OUTPUT else text for text in baseline["warnings"]],
        },
        "interventions": [_measure(measure, words) for measure in document["interventions"]],
        "ranking": {
            **document["ranking"],
            "not_ranked": [{**row, "reason": reason_words(row["reason"])} for row in document["ranking"]["not_ranked"]],
        },
        "parameters": [{**row, "unit": unit_words(row["unit"] or "")} for row in document["parameters"]],
    }


def _measure(measure: Document, words: CaseWords) -> dict[str, Any]:
    costs, full = measure["costs"], measure["full"]
    channels = [
        {
            **one,
            "targets": words.targets(one["acts_on"]) if "acts_on" in one else one["targets"],
            "unit": unit_words(one["unit"] or ""),
        }
        for one in measure["channels"]
    ]
    chain = [
        {
            **step,
            "text": words.chain_text(step["step"], step["item"]) if "item" in step else step["text"],
            "unit": unit_words(step["unit"] or ""),
        }
        for step in measure["chain"]
    ]
    by_year = [{**row, "category": str(CATEGORIES.get(row["category"], row["category"]))} for row in costs["by_year"]]
    if full:
        regions = [{**row, "tag": str(TAGS.get(row["tag"], row["tag"]))} for row in full["regions"]]
        full = {**full, "regions": regions}
    told = {"channels": channels, "chain": chain, "costs": {**costs, "by_year": by_year}, "full": full}
    return {**measure, **told, "reason": reason_words(measure["reason"])}
