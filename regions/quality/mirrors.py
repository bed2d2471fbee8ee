"""Both sides' records of the same flow, beside each other: how far they are apart, and which one counts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from regions.models import Case, MirrorFlow
from regions.quality.findings import CONSISTENCY, Finding, at_most

MIRRORS = "mirror_flows"


@dataclass(frozen=True)
class Mirror:
    """A flow with the record of the exporter and that of the importer, freight taken off where the factor is known."""

    origin: str
    destination: str
    sector: str
    exporter: MirrorFlow | None
    importer: MirrorFlow | None

    @property
    def difference_usd(self) -> float | None:
        """The importer's record less the exporter's."""
        if self.exporter is None or self.importer is None:
            return None
        return self.importer.comparable_usd - self.exporter.comparable_usd

    @property
    def difference_share(self) -> float | None:
        """The difference in the mean of both."""
        if self.difference_usd is None or self.exporter is None or self.importer is None:
            return None
        mean = (self.importer.comparable_usd + self.exporter.comparable_usd) / 2
        return self.difference_usd / mean if mean else 0.0

    def as_json(self) -> dict[str, Any]:
        """Both records with their valuation, and the difference."""
        return {
            "origin": self.origin,
            "destination": self.destination,
            "sector": self.sector,
            "exporter": record(self.exporter),
            "importer": record(self.importer),
            "difference_usd": self.difference_usd,
            "difference_share": self.difference_share,
        }


def record(row: MirrorFlow | None) -> dict[str, Any] | None:
    """One side's record."""
    if row is None:
        return None
    return {
        "reporter": row.reporter.code,
        "valuation": row.valuation,
        "value_usd": row.value_usd,
        "cif_factor": row.cif_factor,
        "comparable_usd": row.comparable_usd,
        "grade": row.grade,
        "source": row.source,
    }


def mirrors_of(case: Case) -> list[Mirror]:
    """Every flow of the case that has a record, by its ids."""
    found: dict[tuple[str, str, str], dict[str, MirrorFlow]] = defaultdict(dict)
    links = ("origin__economy", "destination__economy", "sector", "reporter")
    for row in MirrorFlow.objects.filter(case=case).select_related(*links):
        side = "exporter" if row.reporter_id == row.origin.economy_id else "importer"
        found[row.origin.code, row.destination.code, row.sector.code][side] = row
    return [Mirror(*key, sides.get("exporter"), sides.get("importer")) for key, sides in sorted(found.items())]


def mirror_findings(case: Case) -> list[Finding]:
    """How far both sides' records are apart on the average; nothing where no flow has two."""
    both = [one for one in mirrors_of(case) if one.difference_usd is not None]
    if not both:
        return []
    apart = sum(abs(one.difference_usd or 0.0) for one in both)
    mean = sum(
        (one.exporter.comparable_usd + one.importer.comparable_usd) / 2 for one in both if one.exporter and one.importer
    )
    share = apart / mean if mean else 0.0
    return [Finding(MIRRORS, CONSISTENCY, "mirror_gap", at_most(share, (0.05, 0.15, 0.4)), share, {"flows": len(both)})]
