"""Editing in the admin: conflicts, drafts, previews, renames, actions and buttons."""
