"""The text of pages, without their markup."""

from __future__ import annotations

import re
from html import unescape


def words_of(html: str) -> str:
    """Return the text of HTML on one line, with a space for each tag."""
    return " ".join(unescape(re.sub("<[^>]*>", " ", html)).split())


def main_text(html: str) -> str:
    """Return the text of the main part of a page, as `words_of`."""
    return words_of(html[html.index("<main") : html.index("</main>")])
