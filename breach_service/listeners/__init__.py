"""Listeners for senders that cannot speak HTTP; none ships yet."""
