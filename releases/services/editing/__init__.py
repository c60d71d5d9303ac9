"""Writes of editors: bulk changes, publishing, new releases, local edits, roles."""
