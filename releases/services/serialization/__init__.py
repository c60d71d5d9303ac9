"""The formats of `dumpdata` and `loaddata`, without the losses of Django's own."""
