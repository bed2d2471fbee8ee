"""TransBorder files into the database."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from regions.importing import transborder
from regions.importing.batches import FileResult
from regions.importing.columnar import Chunk
from regions.importing.official_loader import Format, import_official
from regions.importing.transborder import TransBorderFile
from regions.importing.transborder_quality import Quality
from regions.models import ImportBatch, TransBorderFlow


def import_transborder(paths: Iterable[Path | str], **options: Any) -> list[FileResult]:
    """Imports TransBorder files, one batch for each, with the options of `import_official`."""
    return import_official(FORMAT, paths, **options)


def database_columns(file: TransBorderFile, chunk: Chunk, batch: ImportBatch) -> dict[str, Any]:
    """A chunk as columns of the table."""
    return {
        "batch": batch.pk,
        "dataset": file.dataset,
        "year": file.values(transborder.YEAR, chunk),
        "month": file.values(transborder.MONTH, chunk, absent=transborder.WHOLE_YEAR),
        "trade_type": file.values(transborder.TRADE_TYPE, chunk),
        "us_state": file.values(transborder.STATE, chunk),
        "port": file.values(transborder.PORT, chunk),
        "commodity": file.values(transborder.COMMODITY, chunk),
        "mode": file.values(transborder.MODE, chunk),
        "mexican_state": file.values(transborder.MEXICAN_STATE, chunk),
        "canadian_province": file.values(transborder.PROVINCE, chunk),
        "country": file.values(transborder.COUNTRY, chunk),
        "goods_origin": file.values(transborder.ORIGIN, chunk),
        "container": file.values(transborder.CONTAINER, chunk),
        "value_usd": file.numbers(transborder.VALUE, chunk),
        "weight_kg": file.numbers(transborder.WEIGHT, chunk),
        "freight_charges_usd": file.numbers(transborder.CHARGES, chunk),
    }


FORMAT = Format(ImportBatch.Kind.TRANSBORDER, TransBorderFlow, TransBorderFile, Quality, database_columns)
