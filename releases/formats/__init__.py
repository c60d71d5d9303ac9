"""Text to records and back: product files now; every error with its line and field path."""
