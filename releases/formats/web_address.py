"""Validation of web addresses."""

import re

from releases.domain import limits

_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"\\^`]+", re.IGNORECASE)


def valid_address(text: str) -> bool:
    """True if `text` is a web address (http or https) that may become a link."""
    return len(text) <= limits.URL and _WEB_ADDRESS.fullmatch(text) is not None
