"""Muting the reminders of an incident: its part of the page, its forms and its API."""
