"""What people tell us, at the HTTP edge: the five questions, mails that are handed on, Slack, and the queue."""
