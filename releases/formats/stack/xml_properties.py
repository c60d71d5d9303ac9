"""Properties of components in the text of a CycloneDX file in XML.

The text is edited, not serialised again, so that namespaces, comments and processing instructions
are preserved.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from releases.formats.edits import Edit
from releases.formats.stack.content import LocatedElement

_AFTER: Final = frozenset(
    ("components", "evidence", "releaseNotes", "modelCard", "data", "cryptoProperties", "tags")
)
"""The elements of a component that the schemas of all versions have after its properties."""
_PREFIX: Final = re.compile(rb"<([^\s/>:]+:)?")
_BLANKS: Final = b" \t\n"


def xml_edits(
    source: bytes,
    component: LocatedElement,
    properties: Mapping[str, str],
    replaced: Collection[str],
) -> Iterator[Edit]:
    """Yield the edits that write properties into a component, after its others.

    Args:
        source: The file in UTF-8, from its root.
        component: The component, which has at least one element.
        properties: The properties, at least one.
        replaced: The names of properties that are removed.
    """
    indent, deeper = _indents(component)
    holder = properties_element(component)
    prefix = _prefix(source, component if holder is None else holder)
    tag = f"{prefix}properties"
    if holder is not None and len(holder):
        deeper = _blank_line(holder.text)
    written = "".join(
        f"{deeper}<{prefix}property name={quoteattr(name)}>{escape(value)}</{prefix}property>"
        for name, value in properties.items()
    )
    if holder is None:
        yield _placed(source, component, f"<{tag}>{written}{indent}</{tag}>", indent)
    elif _is_one_tag(source, holder):
        slash = holder.end - len(b"/>")
        yield Edit(slash, holder.end, f">{written}{indent}</{tag}>")
    elif not len(holder):
        yield Edit(holder.end, holder.end, written + indent)
    else:
        for each in holder.elements:
            if each.get("name") in replaced:
                yield Edit(_after_previous(source, each.start), _end(source, each), "")
        at = _end(source, holder.elements[-1])
        yield Edit(at, at, written)


def properties_element(component: LocatedElement) -> LocatedElement | None:
    """Return the properties of a component; None if it has none."""
    return next(
        (
            each
            for each in component.elements
            if each.tag == "properties" and each.namespace == component.namespace
        ),
        None,
    )


def _placed(source: bytes, component: LocatedElement, written: str, indent: str) -> Edit:
    """Return the edit that adds an element where the schemas have the properties."""
    for each in component.elements:
        if each.tag in _AFTER or each.namespace != component.namespace:
            return Edit(each.start, each.start, written + indent)
    at = _end(source, component.elements[-1])
    return Edit(at, at, indent + written)


def _indents(component: LocatedElement) -> tuple[str, str]:
    """Return the line break and the blanks before the elements of a component, and one deeper.

    Both are empty if the elements are on one line.
    """
    inner, outer = _blank_line(component.text), _blank_line(component[-1].tail)
    unit = inner.removeprefix(outer) if outer else "  "
    return inner, f"{inner}{unit}" if inner else ""


def _blank_line(text: str | None) -> str:
    return text[text.rindex("\n") :] if text and text.isspace() and "\n" in text else ""


def _prefix(source: bytes, element: LocatedElement) -> str:
    """Return the prefix of the name of an element with its colon."""
    found = _PREFIX.match(source, element.start)
    return (found[1] or b"").decode() if found else ""


def _after_previous(source: bytes, start: int) -> int:
    """Return the offset of the blanks before an offset."""
    while source[start - 1] in _BLANKS:
        start -= 1
    return start


def _is_one_tag(source: bytes, element: LocatedElement) -> bool:
    """Return True for an element such as `<properties/>`."""
    empty = not len(element) and not element.text
    return empty and source[element.start : element.end].endswith(b"/>")


def _end(source: bytes, element: LocatedElement) -> int:
    """Return the offset after an element."""
    if _is_one_tag(source, element):
        return element.end
    return source.index(b">", element.end) + 1
