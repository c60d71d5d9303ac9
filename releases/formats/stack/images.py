"""References of container images as components."""

from __future__ import annotations

import re
from typing import Final

from releases.domain.identifiers import build_purl
from releases.formats.stack.component import Stack

IMAGE: Final = "docker"
"""The package URL type of images."""
OFFICIAL: Final = "library"
"""The namespace of images without one in their names."""

_NUMBERED: Final = re.compile(
    r"v?(?P<version>\d+(?:[._-]\d+)*(?:[._-]?(?:alpha|beta|rc|a|b)[._-]?\d*(?!\w))?)(?![^\W\d])"
)
_WORD: Final = re.compile(r"[a-z]+(?![\w.])", re.IGNORECASE)
_DOCKER_HUB: Final = frozenset({"docker.io", "index.docker.io", "registry.hub.docker.com"})
_REGISTRY: Final = re.compile(r"(?:localhost|[^/]*[.:][^/]*)/")


def add_image(stack: Stack, reference: str, line: int = 0) -> None:
    """Add an image by its reference.

    For example `python:3.12-slim`, `docker.io/library/python:3.12` or `bitnami/redis@sha256:...`.
    """
    name, _, _ = reference.partition("@")
    path, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:  # the colon precedes a port
        path, tag = name, ""
    registry, _, rest = path.partition("/")
    if registry in _DOCKER_HUB:
        path = rest
    namespace, _, plain = path.rpartition("/")
    if _REGISTRY.match(path):
        purl = build_purl("oci", plain, repository_url=namespace)
    else:
        purl = build_purl(IMAGE, plain, namespace or OFFICIAL)
    stack.add(path, version_of_tag(tag), purl, line, moving=True)


def version_of_tag(tag: str) -> str:
    """Return the version in a tag, or an empty string if it has none.

    It is `3.12` for `3.12-slim-bookworm`, `bookworm` (which may be a codename) for
    `bookworm-20240101`, and empty for `alpine3.19`.
    """
    if number := _NUMBERED.match(tag):
        return number["version"]
    word = _WORD.match(tag)
    return word[0] if word else ""
