"""Reverting edits: one change, or everything since a moment.

A plan is shown first and then carried out as a whole or not at all. Deleted rows come back under
their old primary keys. Values that were changed again since are not overwritten unseen: reverting
one change leaves them and says so, going back to a moment shows them from now to then.
"""
