"""GitLab CI: the images of jobs and services."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import Any, Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.matrix import MAX_COMBINATIONS, combinations
from releases.formats.stack.values import list_of, table_of, text_of
from releases.formats.stack.variables import MAX_VALUE_LENGTH, add_image_value

_GLOBAL: Final = frozenset(
    {
        *("image", "services", "stages", "variables", "default", "include", "workflow", "cache"),
        *("before_script", "after_script", "spec", "types"),
    }
)
"""The top-level keys that are no jobs."""
_OF_JOBS: Final = frozenset({"script", "trigger", "extends", "run", "stage", "pages"})


def _read(content: Content) -> Stack:
    """Return the images of all jobs, with variables that the file sets itself."""
    stack = Stack(KIND.name)
    documents = [table_of(each) for each in content.yaml()]
    for document in documents:
        outer = _variables(document)
        for name, holder in document.items():
            if name in {"image", "services"}:
                _add(stack, {name: holder}, [ChainMap(outer)])
            elif name == "default" or name not in _GLOBAL:
                own = table_of(holder)
                inner = _variables(own)
                _add(stack, own, [ChainMap(each, inner, outer) for each in _matrix(own)])
    return stack


def _add(stack: Stack, holder: Mapping[str, Any], scopes: list[ChainMap[str, str]]) -> None:
    images = [holder.get("image"), *list_of(holder.get("services"))]
    for value in images:
        image = table_of(value).get("name", value)
        used = scopes if "$" in text_of(image) else scopes[:1]
        for scope in used:
            add_image_value(stack, image, scope)


def _variables(holder: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables of the file or of a job: texts, or mappings with a value."""
    found = {}
    for name, each in table_of(holder.get("variables")).items():
        value = table_of(each).get("value", each)
        if isinstance(value, str):
            found[str(name)] = value[:MAX_VALUE_LENGTH]
    return found


def _matrix(job: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the variables of each parallel run of a job.

    Jobs without a matrix, or with one that is too large, have one run without any.
    """
    found: list[dict[str, str]] = []
    for each in list_of(table_of(job.get("parallel")).get("matrix")):
        axes = {name: list_of(value) or [value] for name, value in table_of(each).items()}
        found += combinations(axes)
        if len(found) > MAX_COMBINATIONS:
            return [{}]
    return found or [{}]


def _recognise(content: Content) -> bool:
    """Return True if every key is one of GitLab CI or a job, and a job has a script."""
    documents = [each for each in content.yaml() if each]
    if not documents or not all(isinstance(each, dict) for each in documents):
        return False
    jobs = [
        table_of(value)
        for document in documents
        for name, value in document.items()
        if name not in _GLOBAL and not name.startswith(".")
    ]
    return all(_OF_JOBS & job.keys() for job in jobs) and any("script" in job for job in jobs)


KIND: Final = Kind(
    name="GitLab CI",
    files=(
        ".gitlab-ci.yml",
        ".gitlab-ci.yaml",
        "*.gitlab-ci.yml",
        "*.gitlab-ci.yaml",
        ".gitlab/ci/*.yml",
        ".gitlab-ci/*.yml",
    ),
    read=_read,
    finds="images of jobs and services, with the variables of the file and of a job and its"
    " matrix; included files are not followed",
    recognise=_recognise,
)
