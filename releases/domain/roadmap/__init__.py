"""Rules of a view of the roadmap: query parameters, timeline geometry, events."""
