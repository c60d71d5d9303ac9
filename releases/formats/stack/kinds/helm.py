"""Values of Helm charts: the images that they name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.images import add_image
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import table_of, text_of
from releases.formats.stack.yaml_values import line_of, mappings, only_mapping

_REFERENCE: Final = re.compile(r"(?!true$|false$|https?:)[a-z\d][\w.:/@-]*(?<!\.png|\.jpg|\.svg)")
_MARKS: Final = frozenset({"tag", "pullPolicy", "digest"})
"""Keys that tell the repository of an image from one of a chart or of Git."""
_TAGS: Final = ("tag", "imageTag", "image_tag")
_OTHER: Final = frozenset(
    {
        *("apiVersion", "kind", "jobs", "services", "stages", "include", "workflow", "workflows"),
        "on",
    }
)
"""Top-level keys of other kinds of files."""


def _read(content: Content) -> Stack:
    """Return the images; an empty tag is the version of the chart, and tells none."""
    stack = Stack(KIND.name)
    for document in content.yaml():
        add_values(stack, document)
    return stack


def add_values(stack: Stack, values: Any) -> None:
    """Add the images of the values of a chart."""
    for outer in mappings(values):
        for key, value in outer.items():
            if key.lower().endswith("image"):
                _add(stack, outer, value)
        if "repository" in outer and _MARKS & outer.keys():
            _add(stack, {}, outer)


def _add(stack: Stack, outer: Mapping[str, Any], value: Any) -> None:
    """Add an image: a reference beside its tag, or its parts (`repository`, `tag`)."""
    image = table_of(value)
    if isinstance(value, str):
        name, holder = value, outer if ":" not in value.rpartition("/")[2] else {}
    else:
        name, holder = image.get("repository") or image.get("name") or "", image
    tag = next((holder[key] for key in _TAGS if text_of(holder.get(key))), "")
    registry = text_of(image.get("registry"))
    parts = [registry.rstrip("/"), text_of(name)] if registry else [text_of(name)]
    reference = "/".join(parts) + (f":{text_of(tag)}" if text_of(tag) else "")
    if text_of(name) and _REFERENCE.fullmatch(reference):
        add_image(stack, reference, line_of(tag) or line_of(name))


def _recognise(content: Content) -> bool:
    """Return True if there is an image in parts and no key of another kind of files."""
    document = only_mapping(content.yaml())
    return not _OTHER & document.keys() and any(
        "repository" in table_of(outer.get("image")) and _MARKS & table_of(outer["image"]).keys()
        for outer in mappings(document)
    )


KIND: Final = Kind(
    name="Helm values",
    files=(
        "values.yaml",
        "values.yml",
        "values-*.yaml",
        "values-*.yml",
        "values.*.yaml",
        "values.*.yml",
        "*-values.yaml",
        "*-values.yml",
        "*.values.yaml",
        "*.values.yml",
    ),
    read=_read,
    finds="images with their registries and tags; an empty tag tells no version",
    recognise=_recognise,
)
