"""Maximum lengths and counts, shared by the tables, the forms and the formats.

Lengths of texts are in characters.
"""

from typing import Final

NAME: Final = 100
LABEL: Final = 200
REASON: Final = 200
"""The reason of a change in the history."""
LINE: Final = 500
"""A single-line text: an identifier, a custom value, the template of a label."""
URL: Final = 1_000
TEXT: Final = 5_000
BODY: Final = 200_000

FILE_BYTES: Final = 1_000_000
"""Size of a product file in bytes; the largest known ones have some 70 kB."""
CYCLES: Final = 2_000
RELEASES: Final = 1_000
ITEMS: Final = 500
"""Number of entries of any other list of a product file."""

FILES: Final = 1_000
"""Number of product files in one upload."""
UPLOAD_BYTES: Final = 20_000_000
"""Total size of an upload in bytes, unpacked."""
ZIP_ENTRIES: Final = 10_000
"""Number of files of all kinds in an archive."""
