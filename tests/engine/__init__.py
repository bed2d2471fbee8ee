"""Tests of the engine: an oracle written in loops, properties over random worlds, cases worked by hand."""
