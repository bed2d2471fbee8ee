"""Presets: every one is a channel that the engine takes, in the unit and range of its type, for a known kind."""

import pytest

from planner.engine.channels import TYPES
from planner.models.channel_rules import CHANNEL_TARGETS, CHANNEL_UNITS, ChannelType
from planner.models.vocabulary import InterventionKind
from planner.presets import PRESETS, channel_presets


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_a_preset_is_within_what_its_type_allows(preset):
    """Ordered values inside the range, the type's own unit, a source, a grade."""
    kind = TYPES[preset.type]
    assert kind.at_least <= preset.low <= preset.central <= preset.high <= kind.at_most
    assert preset.low < preset.high or preset.grade != "D"
    assert preset.unit in CHANNEL_UNITS[preset.type]
    assert preset.kind in InterventionKind.values
    assert preset.source
    assert str(preset.name)
    assert set(preset.values()) == {"type", "low", "central", "high", "unit", "source", "grade", "vehicle"}


def test_every_kind_has_presets_and_keys_are_unique():
    """Whatever kind a planner starts with, there is something to begin from."""
    assert all(channel_presets(kind) for kind in InterventionKind.values)
    assert len({preset.key for preset in PRESETS}) == len(PRESETS)
    assert channel_presets() == PRESETS


def test_models_and_engine_know_the_same_channels():
    """Types, units and targets are the same on both sides."""
    assert set(ChannelType.values) == set(TYPES)
    for name, kind in TYPES.items():
        assert CHANNEL_TARGETS[name] == kind.targets
        assert kind.unit in CHANNEL_UNITS[name]
