"""/etc/os-release: the operating system."""

from __future__ import annotations

import re
from typing import Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.distributions import distribution
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import quoted

_ASSIGNMENT: Final = re.compile(r"([A-Z][A-Z\d_]*)=(?:\"([^\"]*)\"|'([^']*)'|([^\s\"']*))\s*")
_NEEDED: Final = frozenset({"ID", "NAME", "PRETTY_NAME"})


def _read(content: Content) -> Stack:
    """Return the system. Rolling systems have no version, and neither have tests of Debian."""
    stack = Stack(KIND.name)
    values: dict[str, tuple[str, int]] = {}
    for line, raw in content.lines():
        text = raw.strip()
        if found := _ASSIGNMENT.fullmatch(text):
            values[found[1]] = found[2] or found[3] or found[4] or "", line
        elif text and not text.startswith("#"):
            stack.problem(f"“{quoted(text)}” is no variable, such as ID=debian.", line)
    name, line = values.get("ID", ("", 0))
    version, _ = values.get("VERSION_ID", ("", 0))
    if name == "centos" and "stream" in values.get("NAME", ("", 0))[0].lower():
        name = "centos-stream"
    if name:
        stack.add_named(distribution(name, version), version, line)
    return stack


def _recognise(content: Content) -> bool:
    """Return True if all lines are variables, and the system is named in three forms."""
    lines = [text.strip() for _, text in content.lines()]
    found = [_ASSIGNMENT.fullmatch(text) for text in lines if text and not text.startswith("#")]
    return all(found) and {each[1] for each in found if each} >= _NEEDED


KIND: Final = Kind(
    name="os-release",
    files=("os-release", "initrd-release"),
    read=_read,
    finds="the operating system",
    recognise=_recognise,
)
