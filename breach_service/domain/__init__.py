"""Pure values and functions of values: no clock, no settings, no I/O. Floors from `alert` up to `dossier`."""
