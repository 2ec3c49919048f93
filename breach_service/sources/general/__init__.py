"""The general reader: the best that can be made of a body that nobody knows."""
