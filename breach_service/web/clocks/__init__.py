"""Clocks of an incident: the page and the JSON API."""
