"""Management commands, and the reports that they print."""
