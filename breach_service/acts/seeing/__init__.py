"""Who may see an incident, the counsel compartment, and the trail of who looked."""
