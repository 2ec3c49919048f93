"""Every human act: (session, actor, command, now) → entries. Authorised here and only here."""
