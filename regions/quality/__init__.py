"""How good the facts of a case are: graded by data set and dimension, as raw numbers; words come last."""
