"""The rota, absences, calendars, and how people are reached."""
