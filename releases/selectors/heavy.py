"""Columns that may be large and that no list shows: reads of many products leave them out."""

HEAVY = ("imported", "file_text", "description")
HEAVY_OF_PRODUCT = tuple(f"product__{name}" for name in HEAVY)
