"""Parsers and writers for files and answers. Errors carry a line and a field path."""
