"""What others write down: npm's lock file, a bill of materials, a Dockerfile."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as BomComponent

from releases.domain.version_text import read_version
from releases.formats.stack.component import Stack, purl_of, refusal, text_of

_FROM = re.compile(r"FROM\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<stage>\S+))?", re.IGNORECASE)
_ARG = re.compile(r"ARG\s+(?P<name>\w+)=[\"']?(?P<value>[^\s\"']*)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?::?-(?P<default>[^}]*))?\})")
_DOCKER_HUB = ("docker.io", "index.docker.io", "registry.hub.docker.com")


def parse_json(text: str) -> Any:
    """Raises `FormatError` with the line."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise refusal("It is no JSON here.", error.lineno) from None
    except (RecursionError, ValueError):  # nested without end; a number of thousands of digits
        raise refusal("It is no JSON that can be read.") from None


def package_lock(document: Mapping[str, Any]) -> Stack:
    """`package-lock.json`, of npm 5 and later."""
    stack = Stack("package-lock.json")
    packages = document.get("packages")
    found = _packages(packages) if isinstance(packages, Mapping) else _dependencies(document)
    for name, version in found:
        namespace, _, plain = name.rpartition("/")
        stack.add(name, version, purl_of("npm", plain, namespace))
    return stack


def cyclonedx(document: Mapping[str, Any]) -> Stack:
    """A CycloneDX bill of materials in JSON, as its own library reads it."""
    stack = Stack("CycloneDX")
    try:
        bom: Bom = Bom.from_json(document)  # type: ignore[attr-defined]
    except RecursionError:
        raise refusal("Its components are nested too deeply.") from None
    except Exception as error:
        raise refusal(f"It is no CycloneDX document: {str(error)[:200]}") from None
    own = [bom.metadata.component] if bom.metadata.component else []
    for component in _nested([*own, *bom.components]):
        purl = component.purl
        plain = purl_of(purl.type, purl.name, purl.namespace or "") if purl else ""
        stack.add(component.name, component.version or (purl.version if purl else "") or "", plain)
    return stack


def dockerfile(lines: Iterable[tuple[int, str]]) -> Stack:
    """The images that a Dockerfile starts from; those that it makes itself are left out."""
    stack = Stack("Dockerfile")
    values: dict[str, str] = {}
    stages: set[str] = set()
    for line, content in lines:
        if argument := _ARG.match(content):
            values.setdefault(argument["name"], argument["value"])
        if found := _FROM.match(content):
            image = _filled(found["image"], values)
            if image.lower() not in stages | {"scratch"}:
                _add_image(stack, image, line)
            if found["stage"]:
                stages.add(found["stage"].lower())
    return stack


def is_dockerfile(lines: Iterable[tuple[int, str]]) -> bool:
    return any(_FROM.fullmatch(content) for _, content in lines)


def _packages(packages: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, package in packages.items():
        if not path or not isinstance(package, Mapping) or package.get("link"):
            continue  # the project itself, or a part of it
        name = text_of(package.get("name")) or path.rpartition("node_modules/")[2]
        yield name, text_of(package.get("version"))


def _dependencies(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Of the older form, where packages are nested in packages."""
    waiting = [document]
    while waiting:
        tree = waiting.pop().get("dependencies")
        for name, package in tree.items() if isinstance(tree, Mapping) else ():
            if isinstance(package, Mapping):
                yield name, text_of(package.get("version"))
                waiting.append(package)


def _nested(components: Iterable[BomComponent]) -> Iterator[BomComponent]:
    waiting = list(components)
    while waiting:
        component = waiting.pop(0)
        yield component
        waiting += component.components


def _filled(image: str, values: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found["plain"] or found["name"]
        return values.get(name) or found["default"] or ""

    return _VARIABLE.sub(value, image)


def _add_image(stack: Stack, image: str, line: int) -> None:
    """`python:3.12-slim`, `docker.io/library/python:3.12`, `bitnami/postgresql@sha256:...`."""
    name, _, _ = image.partition("@")
    path, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:  # a port, no tag
        path, tag = name, ""
    registry, _, rest = path.partition("/")
    if registry in _DOCKER_HUB:
        path = rest
    namespace, _, plain = path.rpartition("/")
    version = read_version(tag)
    stack.add(
        path,
        version.version if version else "",
        purl_of("docker", plain, namespace or "library"),
        line,
    )
