"""Every write that is more than one save: atomic, repeatable, with a dry run and a report."""
