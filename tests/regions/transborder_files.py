"""Small TransBorder files made for the tests."""

from __future__ import annotations

from pathlib import Path

DOT1 = "TRDTYPE,USASTATE,DEPE,DISAGMOT,MEXSTATE,CANPROV,COUNTRY,VALUE,SHIPWT,FREIGHT_CHARGES,DF,CONTCODE,MONTH,YEAR"
DOT2 = (
    "TRDTYPE,USASTATE,COMMODITY2,DISAGMOT,MEXSTATE,CANPROV,COUNTRY,VALUE,SHIPWT,FREIGHT_CHARGES,DF,CONTCODE,MONTH,YEAR"
)
DOT3 = "TRDTYPE,DEPE,COMMODITY2,DISAGMOT,COUNTRY,VALUE,SHIPWT,FREIGHT_CHARGES,DF,CONTCODE,MONTH,YEAR"
ANNUAL = "TRDTYPE,USASTATE,DEPE,DISAGMOT,MEXSTATE,CANPROV,COUNTRY,DF,CONTCODE,YEAR,VALUE,SHIPWT,FREIGHT_CHARGES"

ROWS = (
    "1,MI,3801,5,,XO,1220,1000,0,10,1,0,01,2021",
    "1,MI,3801,6,,XO,1220,300,50,5,1,X,01,2021",
    "2,MI,3801,5,,XO,1220,900,700,9,,0,01,2021",
    "1,TX,2304,5,NA,,2010,400,0,4,2,0,01,2021",
    "2,TX,2304,5,,,2010,500,600,5,,0,01,2021",
)


def write(folder: Path, *rows: str, header: str = DOT1, name: str = "dot1_0121.csv", end: str = "\n") -> Path:
    """A file of a header and rows."""
    path = folder / name
    path.write_bytes((end.join((header, *rows)) + end).encode())
    return path


def with_cell(column: str, value: str, row: str = ROWS[0], header: str = DOT1) -> str:
    """A row with one other cell."""
    cells = row.split(",")
    cells[header.split(",").index(column)] = value
    return ",".join(cells)
