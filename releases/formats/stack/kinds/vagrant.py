"""Vagrantfiles: the systems of boxes. The Ruby of the file is not run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.images import system_of_image
from releases.formats.stack.kind import Kind
from releases.formats.stack.variables import add_image_value
from releases.formats.stack.yaml_values import Located

_TEXT: Final = r"(?P<quote>[\"'])(?P<value>[^\"'#]+)(?P=quote)"
_BOX: Final = re.compile(rf"\w+\.vm\.box\s*=\s*(?:{_TEXT}|(?P<variable>[\w$@]+)\s*$)")
_IMAGE: Final = re.compile(rf"\w+\.image\s*=\s*{_TEXT}")
_ASSIGNMENT: Final = re.compile(rf"\s*(?P<name>[\w$@]+)\s*=\s*{_TEXT}")
MAX_LINE_LENGTH: Final = 1_000
_CONFIGURE: Final = re.compile(r"^[ \t]*Vagrant(?:\.configure|::Config\.run)\b", re.MULTILINE)
_NUMBERED: Final = re.compile(r"(?<![a-z\d])([a-z]+(?:[-_]server)?)[-_/]?v?(\d+(?:\.\d+)*)(?!\w)")
_CODENAME: Final = re.compile(r"(?<![a-z\d])([a-z]+)(?:32|64)(?!\w)")
_SYSTEMS: Final = {
    "almalinux": "almalinux",
    "alma": "almalinux",
    "alpine": "alpine-linux",
    "amazonlinux": "amazon-linux",
    "centos": "centos",
    "debian": "debian",
    "fedora": "fedora",
    "freebsd": "freebsd",
    "leap": "opensuse",
    "opensuse": "opensuse",
    "oraclelinux": "oracle-linux",
    "rhel": "rhel",
    "rocky": "rocky-linux",
    "rockylinux": "rocky-linux",
    "stream": "centos-stream",
    "ubuntu": "ubuntu",
    "windows-server": "windows-server",
    "windows_server": "windows-server",
}
"""The products of systems by their names in boxes."""
_JOINED: Final = {"ubuntu": re.compile(r"(\d\d)(\d\d)"), "alpine-linux": re.compile(r"(3)(\d+)")}
"""Versions without their dot: ubuntu2204, alpine319."""
_AMBIGUOUS: Final = re.compile(r"32|[5-9]\d")
"""Bits, or a version without its dot: centos64."""


def _read(content: Content) -> Stack:
    """Return the boxes, and the images of containers.

    A box may be in a variable that the file sets once; other expressions are skipped.
    """
    stack = Stack(KIND.name)
    lines = list(_code(content))
    values: dict[str, str] = {}
    for _, text in lines:
        if found := _ASSIGNMENT.match(text):
            values[found["name"]] = "" if found["name"] in values else found["value"]
    for line, text in lines:
        for found in _BOX.finditer(text):
            _add_box(stack, found["value"] or values.get(found["variable"] or "", ""), line)
        for found in _IMAGE.finditer(text):
            add_image_value(stack, Located.at(found["value"], line))
    return stack


def _code(content: Content) -> Iterator[tuple[int, str]]:
    """Yield the lines that have an equals sign and are no comment."""
    inside = False
    for line, raw in content.lines():
        if "=" in raw:
            inside = raw.startswith("=begin") or (inside and not raw.startswith("=end"))
            if not (inside or raw.lstrip().startswith("#") or len(raw) > MAX_LINE_LENGTH):
                yield line, raw


def _add_box(stack: Stack, box: str, line: int) -> None:
    product, version = _system(box.lower())
    if product:
        stack.add_named(product, version, line)
    elif box:
        stack.add(box, "", "", line)


def _system(box: str) -> tuple[str, str]:
    """Return the product and version of a box such as `generic/alpine319`; empty if not known."""
    for name, version in _NUMBERED.findall(box):
        if product := _SYSTEMS.get(name):
            if joined := _JOINED[product].fullmatch(version) if product in _JOINED else None:
                return product, f"{joined[1]}.{joined[2]}"
            return product, "" if _AMBIGUOUS.fullmatch(version) else version
    found = _CODENAME.search(box)
    return system_of_image("", found[1]) or ("", "") if found else ("", "")


def _recognise(content: Content) -> bool:
    return _CONFIGURE.search(content.head.text) is not None


KIND: Final = Kind(
    name="Vagrantfile",
    files=("vagrantfile", "vagrantfile.*"),
    read=_read,
    finds="systems of boxes whose name tells them, and images of containers; no Ruby is run",
    recognise=_recognise,
)
