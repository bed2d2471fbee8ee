"""Every model of the facts in Django's admin."""

from regions.admin import batches, cases, crossings, delays, flows, imported, official, regions, tables

__all__ = ["batches", "cases", "crossings", "delays", "flows", "imported", "official", "regions", "tables"]
