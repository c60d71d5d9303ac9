"""Formats for `dumpdata` and `loaddata` that lose less than Django's own."""
