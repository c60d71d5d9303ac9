"""Names of operating systems in os-release files, bills of materials and package URLs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

PRODUCTS: Final[Mapping[str, str]] = {
    "alma": "almalinux",
    "alpine": "alpine-linux",
    "amazon": "amazon-linux",
    "amzn": "amazon-linux",
    "azurelinux": "azure-linux",
    "centos-linux": "centos",
    "debian-gnu-linux": "debian",
    "fedora-linux": "fedora",
    "kali": "kali-linux",
    "mariner": "azure-linux",
    "cbl-mariner": "azure-linux",
    "ol": "oracle-linux",
    "oracle": "oracle-linux",
    "oracle-linux-server": "oracle-linux",
    "opensuse-leap": "opensuse",
    "opensuse.leap": "opensuse",
    "raspbian": "debian",
    "raspbian-gnu-linux": "debian",
    "red-hat-enterprise-linux": "rhel",
    "red-hat-enterprise-linux-server": "rhel",
    "redhat": "rhel",
    "rocky": "rocky-linux",
    "sle": "sles",
    "suse.linux.enterprise.server": "sles",
    "suse-linux-enterprise-server": "sles",
}
"""The product of the catalogue by the ID of an os-release file or the name that a tool writes.

Raspbian has the releases of Debian. Names that are missing here are names of products themselves.
"""

_SEPARATORS: Final = re.compile(r"[\s/()+_]+")
_QUALIFIER: Final = re.compile(r"(?P<name>[a-z][a-z_.+ -]*?)[-_](?P<version>\d[\w.]*|[a-z]+)")
_WORD: Final = re.compile(r"[a-z]+|\d[\w.]*")
_STREAM: Final = "centos-stream"
_CENTOS: Final = "centos"
_LAST_CENTOS: Final = 8
"""The last release of CentOS Linux; later ones are CentOS Stream, which has the same ID."""


def distribution(name: str, version: str) -> str:
    """Return the name of the product of an operating system.

    Args:
        name: The ID of an os-release file (`amzn`) or a title (`Debian GNU/Linux`).
        version: Its version, which tells CentOS Linux from CentOS Stream.
    """
    slug = _SEPARATORS.sub("-", name.strip().lower()).strip("-")
    product = PRODUCTS.get(slug, slug)
    major = version.partition(".")[0]
    if product == _CENTOS and major.isdigit() and len(major) <= 2 and int(major) > _LAST_CENTOS:
        return _STREAM
    return product


def distribution_of_package(namespace: str, qualifier: str) -> tuple[str, str]:
    """Return the product and version of the operating system that a package is for.

    Both are empty if they are not known.

    Args:
        namespace: The namespace of the package URL: `debian`.
        qualifier: Its qualifier `distro`: `debian-11`, `opensuse-leap-15.6`, `jessie`.
    """
    text = qualifier.strip().lower().partition(" (")[0]
    if found := _QUALIFIER.fullmatch(text):
        return distribution(found["name"], found["version"]), found["version"]
    if namespace and _WORD.fullmatch(text):
        return distribution(namespace, text), text
    return "", ""
