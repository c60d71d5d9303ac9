"""Vagrantfiles: the systems of boxes. The Ruby of the file is not run."""

from __future__ import annotations

import re
from typing import Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.variables import add_image_value
from releases.formats.stack.yaml_values import Located

_BOX: Final = re.compile(r"\w+\.vm\.box\s*=\s*(?P<quote>[\"'])(?P<name>[^\"']+)(?P=quote)")
_IMAGE: Final = re.compile(r"\w+\.image\s*=\s*(?P<quote>[\"'])(?P<name>[^\"']+)(?P=quote)")
MAX_LINE_LENGTH: Final = 1_000
_CONFIGURE: Final = re.compile(r"^[ \t]*Vagrant(?:\.configure|::Config\.run)\b", re.MULTILINE)
_NUMBERED: Final = re.compile(r"(?<![a-z\d])([a-z]+(?:[-_]server)?)[-_/]?v?(\d+(?:\.\d+)*)(?!\w)")
_CODENAME: Final = re.compile(r"(?:^|(?P<owner>ubuntu|debian)/|[/-])(?:contrib-)?([a-z]+)(?:32|64)")
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
_CODENAMES: Final = {
    **dict.fromkeys(("precise", "trusty", "xenial", "bionic", "focal", "jammy", "noble"), "ubuntu"),
    **dict.fromkeys(("jessie", "stretch", "buster", "bullseye", "bookworm", "trixie"), "debian"),
}
"""The products of codenames in boxes that do not name the system."""
_JOINED: Final = {"ubuntu": re.compile(r"(\d\d)(\d\d)"), "alpine-linux": re.compile(r"(3)(\d+)")}
"""Versions without their dot: ubuntu2204, alpine319."""


def _read(content: Content) -> Stack:
    """Return the boxes, and the images of containers. Boxes in variables are skipped."""
    stack = Stack(KIND.name)
    inside = False
    for line, raw in content.lines():
        inside = raw.startswith("=begin") or (inside and not raw.startswith("=end"))
        if inside or raw.lstrip().startswith("#") or len(raw) > MAX_LINE_LENGTH:
            continue
        for found in _BOX.finditer(raw):
            product, version = _system(found["name"].lower())
            if product:
                stack.add_named(product, version, line)
            else:
                stack.add(found["name"], "", "", line)
        for found in _IMAGE.finditer(raw):
            add_image_value(stack, Located.at(found["name"], line))
    return stack


def _system(box: str) -> tuple[str, str]:
    """Return the product and version of a box such as `generic/alpine319`; empty if not known."""
    for name, version in _NUMBERED.findall(box):
        if product := _SYSTEMS.get(name):
            joined = _JOINED[product].fullmatch(version) if product in _JOINED else None
            return product, f"{joined[1]}.{joined[2]}" if joined else version
    if found := _CODENAME.search(box):
        product = found["owner"] or _CODENAMES.get(found[2], "")
        return product, found[2] if product else ""
    return "", ""


def _recognise(content: Content) -> bool:
    return _CONFIGURE.search(content.text) is not None


KIND: Final = Kind(
    name="Vagrantfile",
    files=("vagrantfile", "vagrantfile.*"),
    read=_read,
    finds="systems of boxes whose name tells them, and images of containers; no Ruby is run",
    recognise=_recognise,
)
