"""The file of geol, https://github.com/opt-nc/geol: products of endoflife.date with versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.refusals import refusal
from releases.formats.stack.values import list_of, table_of, text_of

_KEYS: Final = frozenset({"geolVersion", "app_name", "app_id", "stack"})


def _read(content: Content) -> Stack:
    """Return the entries that geol does not skip."""
    stack = Stack(KIND.name)
    listed = _document(content).get("stack")
    if not isinstance(listed, list):
        raise refusal("stack is missing: a list of name, version and id_eol.")
    for number, each in enumerate(listed):
        entry = table_of(each)
        product = text_of(entry.get("id_eol")).lower()
        version = text_of(entry.get("version"))
        line = getattr(next(iter(entry), None), "line", 0)
        if text_of(entry.get("skip")).lower() == "true":
            continue
        if product and version:
            stack.add_named(product, version, line)
        else:
            message = "Expected id_eol, such as nodejs, and version."
            stack.problem(message, line, f"stack[{number}]")
    return stack


def _document(content: Content) -> Mapping[str, Any]:
    documents = content.yaml()
    return table_of(documents[0]) if len(documents) == 1 else {}


def _recognise(content: Content) -> bool:
    document = _document(content)
    named = any("id_eol" in table_of(each) for each in list_of(document.get("stack")))
    return named and document.keys() <= _KEYS


KIND: Final = Kind(
    name=".geol.yaml",
    files=(".geol.yaml", ".geol.yml", "geol.yaml", "geol.yml"),
    read=_read,
    finds="each entry of `stack` by its `id_eol`, unless `skip` is true",
    recognise=_recognise,
)
