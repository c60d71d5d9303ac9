"""The components of bills of materials, whatever the format of the bill is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from packageurl import PackageURL

from releases.domain.identifiers import build_purl, parse_purl, read_cpe
from releases.domain.ranges import Range
from releases.formats.stack.component import Stack
from releases.formats.stack.distributions import distribution, distribution_of_package
from releases.formats.stack.images import add_image
from releases.formats.stack.values import quoted

MAX_CPES: Final = 5
"""Maximum number of CPE names of a component that are read; tools guess dozens, best first."""

_IMAGES: Final = frozenset({"docker", "oci"})
_OF_SYSTEMS: Final = frozenset({"deb", "rpm", "apk", "alpm"})
_WITH_CPE: Final = frozenset(
    {"", *_IMAGES, *_OF_SYSTEMS, "bitnami", "generic", "github", "gitlab", "swid"}
)
"""The types of package URLs whose components are looked up by CPE, too.

Tools guess the CPE names of packages of an index by their names: the client of Redis on npm gets
that of Redis.
"""
_NOT_NAMING: Final = frozenset({"arch", "checksum", "distro", "epoch", "upstream"})
"""Qualifiers that do not tell which software it is."""
_OFFICIAL: Final = re.compile(r"(?:(?:index\.|registry-1\.)?docker\.io/)?library/(?=[^/]+$)")
_DIGEST: Final = re.compile(r"sha\d+:[0-9a-f]+")
_EPOCH: Final = re.compile(r"^\d+:(?=\d)")
_WITH_OWNERS: Final = re.compile(r"(?:ghcr|quay)\.io/[^/]+")
"""An owner at a registry whose images all have one."""
_GO: Final = "go"
_RANGE: Final = re.compile(r"^\s*[\^~<>=!*]|\.[x*]$|\|\|| - |,")
"""A version that is a range; the bills of GitHub have those of manifests."""
_SCHEMES: Final[Mapping[str, str]] = {
    "cargo": "cargo",
    "composer": "composer",
    "gem": "gem",
    "golang": "golang",
    "maven": "maven",
    "npm": "npm",
    "nuget": "nuget",
    "pypi": "pypi",
}
"""The notation of ranges by the type of package URLs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A component of a bill of materials.

    Attributes:
        name: Its name, with its group or namespace.
        version: Its version; empty if the bill has none.
        purl: Its package URL; empty if the bill has none.
        cpes: Its CPE names.
        is_system: True for an operating system.
        is_image: True for a container image.
        line: The line in the file, from 1; 0 if it is not known.
        path: The field path, such as `components[3]`.
    """

    name: str
    version: str = ""
    purl: str = ""
    cpes: Iterable[str] = ()
    is_system: bool = False
    is_image: bool = False
    line: int = 0
    path: str = ""


@dataclass(slots=True)
class Bill:
    """A bill of materials that is read into a stack."""

    stack: Stack
    _systems: set[tuple[str, str]] = field(default_factory=set)

    def add(self, entry: Entry) -> None:
        """Add a component, and the operating system that it was packaged for.

        A component without a name is a problem. One whose package URL cannot be read is a problem,
        too, and is added without it.
        """
        purl = self._purl(entry)
        if not entry.name and not purl:
            self.stack.problem("It is no component with a name.", entry.line, entry.path)
        elif purl and purl.type in _IMAGES:
            add_image(self.stack, _reference(purl, entry.version), entry.line)
        elif purl and purl.type == "golang" and not purl.namespace and purl.name == "stdlib":
            version = (purl.version or entry.version).removeprefix(_GO)
            self.stack.add_named(_GO, version, entry.line, moving=False)
        elif entry.is_image and not purl:
            tag = "" if _DIGEST.fullmatch(entry.version) else entry.version
            add_image(self.stack, _with_tag(entry.name, tag), entry.line)
        else:
            self._add_software(entry, purl)

    def add_system(
        self, product: str, version: str, line: int = 0, cpes: Iterable[str] = ()
    ) -> None:
        """Add an operating system by the name of its product, once for each version.

        Some tools add the codename to the version: `11 (bullseye)`.
        """
        version = version.partition(" (")[0]
        if product and (product, version) not in self._systems:
            self._systems.add((product, version))
            purl = build_purl("generic", product)
            self.stack.add(product, version, purl, line, moving=True, cpes=tuple(cpes))

    def _add_software(self, entry: Entry, purl: PackageURL | None) -> None:
        kind = purl.type if purl else ""
        cpes = _names(entry.cpes) if kind in _WITH_CPE else ()
        version = entry.version or (purl.version if purl else "") or ""
        version = version or next(filter(None, (read_cpe(each).version for each in cpes)), "")
        if entry.is_system and kind in {"", "generic"}:
            self.add_system(distribution(entry.name, version), version, entry.line, cpes)
            return
        version = _EPOCH.sub("", version)
        naming = _naming(purl) if purl else ""
        name = entry.name or (purl.name if purl else "")
        wanted = None
        if kind in _SCHEMES and _RANGE.search(version):
            version, wanted = "", Range(_SCHEMES[kind], version)
        moving = entry.is_system
        self.stack.add(name, version, naming, entry.line, moving=moving, wanted=wanted, cpes=cpes)
        distro = purl.qualifiers.get("distro") if purl and kind in _OF_SYSTEMS else ""
        if purl and distro:
            self.add_system(*distribution_of_package(purl.namespace or "", distro), entry.line)

    def _purl(self, entry: Entry) -> PackageURL | None:
        purl = parse_purl(entry.purl) if entry.purl else None
        if entry.purl and purl is None:
            message = f"“{quoted(entry.purl)}” is no package URL, such as pkg:pypi/django@5.2.1."
            self.stack.problem(message, entry.line, f"{entry.path}.purl".lstrip("."))
        return purl


def is_official_image(purl: str) -> bool:
    """Return True for an official image of Docker Hub."""
    found = parse_purl(purl)
    return bool(found and found.type in _IMAGES and _OFFICIAL.match(_address(found)))


def _naming(purl: PackageURL) -> str:
    """Return a package URL as the catalogue has it: with the qualifiers that name the software."""
    kept = {key: value for key, value in purl.qualifiers.items() if key not in _NOT_NAMING}
    return build_purl(purl.type, purl.name, purl.namespace or "", **kept)


def _names(cpes: Iterable[str]) -> tuple[str, ...]:
    """Return the distinct names of products of some CPE names, without versions and the like."""
    found = list(dict.fromkeys(each.strip() for each in cpes if each.lower().startswith("cpe:")))
    return tuple(found[:MAX_CPES])


def _reference(purl: PackageURL, version: str) -> str:
    """Return the reference of an image: `docker.io/library/debian:11.5`."""
    tag = purl.qualifiers.get("tag") or ""
    for each in (purl.version or "", version):
        tag = tag or ("" if _DIGEST.fullmatch(each) else each)
    return _with_tag(_repository(purl), tag)


def _repository(purl: PackageURL) -> str:
    """Return the repository of an image: `ghcr.io/denoland/deno`, `debian`."""
    return _OFFICIAL.sub("", _address(purl))


def _address(purl: PackageURL) -> str:
    """Return the repository of an image with its registry.

    The qualifier `repository_url` may end with the name of the image, or not.
    """
    path = "/".join(filter(None, (purl.namespace, purl.name)))
    address = purl.qualifiers.get("repository_url", "").strip("/")
    address = address.removeprefix("https://").removeprefix("http://")
    if not address:
        return path
    whole = f"/{address}".endswith(f"/{path}") and not _WITH_OWNERS.fullmatch(address)
    return address if whole else f"{address}/{path}"


def _with_tag(name: str, tag: str) -> str:
    has_tag = ":" in name.rpartition("/")[2]
    return f"{name}:{tag}" if tag and not has_tag else name
