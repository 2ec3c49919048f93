"""Exercises: pages and API."""
