"""References of container images as components, with the base systems in their tags.

`releases/data/images.toml` has the mirrors of Docker Hub, the products of images that the catalogue
may not identify, and the names of systems.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from releases.domain.identifiers import build_purl, parse_purl
from releases.formats.stack.component import Stack
from releases.formats.stack.values import quoted

IMAGE: Final = "docker"
"""The package URL type of images."""
OFFICIAL: Final = "library"
"""The namespace of images without one in their names."""
MAX_REFERENCE: Final = 500
"""Maximum length of a reference; patterns that search it take quadratic time."""
DATA: Final = Path(__file__).parents[2] / "data" / "images.toml"

_NUMBERED: Final = re.compile(
    r"v?(?P<version>\d+(?:[._-]\d+)*(?:[._-]?(?:alpha|beta|rc|a|b)[._-]?\d*(?!\w))?)(?![^\W\d])"
)
_WORD: Final = re.compile(r"(?:lts-)?([a-z]+)(?![\w.])", re.IGNORECASE)
_REGISTRY: Final = re.compile(r"(?:localhost|[^/]*[.:][^/]*)/")
_PROXIED: Final = re.compile(
    r"[^/]+/(?:[^/]+/)*?"
    r"(?:(?:docker\.io|dependency_proxy/containers)/(?P<image>.+)|[^/]+/(?P<official>library/[^/]+))"
)
"""An image of Docker Hub behind a proxy of another registry.

`library` alone may be a registry's own project, so another part must come before it.
"""


class System(NamedTuple):
    """The base system of an image: a product and its version."""

    product: str
    version: str


@dataclass(frozen=True, slots=True)
class _Data:
    """The content of `images.toml`, by path or by the words of tags."""

    not_proxies: frozenset[str]
    dotted: frozenset[str]
    mirrors: Mapping[str, str]
    products: Mapping[str, str]
    tagged: Mapping[str, tuple[str, re.Pattern[str]]]
    codenames: Mapping[str, Mapping[str, str]]
    systems: Mapping[str, System]
    words: Mapping[str, str]
    codename: re.Pattern[str]
    number: re.Pattern[str]


@cache
def _data() -> _Data:
    data: dict[str, Any] = tomllib.loads(DATA.read_text("utf-8"))
    systems = {
        word: System(product, version)
        for product, versions in data["systems"].items()
        for word, version in versions.items()
    }
    words = {word: name for name, words in data["numbered_systems"].items() for word in words}
    return _Data(
        not_proxies=frozenset(data["not_proxies"]),
        dotted=frozenset(data["dotted_systems"]),
        mirrors=data["mirrors"],
        products={path: name for name, paths in data["products"].items() for path in paths},
        tagged={
            path: (each["product"], re.compile(each["tag"]))
            for each in data["tagged"]
            for path in each["images"]
        },
        codenames=data["codenames"],
        systems=systems,
        words=words,
        codename=re.compile(rf"(?<![a-z0-9])({'|'.join(systems)})(?![a-z0-9])"),
        number=re.compile(rf"(?<![a-z0-9])({'|'.join(words)})-?(\d+(?:\.\d+)*)(?![a-z0-9])"),
    )


def add_image(stack: Stack, reference: str, line: int = 0) -> None:
    """Add an image by its reference, and the base system that its tag names.

    `python:3.8-slim-buster` is Python 3.8 and Debian 10. A mirror of Docker Hub is Docker Hub:
    `public.ecr.aws/docker/library/python:3.12` is `python:3.12`. A tag without a known system, such
    as `3.12-alpine`, adds none.
    """
    if len(reference) > MAX_REFERENCE:
        stack.problem(f"“{quoted(reference)}” is no image, such as python:3.13.", line)
        return
    path, tag = _parsed(reference)
    purl = _purl_of(path)
    product = product_of_image(purl)
    system = system_of_image(path, tag)
    if path in _data().tagged:
        product, pattern = _data().tagged[path]
        found = pattern.search(tag)
        stack.add_named(product, found[1] if found else "", line)
    else:
        version = _version(tag, product)
        if system and not version[:1].isdigit():  # latest, or the codename of the system
            version = system.version if system.product == product else ""
        stack.add(path.removeprefix(f"{OFFICIAL}/"), version, purl, line, moving=True)
    if system and system.product != product:
        stack.add_named(system.product, system.version, line)


def product_of_image(purl: str) -> str:
    """Return the product of an image by its package URL; empty if it is not known.

    The identifiers of the catalogue take precedence.
    """
    parsed = parse_purl(purl)
    if parsed is None or parsed.type not in {IMAGE, "oci"}:
        return ""
    namespace = parsed.qualifiers.get("repository_url") or parsed.namespace or ""
    place = "" if namespace == OFFICIAL else f"{namespace}/"
    products = _data().products
    return products.get(f"{place}{parsed.name}") or products.get(f"{place}*", "")


def system_of_image(path: str, tag: str) -> System | None:
    """Return the base system that the tag of an image names, or None.

    A word with a number may also be in the name of the image: `ubi8/python-39`.
    """
    data = _data()
    lowered = tag.lower()
    if found := data.codename.search(lowered):
        return data.systems[found[1]]
    if found := data.number.search(f"{path.lower()}:{lowered}"):
        system = System(data.words[found[1]], found[2])
        return None if system.product in data.dotted and "." not in system.version else system
    return None


def version_of_codename(product: str, word: str) -> str:
    """Return the version that a codename of a product stands for; empty if it is none."""
    return _data().codenames.get(product, {}).get(word.lower(), "")


def version_of_tag(tag: str) -> str:
    """Return the version in a tag, or an empty string if it has none.

    It is `3.12` for `3.12-slim-bookworm`, `bookworm` (which may be a codename) for
    `bookworm-20240101`, and empty for `alpine3.19`.
    """
    if number := _NUMBERED.match(tag):
        return number["version"]
    word = _WORD.match(tag)
    return word[1] if word else ""


def _parsed(reference: str) -> tuple[str, str]:
    """Return the path of an image, on Docker Hub if it is a mirror of it, and the tag."""
    name, _, _ = reference.partition("@")
    path, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:  # the colon precedes a port
        path, tag = name, ""
    registry = path.partition("/")[0]
    is_registry = _REGISTRY.match(path) and registry not in _data().not_proxies
    if is_registry and (found := _PROXIED.fullmatch(path)):
        path = found["image"] or found["official"]
    for _ in range(2):  # docker.io/bitnamilegacy is bitnami
        path = _mirrored(path)
    return path, tag


def _mirrored(path: str) -> str:
    first, _, rest = path.partition("/")
    second, _, last = rest.partition("/")
    for prefix, rest_of in ((f"{first}/{second}", last), (first, rest)):
        if rest_of and prefix in _data().mirrors:
            return "/".join(filter(None, (_data().mirrors[prefix], rest_of)))
    return path


def _purl_of(path: str) -> str:
    namespace, _, name = path.rpartition("/")
    if _REGISTRY.match(path):
        return build_purl("oci", name, repository_url=namespace)
    return build_purl(IMAGE, name, namespace or OFFICIAL)


def _version(tag: str, product: str) -> str:
    """Return the version in a tag of a product, whose codenames are resolved."""
    version = version_of_tag(tag)
    return version_of_codename(product, version) or version
