"""What other systems call a product, read apart into the product's part and a version.

Package URLs: https://github.com/package-url/purl-spec. CPE names: NIST IR 7695, in both of their
forms. Repology: the name of a project there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from packageurl import PackageURL

_EPOCH = re.compile(r"^[0-9]+:(?=[0-9])")
_NOT_ESCAPED_COLON = re.compile(r"(?<!\\):")
_AROUND = re.compile(r"^[\s/]+|[\s/]+$")
_NO_VERSION = frozenset({"*", "-", ""})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Under which values an identifier may stand in the catalogue, the best first, and the version
    that it names (empty: none)."""

    values: tuple[str, ...]
    version: str = ""


def parse_purl(text: str) -> PackageURL | None:
    """Return the package URL that `text` is, or None."""
    try:
        purl = PackageURL.from_string(text)
    except ValueError:
        return None
    # packageurl asks for a name before it takes the blanks and slashes around it off.
    return purl if purl.name else None


def build_purl(kind: str, name: str, namespace: str = "", **qualifiers: str) -> str:
    """Return a package URL without a version; empty if the parts make none.

    Names come from files that anybody may send: they pass through here, whatever is in them.
    """
    try:
        purl = PackageURL(kind, namespace or None, _AROUND.sub("", name), qualifiers=qualifiers)
        return purl.to_string()
    except ValueError:
        return ""


def read_purl(text: str) -> Wanted:
    """`pkg:pypi/Django@5.2.1` is `pkg:pypi/django` and 5.2.1. What is no package URL stands for
    nothing but itself."""
    purl = parse_purl(text)
    if purl is None:
        return Wanted((text,))
    full = purl._replace(version=None, subpath=None)
    bare = full._replace(qualifiers={})
    values = [form for each in (full, bare) for form in (each.to_string(), unquote(str(each)))]
    return Wanted(tuple(dict.fromkeys(values)), _EPOCH.sub("", purl.version or ""))


def read_cpe(text: str) -> Wanted:
    """`cpe:2.3:a:djangoproject:django:5.2.1:*` is `cpe:2.3:a:djangoproject:django` (or
    `cpe:/a:djangoproject:django`, the older form) and 5.2.1."""
    lowered = text.lower()
    parts = _NOT_ESCAPED_COLON.split(lowered.removeprefix("cpe:2.3:").removeprefix("cpe:/"))
    name = ":".join(parts[:3])
    version = "".join(parts[3:4]).replace("\\", "")
    values = (f"cpe:2.3:{name}", f"cpe:/{name}")
    return Wanted(values, "" if version in _NO_VERSION else unquote(version))


def read_repology(text: str) -> Wanted:
    """The name of a project, which names no version."""
    return Wanted((text,))


READERS: Final[Mapping[str, Callable[[str], Wanted]]] = {
    "purl": read_purl,
    "cpe": read_cpe,
    "repology": read_repology,
}
"""The types of identifiers that can be looked up."""
