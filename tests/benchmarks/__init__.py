"""Speed and memory, printed as ratios of one run; not part of the tests."""
