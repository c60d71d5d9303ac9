"""The views of the public pages and their files."""
