"""The HTTP edge: webhooks, pages, JSON API, metrics, health. No decisions and no queries of its own."""
