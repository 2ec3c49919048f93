"""Who finds out what is not known yet."""
