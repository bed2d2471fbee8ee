"""How good a case's data are today: its facts, its imported files, its mirror records and the baseline built on them."""

from typing import Any

from django.core.cache import cache

from planner.engine.baseline import build_baseline
from planner.engine.errors import InvalidBaseline
from planner.models import Intervention
from planner.reports.quality_section import planning_findings, provenance_rows
from planner.snapshot import (
    case_facts,
    default_parameters,
    digest_of,
    engine_parameters,
    intervention_document,
    parameter_documents,
)
from regions.models import Case
from regions.quality.facts import fact_findings
from regions.quality.findings import COMPLETENESS, Finding, by_dataset
from regions.quality.mirrors import mirror_findings, mirrors_of
from regions.quality.official import official_batches, official_findings
from regions.selectors import case_digest

KEPT_SECONDS = 3600
BASELINE = "baseline"


def case_quality(case: Case, year: int) -> dict[str, Any]:
    """Grades, findings, provenance by place and sector, mirror records and the files of the year.

    `year` is today's, to which ages are counted.
    """
    parameters = case_parameters(case)
    interventions = [
        intervention_document(row)
        for row in Intervention.objects.filter(case=case).prefetch_related("channels", "costs").order_by("slug")
    ]
    batches = official_batches(case.year)
    state = [
        case_digest(case),
        case.making,
        case.mirror_rule,
        parameters,
        interventions,
        [one.pk for one in batches],
        year,
    ]
    key = f"case-quality:{case.pk}:{digest_of(state)}"
    found: dict[str, Any] | None = cache.get(key)
    if found is None:
        found = computed(case, year, parameters, interventions)
        cache.set(key, found, KEPT_SECONDS)
    return found


def case_parameters(case: Case) -> list[dict[str, Any]]:
    """The default set of the case, else the starting values of the engine."""
    parameter_set = case.parameter_sets.order_by("-is_default", "-as_of", "name").first()
    return parameter_documents(parameter_set) if parameter_set else default_parameters()


def computed(
    case: Case, year: int, parameters: list[dict[str, Any]], interventions: list[dict[str, Any]]
) -> dict[str, Any]:
    """Everything anew."""
    facts = case_facts(case)
    described = {"year": case.year, "making": case.making}
    frames = {name: value for name, value in vars(facts).items() if hasattr(value, "columns")}
    findings = fact_findings(frames, described, year)
    provenance: list[dict[str, Any]] = []
    try:
        baseline = build_baseline(facts, engine_parameters(parameters))
    except InvalidBaseline as error:
        findings.append(Finding(BASELINE, COMPLETENESS, "no_baseline", "D", None, {"reason": str(error)}))
    else:
        findings += planning_findings(baseline, parameters, interventions)
        provenance = provenance_rows(baseline)
    findings += [*mirror_findings(case), *official_findings(case.year)]
    return {
        "case": case.name,
        "year": year,
        "mirror_rule": case.mirror_rule,
        "datasets": by_dataset(findings),
        "findings": [finding.as_json() for finding in findings],
        "provenance": provenance,
        "mirrors": [one.as_json() for one in mirrors_of(case)],
        "files": [
            {"label": batch.label, "kind": batch.kind, "rows": sum(batch.rows.values()), "coverage": batch.coverage}
            for batch in official_batches(case.year)
        ],
    }
