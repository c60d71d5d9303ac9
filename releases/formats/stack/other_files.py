"""Parsers for package-lock.json, CycloneDX and Dockerfiles."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from cyclonedx.model.component import Component, ComponentType

from releases.domain.identifiers import build_purl, parse_purl
from releases.formats.stack.component import (
    Stack,
    quoted,
    refusal,
    text_of,
)

MAX_DEPTH: Final = 50
"""Maximum nesting depth of components."""
MAX_IMAGE_LENGTH: Final = 500
"""Maximum length of the name of an image and of the value of a variable in one.

Without it, a few lines could expand to a text of any size.
"""

_FROM: Final = re.compile(
    r"FROM\s++(?:--\S++\s++)*+(?P<image>[^\s-]\S*+)(?:\s++AS\s++(?P<stage>\S++))?", re.IGNORECASE
)
_FROM_OR_ARG: Final = re.compile(r"(?:FROM|ARG)\s", re.IGNORECASE)
_ARG: Final = re.compile(r"(?<=\s)(?P<name>\w+)=[\"']?(?P<value>[^\s\"']*)")
_VARIABLE: Final = re.compile(
    r"\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?::?(?P<sign>[-+])(?P<other>[^}]*))?\})"
)
_HERE: Final = re.compile(r"\s\d*<<-?([\"']?)(?P<end>[A-Za-z_]\w*)\1(?=\s|$)")
_MAY_HAVE_HERE: Final = frozenset({"RUN", "COPY", "ADD"})
_NUMBERED: Final = re.compile(
    r"v?(?P<version>\d+(?:[._-]\d+)*(?:[._-]?(?:alpha|beta|rc|a|b)[._-]?\d*(?!\w))?)(?![^\W\d])"
)
_WORD: Final = re.compile(r"[a-z]+(?![\w.])", re.IGNORECASE)
_DOCKER_HUB: Final = frozenset({"docker.io", "index.docker.io", "registry.hub.docker.com"})
_REGISTRY: Final = re.compile(r"(?:localhost|[^/]*[.:][^/]*)/")
_IMAGE: Final = "docker"
"""The package URL type of images."""
_OFFICIAL: Final = "library"
"""The namespace of images without one in their names."""
_EPOCH: Final = re.compile(r"^\d+:(?=\d)")
_READ: Final = ("type", "group", "name", "version", "purl")
_TYPES: Final = frozenset(each.value for each in ComponentType)


def parse_json(text: str) -> Any:
    """Parse JSON.

    Raises:
        FormatError: The text is no JSON; names the line if it is known.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise refusal("It is no JSON here.", error.lineno) from None
    except (RecursionError, ValueError):  # nested too deeply; a number with too many digits
        raise refusal("It is no JSON that can be read.") from None


def package_lock(document: Mapping[str, Any]) -> Stack:
    """Parse a package-lock.json of npm 5 or later."""
    stack = Stack("package-lock.json")
    packages = document.get("packages")
    found = _packages(packages) if isinstance(packages, Mapping) else _dependencies(document)
    for folder, wanted in found:
        # Installed under another name: npm:react@16.14.0
        other, _, version = wanted.removeprefix("npm:").rpartition("@")
        name, version = (other, version) if wanted.startswith("npm:") else (folder, wanted)
        namespace, _, plain = name.rpartition("/")
        if not version.startswith("file:"):  # a part of the project
            pinned = "" if ":" in version else version  # or an address
            stack.add(name, pinned, build_purl("npm", plain, namespace))
    return stack


def cyclonedx(document: Mapping[str, Any]) -> Stack:
    """Parse a CycloneDX bill of materials in JSON.

    The component that the bill describes is itself left out.
    """
    stack = Stack("CycloneDX")
    metadata = document.get("metadata")
    itself = metadata.get("component") if isinstance(metadata, Mapping) else None
    for holder, path in ((itself, "metadata.component."), (document, "")):
        for component in _components(holder, path, stack):
            name = f"{component.group}/{component.name}" if component.group else component.name
            moving = _is_moving(component)
            stack.add(name, _version_of(component), _purl_of(component), moving=moving)
    return stack


def dockerfile(lines: Iterable[tuple[int, str]]) -> Stack:
    """Parse a Dockerfile: the images of its stages, except stages that it defines itself."""
    stack = Stack("Dockerfile")
    values: dict[str, str] = {}
    stages: set[str] = set()
    for line, instruction, content in _instructions(lines):
        if instruction == "FROM":
            stages.add(_add_stage(stack, content, line, values, stages))
        elif instruction == "ARG" and not stages:  # FROM cannot use later ones
            for each in _ARG.finditer(content):
                values[each["name"]] = _filled(each["value"], values)
    return stack


def begins_dockerfile(lines: Iterable[tuple[int, str]]) -> bool:
    """Return True if the first line is one that a Dockerfile begins with."""
    return any(_FROM_OR_ARG.match(content) for _, content in list(lines)[:1])


def has_from(lines: Iterable[tuple[int, str]]) -> bool:
    """Return True if a line is a valid FROM instruction."""
    return any(_FROM.fullmatch(content) for _, content in lines)


