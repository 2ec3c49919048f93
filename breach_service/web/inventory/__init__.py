"""The inventory on pages and in the JSON API."""
