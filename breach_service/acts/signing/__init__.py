"""Signing in, what proves it, and one's own account."""
