"""Accounts, tokens and leaving, as pages and as API."""