def _instructions(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    """Yield the lines of a Dockerfile with their instructions, without here-documents.

    Between `RUN <<END` and `END` a line may begin with any word.
    """
    ends: list[str] = []
    for line, content in lines:
        if ends:
            if content == ends[-1]:
                ends.pop()
            continue
        instruction = content.split(maxsplit=1)[0].upper()
        if instruction in _MAY_HAVE_HERE:
            ends = [found["end"] for found in _HERE.finditer(content)][::-1]
        yield line, instruction, content


def _packages(packages: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, package in packages.items():
        _, installed, folder = path.rpartition("node_modules/")
        if installed and isinstance(package, Mapping) and not package.get("link"):
            yield text_of(package.get("name")) or folder, text_of(package.get("version"))


def _dependencies(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the packages of the older form, in which packages are nested."""
    waiting: list[Any] = [document]
    while waiting:
        tree = waiting.pop().get("dependencies")
        for name, package in tree.items() if isinstance(tree, Mapping) else ():
            if isinstance(package, Mapping):
                yield name, text_of(package.get("version"))
                waiting.append(package)


def _components(holder: Any, path: str, stack: Stack) -> Iterator[Component]:
    """Yield the components of an object, nested ones included; `path` is its field path."""
    waiting = [(holder, path, 0)]
    while waiting:
        outer, path, depth = waiting.pop()
        inner = outer.get("components") if isinstance(outer, Mapping) else None
        for number, each in enumerate(inner if isinstance(inner, list) else ()):
            place = f"{path}components[{number}]"
            if depth == MAX_DEPTH:
                raise stack.refused(f"Its components are nested more than {MAX_DEPTH} deep.")
            waiting.append((each, f"{place}.", depth + 1))
            if component := _component(each, place, stack):
                yield component


def _component(data: Any, path: str, stack: Stack) -> Component | None:
    """Return a component from its required fields, or None if it has no name.

    Other fields and their errors are ignored.
    """
    texts = {key: text_of(data.get(key)) for key in _READ} if isinstance(data, Mapping) else {}
    found = {key: text for key, text in texts.items() if text}
    if "name" not in found:
        stack.problem("It is no component with a name.", path=path)
        return None
    if found.get("type") not in _TYPES:
        found["type"] = ComponentType.LIBRARY.value
    if "purl" in found and parse_purl(found["purl"]) is None:
        message = f"“{quoted(found.pop('purl'))}” is no package URL, such as pkg:pypi/django@5.2.1."
        stack.problem(message, path=f"{path}.purl")
    return Component.from_json(found)  # type: ignore[attr-defined,no-any-return]


def _version_of(component: Component) -> str:
    """Return the version of a component; for images, the version in their tag."""
    purl = component.purl
    version = component.version or (purl.version if purl else "") or ""
    return _of_tag(version) if purl and purl.type == _IMAGE else _EPOCH.sub("", version)


def _is_moving(component: Component) -> bool:
    """Return True for images and operating systems, whose versions are no single releases."""
    is_image = component.purl is not None and component.purl.type == _IMAGE
    return is_image or component.type is ComponentType.OPERATING_SYSTEM


def _purl_of(component: Component) -> str:
    """Return the package URL of a component without its version.

    Operating systems without a package URL get a generic one; other components have none.
    """
    purl = component.purl
    if purl:
        official = _OFFICIAL if purl.type == _IMAGE else ""
        return build_purl(purl.type, purl.name, purl.namespace or official)
    is_system = component.type is ComponentType.OPERATING_SYSTEM
    return build_purl("generic", component.name) if is_system else ""


def _filled(image: str, values: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        known = values.get(found["plain"] or found["name"])
        if found["sign"] == "+":
            return found["other"] if known else ""
        return known or found["other"] or ""

    return _VARIABLE.sub(value, image[:MAX_IMAGE_LENGTH])[:MAX_IMAGE_LENGTH]


def _add_stage(
    stack: Stack, content: str, line: int, values: Mapping[str, str], stages: Collection[str]
) -> str:
    """Add the image of a FROM line, unless it is an earlier stage.

    Returns the name of the stage that the line begins; empty if it has none.
    """
    found = _FROM.fullmatch(content)
    image = _filled(found["image"], values) if found else ""
    if not image or "$" in image:
        stack.problem(f"“{quoted(content)}” names no image, such as FROM python:3.13.", line)
    elif image.lower() not in stages and image != "scratch":
        _add_image(stack, image, line)
    return (found["stage"] or "").lower() if found else ""


def _add_image(stack: Stack, image: str, line: int) -> None:
    """Add an image by its reference.

    For example `python:3.12-slim`, `docker.io/library/python:3.12` or `bitnami/redis@sha256:...`.
    """
    name, _, _ = image.partition("@")
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
        purl = build_purl(_IMAGE, plain, namespace or _OFFICIAL)
    stack.add(path, _of_tag(tag), purl, line, moving=True)


def _of_tag(tag: str) -> str:
    """Return the version in a tag, or an empty string if it has none.

    It is `3.12` for `3.12-slim-bookworm`, `bookworm` (which may be a codename) for
    `bookworm-20240101`, and empty for `alpine3.19`.
    """
    if number := _NUMBERED.match(tag):
        return number["version"]
    word = _WORD.match(tag)
    return word[0] if word else ""
