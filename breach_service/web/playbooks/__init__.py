"""The edge of playbooks: pages that read them, the plan of an incident, and the API."""
