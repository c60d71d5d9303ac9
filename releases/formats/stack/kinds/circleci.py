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
from releases.formats.stack.variables import MAX_VALUE_LENGTH, add_image_value
from releases.formats.stack.yaml_values import Located, line_of, only_mapping

Scope = ChainMap[str, Any]
"""The values of parameters by name; those of the pipeline begin with `pipeline.`."""
_UBUNTU: Final = re.compile(r"ubuntu-(\d\d)(\d\d):")
_WINDOWS: Final = re.compile(r"windows-server-(20\d\d)(?!\d)")
_PARAMETER: Final = re.compile(r"<<\s*(pipeline\.)?parameters\.([\w-]+)\s*>>")
MAX_USES: Final = 10_000
"""Maximum number of uses of jobs; parameters of files with more are not known."""
MAX_NESTING: Final = 3
_PLACES: Final = frozenset({"docker", "machine", "macos", "executor"})


def _read(content: Content) -> Stack:
    stack = Stack(KIND.name)
    for document in map(table_of, content.yaml()):
        outer = _defaults(document, "pipeline.")
        uses = _uses(document)
        of_executors: dict[str, list[dict[str, Any]]] = {}
        for name, job in table_of(document.get("jobs")).items():
            scopes = _scopes(table_of(job), uses.get(name, [{}]), outer)
            _add(stack, table_of(job), scopes)
            executor = table_of(table_of(job).get("executor"))
            for scope in scopes if "name" in executor else ():
                given = {key: _filled(text_of(value), scope) for key, value in executor.items()}
                of_executors.setdefault(given["name"], []).append(given)
        for name, executor in table_of(document.get("executors")).items():
            scopes = _scopes(table_of(executor), of_executors.get(name, [{}]), outer)
            _add(stack, table_of(executor), scopes)
    return stack


def _scopes(
    holder: Mapping[str, Any], uses: list[dict[str, Any]], outer: dict[str, Any]
) -> list[Scope]:
    own = _defaults(holder, "")
    return [ChainMap(each, own, outer) for each in uses]


def _add(stack: Stack, holder: Mapping[str, Any], scopes: list[Scope]) -> None:
    for value in (table_of(each).get("image") for each in list_of(holder.get("docker"))):
        for image in _values(value, scopes):
            add_image_value(stack, image)
    for image in _values(table_of(holder.get("machine")).get("image"), scopes):
        if found := _UBUNTU.match(image):
            stack.add_named("ubuntu", f"{found[1]}.{found[2]}", line_of(image))
        elif found := _WINDOWS.match(image):
            stack.add_named("windows-server", found[1], line_of(image))


def _values(value: Any, scopes: list[Scope]) -> list[Located]:
    """Return the values of a text with parameters, each with the line of the text."""
    if not isinstance(value, Located):
        return []
    if "<<" not in value:
        return [value]
    return [Located.at(_filled(value, each), value.line) for each in scopes]


def _filled(text: str, scope: Scope) -> str:
    """Return a text with its parameters replaced, whose values may have parameters, too."""

    def value(found: re.Match[str]) -> str:
        return text_of(scope.get((found[1] or "") + found[2])) or found[0]

    for _ in range(MAX_NESTING if "<<" in text else 0):
        text = _PARAMETER.sub(value, text)[:MAX_VALUE_LENGTH]
    return text


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
            used = {each: {}} if isinstance(each, str) else table_of(each)
            for name, given in used.items():
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
