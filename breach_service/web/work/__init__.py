"""Measures, evidence and the review of an incident: pages, what people post from them, and the API."""
