"""Accounts, tokens, links, and the work of whoever leaves."""
