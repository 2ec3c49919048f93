"""Messages leave here, after the commit, through the outbox."""
