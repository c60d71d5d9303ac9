"""Stacks: rows, pages, and reports in several formats."""
