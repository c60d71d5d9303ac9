"""The text of pages, without their markup."""

from __future__ import annotations

from html import unescape

from django.utils.html import strip_tags


def main_text(html: str) -> str:
    """Return the text of the main part of a page, with a space for each tag."""
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(unescape(strip_tags(main.replace("<", " <"))).split())
