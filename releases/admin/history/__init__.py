"""History in the admin: its pages, the reasons of changes, and how to revert them."""
