"""Parsers for identifiers of products in other systems: package URLs, CPE names, Repology.

An identifier is split into the part that names the product and the version. Package URLs:
https://github.com/package-url/purl-spec. CPE names: NIST IR 7695, both of its forms. Repology: the
name of a project.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from packageurl import PackageURL

_EPOCH = re.compile(r"^[0-9]+:(?=[0-9])")
_CPE = re.compile(r"cpe:(2\.3:|/)[aho*-]:[^:\s]+:[^:\s]+", re.IGNORECASE)
_NOT_ESCAPED_COLON = re.compile(r"(?<!\\):")
# The look-behind keeps the search linear where a name has many blanks inside.
_AROUND = re.compile(r"^[\s/]+|(?<![\s/])[\s/]+$")
_NO_VERSION = frozenset({"*", "-", ""})
_SAME_PRODUCT = (
    ("a:f5:nginx", "a:nginx:nginx", "a:igor_sysoev:nginx"),
    ("a:elastic:elasticsearch", "a:elasticsearch:elasticsearch"),
    ("a:elastic:kibana", "a:elasticsearch:kibana"),
    ("a:elastic:logstash", "a:elasticsearch:logstash"),
    ("a:nodejs:node.js", "a:nodejs:nodejs"),
    ("a:oracle:mysql", "a:mysql:mysql"),
    ("a:redis:redis", "a:redislabs:redis"),
    ("a:vmware:rabbitmq", "a:pivotal_software:rabbitmq"),
    ("a:vmware:spring_framework", "a:pivotal_software:spring_framework"),
)
"""Names of one product in the dictionary of CPE names; names change with the vendor."""
_RENAMED = {each: same for same in _SAME_PRODUCT for each in same}


@dataclass(frozen=True, slots=True)
class IdentifierLookup:
    """The values to look up in the catalogue for an identifier, best first, and its version.

    Attributes:
        values: The identifier without its version.
        version: Its version; empty if it has none.
        exact: The identifier with its version, which a cycle may have.
    """

    values: tuple[str, ...]
    version: str = ""
    exact: tuple[str, ...] = ()


def parse_purl(text: str) -> PackageURL | None:
    """Return the package URL that `text` is, or None."""
    try:
        purl = PackageURL.from_string(text)
    except ValueError:
        return None
    # packageurl checks for a name before it strips blanks and slashes from it.
    return purl if purl.name else None


def bad_identifier(kind: str, value: str) -> str:
    """Return what is wrong with an identifier of a type, as a sentence; empty if nothing is."""
    if kind == "purl" and not parse_purl(value):
        return "Expected a package URL such as pkg:pypi/django."
    if kind == "cpe" and not _CPE.match(value):
        return "Expected a CPE name such as cpe:2.3:a:djangoproject:django."
    return ""


def build_purl(kind: str, name: str, namespace: str = "", **qualifiers: str) -> str:
    """Return a package URL without a version, or an empty string if the parts do not form one.

    The parts may come from untrusted files and hold any characters.
    """
    try:
        purl = PackageURL(kind, namespace or None, _AROUND.sub("", name), qualifiers=qualifiers)
        return purl.to_string()
    except ValueError:
        return ""


def versioned_purl(text: str, version: str) -> str:
    """Return a package URL with a version; unchanged if it is invalid or the version is empty."""
    purl = parse_purl(text) if version else None
    return purl._replace(version=version).to_string() if purl else text


def read_purl(text: str) -> IdentifierLookup:
    """Parse a package URL: `pkg:pypi/Django@5.2.1` is `pkg:pypi/django`, version 5.2.1.

    Any other text is looked up as it is.
    """
    purl = parse_purl(text)
    if purl is None:
        return IdentifierLookup((text,))
    versioned = purl._replace(subpath=None)
    exact = _purl_forms(versioned) if purl.version else ()
    values = _purl_forms(versioned._replace(version=None))
    return IdentifierLookup(values, _EPOCH.sub("", purl.version or ""), exact)


def _purl_forms(full: PackageURL) -> tuple[str, ...]:
    """Return the text forms of a package URL, with and without its qualifiers."""
    bare = full._replace(qualifiers={})
    texts = [each.to_string() for each in ((full, bare) if full.qualifiers else (full,))]
    return tuple(dict.fromkeys(form for text in texts for form in (text, unquote(text))))


def read_cpe(text: str) -> IdentifierLookup:
    """Parse a CPE name: `cpe:2.3:a:djangoproject:django:5.2.1:*` has the version 5.2.1.

    Its product is `cpe:2.3:a:djangoproject:django`, or `cpe:/a:djangoproject:django` in the older
    form. Names of products that the dictionary of CPE names has renamed are looked up, too.
    """
    lowered = text.lower()
    parts = _NOT_ESCAPED_COLON.split(lowered.removeprefix("cpe:2.3:").removeprefix("cpe:/"))
    name = ":".join(parts[:3])
    version = "".join(parts[3:4]).replace("\\", "")
    plain = unquote(name.replace("\\", ""))
    names = dict.fromkeys((name, plain, *_RENAMED.get(plain, ())))
    values = tuple(f"{form}{each}" for each in names for form in ("cpe:2.3:", "cpe:/"))
    if version in _NO_VERSION:
        return IdentifierLookup(values)
    while parts[-1] in _NO_VERSION:
        parts.pop()
    ends = dict.fromkeys((":".join(parts[3:]), parts[3]))
    exact = tuple(f"{value}:{end}" for end in ends for value in values)
    return IdentifierLookup(values, unquote(version), exact)


def read_repology(text: str) -> IdentifierLookup:
    """Parse the name of a Repology project, which has no version."""
    return IdentifierLookup((text,))


READERS: Final[Mapping[str, Callable[[str], IdentifierLookup]]] = {
    "purl": read_purl,
    "cpe": read_cpe,
    "repology": read_repology,
}
"""The parsers of identifiers by type."""
