"""Reports: one context of numbers, many writers."""
