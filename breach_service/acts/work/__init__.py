"""What is done about an incident beside its notices: measures, evidence, the review afterwards."""
