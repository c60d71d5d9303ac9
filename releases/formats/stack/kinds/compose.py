"""Compose files: the images of services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import table_of
from releases.formats.stack.variables import add_image_value
from releases.formats.stack.yaml_values import only_mapping

_TOP: Final = frozenset(
    {
        *("version", "name", "services", "volumes", "networks", "configs", "secrets", "include"),
        "models",
    }
)
_SOURCES: Final = frozenset({"image", "build", "extends", "provider"})


def _read(content: Content) -> Stack:
    """Return the images of all services, whatever their profiles.

    An image beside a build is the name of the result, and no image that is used.
    """
    stack = Stack(KIND.name)
    for document in content.yaml():
        for service in _services(table_of(document)).values():
            if "build" not in table_of(service):
                add_image_value(stack, table_of(service).get("image"))
    return stack


def _services(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the services; files of the first version of Compose have nothing else."""
    old = "services" not in document and "version" not in document
    return document if old else table_of(document.get("services"))


def _recognise(content: Content) -> bool:
    """Return True for keys of Compose only and services with an image or a build each."""
    document = only_mapping(content.yaml())
    services = table_of(document.get("services"))
    return (
        bool(services)
        and all(key in _TOP or key.startswith("x-") for key in document)
        and all(_SOURCES & table_of(each).keys() for each in services.values())
    )


KIND: Final = Kind(
    name="Compose file",
    files=(
        "compose.yml",
        "compose.yaml",
        "compose.*.yml",
        "compose.*.yaml",
        "compose-*.yml",
        "compose-*.yaml",
        "docker-compose*.yml",
        "docker-compose*.yaml",
        "podman-compose*.yml",
        "podman-compose*.yaml",
    ),
    read=_read,
    finds="images of services in every profile, with the defaults of variables; those that the file"
    " builds itself are skipped",
    recognise=_recognise,
)
