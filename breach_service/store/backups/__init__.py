"""Backups: one SQLite file, whichever database it was made of; it can be restored into either."""
