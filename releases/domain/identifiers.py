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
_NO_VERSION = frozenset({"*", "-", ""})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Under which values an identifier may stand in the catalogue, the best first, and the version
    that it names (empty: none)."""

    values: tuple[str, ...]
    version: str = ""


def read_purl(text: str) -> Wanted:
    """`pkg:pypi/Django@5.2.1` is `pkg:pypi/django` and 5.2.1. What is no package URL stands for
    nothing but itself."""
    try:
        purl = PackageURL.from_string(text)
    except ValueError:
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
