"""A format of the operator's own, read by a mapping instead of code."""
