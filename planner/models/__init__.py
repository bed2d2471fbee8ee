"""The models of plans: interventions, parameters, scenarios, runs, effects, rankings and analyses."""

from planner.models.analysis import RunAnalysis
from planner.models.api_token import ApiToken, Scope
from planner.models.channel import Channel
from planner.models.channel_rules import TARGET_FIELDS, ChannelType
from planner.models.cost import Cost
from planner.models.delivery import Alert, Delivery, DeliveryAttempt, Occurrence, ReportFile
from planner.models.document import RunDocument
from planner.models.effect import Effect
from planner.models.idempotency_key import IdempotencyKey
from planner.models.import_job import ImportJob
from planner.models.intervention import Intervention
from planner.models.parameter_set import Parameter, ParameterSet
from planner.models.ranking import Ranking, RankingRow
from planner.models.run import Run, RunPart, Snapshot
from planner.models.scenario import SETTING_FIELDS, Scenario
from planner.models.schedule import Recipient, Schedule

__all__ = [
    "SETTING_FIELDS",
    "TARGET_FIELDS",
    "Alert",
    "ApiToken",
    "Channel",
    "ChannelType",
    "Cost",
    "Delivery",
    "DeliveryAttempt",
    "Effect",
    "IdempotencyKey",
    "ImportJob",
    "Intervention",
    "Occurrence",
    "Parameter",
    "ParameterSet",
    "Ranking",
    "RankingRow",
    "Recipient",
    "ReportFile",
    "Run",
    "RunAnalysis",
    "RunDocument",
    "RunPart",
    "Scenario",
    "Schedule",
    "Scope",
    "Snapshot",
]
