"""The rules of release lifecycles: no Django, no input or output, no clock."""
