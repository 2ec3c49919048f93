"""What people do with the plan of an incident: adapt it, and say what was done."""
