"""How long texts and how many items may be: the tables, the forms and the formats agree here."""

from typing import Final

NAME: Final = 100
LABEL: Final = 200
REASON: Final = 200
"""Why somebody changed something."""
LINE: Final = 500
"""A text on one line: an identifier, a custom value, the template of a label."""
URL: Final = 1_000
TEXT: Final = 5_000
BODY: Final = 200_000

FILE_BYTES: Final = 1_000_000
"""A product file; the largest known ones have some 70 kB."""
CYCLES: Final = 2_000
RELEASES: Final = 1_000
ITEMS: Final = 500
"""Entries of any other list of a product file."""

FILES: Final = 1_000
"""Product files that are uploaded at once."""
UPLOAD_BYTES: Final = 20_000_000
"""All of them together, unpacked."""
ZIP_ENTRIES: Final = 10_000
"""Files of all kinds in an archive."""
