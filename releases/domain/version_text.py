"""The version that somebody has, as they write it: `5.2.1`, `v5.2`, `Django==4.2.7`, `14.9 LTS`."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_TEXT = 100

_PIN = re.compile(r"(?P<name>[^=<>~!^@\s][^=<>~!^@]*?)?\s*(?:[=~^<>!]=*|@)\s*(?P<rest>.*)")
_NUMBER = (
    r"(?P<version>\d+(?:[._-]\d+)*(?:[._-]?(?:dev|alpha|beta|rc|preview|pre|a|b|c)[._-]?\d*(?!\w))?)"
    r"(?P<any>(?:\.[x*])+)?"
)
_VERSION = re.compile(rf"(?<![\w.])v?{_NUMBER}", re.IGNORECASE)
_GLUED = re.compile(rf"[a-z]+{_NUMBER}", re.IGNORECASE)  # php8.1


@dataclass(frozen=True, slots=True)
class VersionText:
    """A version as it was read. `name` is what stands before it (empty: nothing does), `exact`
    whether it names one release and not all that begin like it (`5.2.x`)."""

    version: str
    name: str = ""
    exact: bool = True


def read_version(text: str) -> VersionText | None:
    """The first version in a text; None where there is none, or the text is too long for one.

    A pin may stand before it, as requirement files have it: of several the first one counts.
    """
    text = text.partition(";")[0].strip().strip("\"'`")  # behind it a requirement has conditions
    if not text or len(text) > MAX_TEXT:
        return None
    name = ""
    if pin := _PIN.fullmatch(text.replace("===", "==")):
        name, text = (pin["name"] or "").strip(), pin["rest"]
    found = _VERSION.search(text) or _GLUED.match(text)
    if found is None:
        return None
    name = name or text[: found.start("version")].strip(" :-/\t")
    return VersionText(
        found["version"].rstrip("._-"), name.removesuffix("v").strip(), not found["any"]
    )
