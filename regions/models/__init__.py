"""The facts of a case, one file per model."""

from regions.models.border_entry_count import BorderEntryCount
from regions.models.case import Case
from regions.models.choices import EvidenceGrade, How, MirrorRule, Mode, Valuation, VehicleClass
from regions.models.crossing import Crossing
from regions.models.crossing_attribute import CrossingAttribute
from regions.models.crossing_flow import CrossingFlow
from regions.models.crossing_mode import CrossingMode
from regions.models.delay import Delay
from regions.models.economy import Economy
from regions.models.import_batch import ImportBatch
from regions.models.import_change import ImportChange
from regions.models.input_output_share import InputOutputShare
from regions.models.mirror_flow import MirrorFlow
from regions.models.region import Region
from regions.models.sector import Sector
from regions.models.sector_flow import SectorFlow
from regions.models.tariff import Tariff
from regions.models.transborder_flow import TransBorderFlow
from regions.models.value_added_share import ValueAddedShare
from regions.models.wait_cell import WaitCell

__all__ = [
    "BorderEntryCount",
    "Case",
    "Crossing",
    "CrossingAttribute",
    "CrossingFlow",
    "CrossingMode",
    "Delay",
    "Economy",
    "EvidenceGrade",
    "How",
    "ImportBatch",
    "ImportChange",
    "InputOutputShare",
    "MirrorFlow",
    "MirrorRule",
    "Mode",
    "Region",
    "Sector",
    "SectorFlow",
    "Tariff",
    "TransBorderFlow",
    "Valuation",
    "ValueAddedShare",
    "VehicleClass",
    "WaitCell",
]
