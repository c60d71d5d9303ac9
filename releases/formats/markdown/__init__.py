"""Markdown in the dialect of product files (kramdown with Liquid), converted to safe HTML."""
