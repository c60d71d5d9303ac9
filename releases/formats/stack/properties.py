"""Properties of build files in XML, which may refer to each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

MAX_EXPANSIONS: Final = 5
"""Maximum depth of properties that refer to properties."""
MAX_LENGTH: Final = 500
"""Maximum length of a property and of a text with references.

Without it, a few lines could expand to a text of any size.
"""


def filled(text: str, reference: re.Pattern[str], properties: Mapping[str, str]) -> str:
    """Return a text in which references have the values of properties.

    Args:
        text: The text.
        reference: A reference; its group `name` is the name of the property.
        properties: The values by name. A reference without one, or with an empty one, stays.
    """
    for _ in range(MAX_EXPANSIONS):
        if len(text) > MAX_LENGTH or not reference.search(text):
            break
        text = reference.sub(lambda each: _value(each, properties), text)
    return text


def _value(reference: re.Match[str], properties: Mapping[str, str]) -> str:
    value = properties.get(reference["name"], "")
    return value if 0 < len(value) <= MAX_LENGTH else reference[0]
