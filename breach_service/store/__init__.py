"""What is kept: the only place that knows SQLModel. Nothing here decides."""
