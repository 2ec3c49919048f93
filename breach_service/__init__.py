"""From the first security alert to the filed CNIL notification and the informed clients, in time and with proof."""

__version__ = "0.1.0"
