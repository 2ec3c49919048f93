"""Opinions, decisions, mandates and broken glass, as pages and as API."""
