"""What an import expected, in the reader's language: the checks' and readers' sentences, known by their form.

Files are read without any language, and problems are stored in English; pages say them again. What is not known stays.
"""

from __future__ import annotations

import re

from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from regions.importing.rare_expectations import RARE
from regions.recognised import Forms

FORMS = (
    gettext_noop("Each place must name an economy of economies.csv."),
    gettext_noop("Each economy should have a place in regions.csv."),
    gettext_noop("A case needs places in at least two economies and a border region in each of two."),
    gettext_noop("A place may have the id of an economy only if it is the whole of that economy."),
    gettext_noop("Each crossing must join two places of regions.csv."),
    gettext_noop("The two places that a crossing joins must lie in different economies."),
    gettext_noop("A crossing may not have the code OTHER, which stands for ports without entry data."),
    gettext_noop("Each attribute must belong to a crossing of crossings.csv."),
    gettext_noop("The value must fit the attribute."),
    gettext_noop("Each flow must name places of regions.csv."),
    gettext_noop(
        "Origin and destination must lie in different economies; trade inside an economy is completed by the model."
    ),
    gettext_noop("Each flow must name a crossing of crossings.csv, or OTHER."),
    gettext_noop("A flow should use a crossing between the economies of its origin and destination."),
    gettext_noop("Each flow must name a sector of sectors.csv."),
    gettext_noop("Each goods sector should have flows in sector_flows.csv."),
    gettext_noop("For each pair of places the flows by crossing must add up to the goods flows by sector."),
    gettext_noop("Each place must trade with at least one place of another economy in sector_flows.csv."),
    gettext_noop(
        "All places must be linked by flows or by belonging to one economy; the first place of a part is named."
    ),
    gettext_noop("Each wait must name a crossing of crossings.csv."),
    gettext_noop("The direction of a wait must be the id of one of the two economies that its crossing joins."),
    gettext_noop("The period of a wait must not end before it starts."),
    gettext_noop("The interval of a wait must hold its minutes, and have both ends or none."),
    gettext_noop("Each row must name places of regions.csv."),
    gettext_noop("Each row must name sectors of sectors.csv."),
    gettext_noop("Inputs and value added of a sector at a place must add up to 1."),
    gettext_noop("Each outline should belong to a place of regions.csv; this one is not used."),
    gettext_noop("The position of a place should lie inside its outline."),
    gettext_noop("Each place should have an outline where outlines are given."),
    gettext_noop("The position of a place should not lie in the outline of another economy."),
    gettext_noop("A crossing should lie near at least one of the regions that it joins."),
    gettext_noop(
        "Trade of a place with other economies must be of a size that its GDP can carry; one of the two is "
        "in another unit."
    ),
    gettext_noop("expected one of %(known)s"),
    gettext_noop("expected text of at most %(most)s characters"),
    gettext_noop("expected a code (letters, digits, _ . : -; at most %(most)s characters)"),
    gettext_noop("expected a whole number"),
    gettext_noop("expected a number (decimal point, no thousands separators)"),
    gettext_noop("expected a date as YYYY-MM-DD"),
    gettext_noop("expected this file with the columns %(columns)s"),
    gettext_noop("expected a header and at least one row; the file is empty"),
    gettext_noop("expected at least one row below the header"),
    gettext_noop("expected UTF-8 text; byte 0x%(byte)s is not (save the file as UTF-8)"),
    gettext_noop("expected a CSV header (%(error)s)"),
    gettext_noop("expected %(width)s cells as in the header, found %(count)s"),
    gettext_noop("expected each column once in the header"),
    gettext_noop("expected only one of the columns %(names)s"),
    gettext_noop("expected a column %(names)s in the header, which has %(header)s"),
    gettext_noop("expected each %(key)s once; first given in row %(row)s"),
    gettext_noop("expected a file of at most %(limit)s MiB"),
    gettext_noop("expected a readable file (%(error)s)"),
    gettext_noop("expected at most %(limit)s MiB when unpacked"),
    gettext_noop("expected at most %(limit)s files in the zip"),
    gettext_noop("expected a whole zip file without password (%(error)s)"),
    gettext_noop("expected a plain name that stays inside the zip"),
    gettext_noop("expected the files of one case, at the top of the zip or in one folder in it"),
    gettext_noop("expected a zip file with the files of a case or with a Shapefile, or an XLSX workbook"),
    gettext_noop("expected an XLSX workbook: save the old .xls file as .xlsx"),
    gettext_noop("expected one of: %(kinds)s"),
    gettext_noop("expected files with different names"),
    gettext_noop("expected at most %(limit)s files at once"),
    gettext_noop("expected %(what)s of the case %(case)s (%(known)s)"),
    gettext_noop("expected one of the columns %(names)s"),
    gettext_noop("expected places of different economies: trade inside an economy is completed by the model"),
    gettext_noop("expected a sector or a crossing in each row, not both"),
    gettext_noop("expected an interval around the minutes, both ends or none"),
    gettext_noop("expected a period that does not end before it starts"),
    gettext_noop("expected a time zone such as America/Detroit"),
    gettext_noop("expected a coordinate system: the file names none, so give one, such as EPSG:4326"),
    gettext_noop("expected a valid polygon (%(error)s); it cannot be repaired safely"),
    gettext_noop("expected typical rates below %(limit)s: are they in per cent?"),
    gettext_noop("expected the id of a row in interventions.csv"),
    gettext_noop("expected at least one row in channels.csv; without a channel it changes no input of the model"),
    gettext_noop("expected low <= central <= high, found %(values)s"),
    gettext_noop("expected %(unit)s, the currency of the case; convert it and say how in note"),
    gettext_noop("expected %(year)s, the price year of the case; convert it and say how in note"),
)
KNOWN = Forms((*FORMS, *RARE))
EMPTY = gettext_noop("; the cell is empty")
BOUNDS = {
    "above": gettext_noop("above %(value)s"),
    "at least": gettext_noop("at least %(value)s"),
    "at most": gettext_noop("at most %(value)s"),
}
# A number of a column: what it is, its bounds, its unit.
NUMBER = re.compile(r"^(expected a (?:whole number|number \([^)]*\))), ((?:above|at least|at most) .+?)( \([^)]*\))?$")
BOUND = re.compile(r"(above|at least|at most) (\S+)")


def expectation_words(text: str) -> str:
    """The expectation in the active language."""
    if not text or (get_language() or "en").startswith("en"):
        return text
    if text.endswith(EMPTY):
        return expectation_words(text.removesuffix(EMPTY)) + _(EMPTY)
    if number := NUMBER.match(text):
        bounds = [_(BOUNDS[word]) % {"value": value} for word, value in BOUND.findall(number[2])]
        return ", ".join([KNOWN.say(number[1]) or number[1], *bounds]) + (number[3] or "")
    return KNOWN.say(text) or text
