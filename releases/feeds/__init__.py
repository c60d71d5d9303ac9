"""Feeds (Atom, RSS) and calendars (iCalendar)."""
