"""CircleCI: the images of jobs and executors, and the systems of machines."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping
from typing import Any, Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.matrix import combinations
from releases.formats.stack.values import list_of, table_of, text_of
from releases.formats.stack.variables import add_image_value
from releases.formats.stack.yaml_values import Located, line_of, only_mapping

_UBUNTU: Final = re.compile(r"ubuntu-(\d\d)(\d\d):")
_WINDOWS: Final = re.compile(r"windows-server-(20\d\d)(?!\d)")
_PARAMETER: Final = re.compile(r"<<\s*(pipeline\.)?parameters\.([\w-]+)\s*>>")
MAX_USES: Final = 10_000
"""Maximum number of uses of jobs; parameters of files with more are not known."""
_PLACES: Final = frozenset({"docker", "machine", "macos", "executor"})


def _read(content: Content) -> Stack:
    stack = Stack(KIND.name)
    for document in map(table_of, content.yaml()):
        outer = _defaults(document, "pipeline.")
        uses = _uses(document)
        for group in ("executors", "jobs"):
            for name, holder in table_of(document.get(group)).items():
                own = _defaults(table_of(holder), "")
                given = uses.get(name, [{}]) if group == "jobs" else [{}]
                _add(stack, table_of(holder), [ChainMap(each, own, outer) for each in given])
    return stack


def _add(stack: Stack, holder: Mapping[str, Any], scopes: list[ChainMap[str, Any]]) -> None:
    for value in (table_of(each).get("image") for each in list_of(holder.get("docker"))):
        for image in _values(value, scopes):
            add_image_value(stack, image)
    for image in _values(table_of(holder.get("machine")).get("image"), scopes):
        if found := _UBUNTU.match(image):
            stack.add_named("ubuntu", f"{found[1]}.{found[2]}", line_of(image))
        elif found := _WINDOWS.match(image):
            stack.add_named("windows-server", found[1], line_of(image))


def _values(value: Any, scopes: list[ChainMap[str, Any]]) -> list[Located]:
    """Return the values of a text with parameters, each with the line of the text."""
    if not isinstance(value, Located):
        return []
    if "<<" not in value:
        return [value]

    def filled(scope: Mapping[str, Any]) -> str:
        def one(found: re.Match[str]) -> str:
            return text_of(scope.get((found[1] or "") + found[2])) or found[0]

        return _PARAMETER.sub(one, value)

    return [Located.at(each, value.line) for each in map(filled, scopes)]


def _defaults(holder: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the defaults of parameters."""
    parameters = table_of(holder.get("parameters"))
    return {prefix + name: table_of(each).get("default") for name, each in parameters.items()}


def _uses(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the parameters that workflows give to each job, matrices included."""
    found: dict[str, list[dict[str, Any]]] = {}
    number = 0
    for workflow in table_of(document.get("workflows")).values():
        for each in list_of(table_of(workflow).get("jobs")):
            for name, given in table_of(each).items():
                matrix = table_of(table_of(table_of(given).get("matrix")).get("parameters"))
                axes = {key: list_of(value) or [value] for key, value in matrix.items()}
                for one in combinations(axes) or [{}]:
                    number += 1
                    if number > MAX_USES:
                        return {}
                    found.setdefault(name, []).append({**table_of(given), **one})
    return found


def _recognise(content: Content) -> bool:
    """Return True for a version of CircleCI and jobs that each say where they run."""
    document = only_mapping(content.yaml())
    jobs = table_of(document.get("jobs"))
    return (
        text_of(document.get("version")) in {"2", "2.0", "2.1"}
        and bool(jobs)
        and all(_PLACES & table_of(each).keys() for each in jobs.values())
    )


KIND: Final = Kind(
    name="CircleCI",
    files=(".circleci/*.yml", ".circleci/*.yaml"),
    read=_read,
    finds="images of jobs and executors, and systems of machines, with parameters; orbs are not"
    " followed",
    recognise=_recognise,
)
