"""Reverting edits: one change, or everything since a moment.

A plan is shown first and then applied as a whole or not at all. Deleted rows are restored under
their old primary keys. Values that were changed again since are never overwritten unseen: reverting
one change leaves them and reports it, and going back to a moment shows them from now to then.
"""
