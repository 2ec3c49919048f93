"""Who may decide, what was advised and decided, and the glass that is broken when nobody can."""
