"""Who may see an incident, and the audit trail, as pages and as API."""
