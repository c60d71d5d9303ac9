"""Which texts may become links."""

import re

from releases.domain import limits

_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"\\^`]+", re.IGNORECASE)


def valid_address(text: str) -> bool:
    """Whether `text` is a web address that may become a link (http or https)."""
    return len(text) <= limits.URL and _WEB_ADDRESS.fullmatch(text) is not None
