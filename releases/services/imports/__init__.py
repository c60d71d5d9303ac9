"""Imports of product files, and the merge with local edits."""
