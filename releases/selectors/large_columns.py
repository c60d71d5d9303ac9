"""Columns that may be large and that no list shows: reads of many products leave them out."""

LARGE_COLUMNS = ("imported", "file_text", "description")
LARGE_COLUMNS_OF_PRODUCT = tuple(f"product__{name}" for name in LARGE_COLUMNS)
