"""app.json of Heroku: its stack, image and databases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.images import add_image
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import list_of, table_of, text_of

_STACK: Final = re.compile(r"(?:heroku|cedar)-(\d+)")
_DATABASES: Final = {"heroku-postgresql": "heroku-postgres"}
"""The products of add-ons that have a version."""
_OWN: Final = frozenset({"buildpacks", "formation", "addons", "dynos"})


def _read(content: Content) -> Stack:
    document = table_of(content.json())
    stack = Stack(KIND.name)
    for holder in _environments(document):
        name, image = text_of(holder.get("stack")), text_of(holder.get("image"))
        if found := _STACK.fullmatch(name):
            stack.add_named("heroku", found[1], content.line_of(name))
        if image:
            add_image(stack, image, content.line_of(image))
        for addon in map(table_of, list_of(holder.get("addons"))):
            plan = text_of(addon.get("plan"))
            version = text_of(table_of(addon.get("options")).get("version"))
            product = _DATABASES.get(plan.partition(":")[0])
            if product and version:
                stack.add_named(product, version, content.line_of(plan))
    return stack


def _environments(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield document
    yield from map(table_of, table_of(document.get("environments")).values())


def _recognise(content: Content) -> bool:
    document = table_of(content.json())
    named = _STACK.fullmatch(text_of(document.get("stack"))) is not None
    return named or (len(_OWN & document.keys()) > 1 and "expo" not in document)


KIND: Final = Kind(
    name="app.json",
    files=("app.json",),
    read=_read,
    finds="Heroku's stack, image and versions of databases; buildpacks have no version",
    recognise=_recognise,
)
