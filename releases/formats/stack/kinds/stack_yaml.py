"""stack.yaml: the parts of a system that no other file names, with its policy.

The file is strict: everything that is wrong in it is named, and it is refused.
"""

from __future__ import annotations

from glob import escape
from pathlib import PurePosixPath
from typing import Final

from releases.domain import limits
from releases.domain.stack import Place
from releases.formats.stack.component import FileReference, Stack
from releases.formats.stack.content import Content
from releases.formats.stack.images import add_image
from releases.formats.stack.kind import Kind
from releases.formats.stack.policy import (
    POLICY_KEYS,
    NamedPart,
    Node,
    read_policy,
    refuse,
    root_of,
)
from releases.formats.stack.refusals import refusal
from releases.formats.stack.values import quoted

MAX_PATH: Final = 500
_KEYS: Final = ("parts", *POLICY_KEYS)
_PART_KEYS: Final = ("name", "product", "version", "image", "file")
_OF_HASKELL: Final = frozenset({"resolver", "snapshot", "extra-deps"})
_WAYS: Final = "product and version, image, or file"


def _read(content: Content) -> Stack:
    stack = Stack(KIND.name)
    root = root_of(content)
    if isinstance(root.value, dict) and root.value.keys() & _OF_HASKELL:
        raise refusal("This is a stack.yaml of Haskell's Stack, which is not read.")
    fields = root.keys(*_KEYS)
    if not fields.keys() & {"parts", "exceptions"}:
        root.required("parts", f"a list of entries with {_WAYS}")
    named: dict[str, NamedPart] = {}
    for part in fields["parts"].items() if "parts" in fields else ():
        _add_part(stack, part, content.name, named)
    stack.policy = read_policy(fields, content.name, named)
    refuse(root.problems)
    return stack


def _add_part(stack: Stack, part: Node, file: str, named: dict[str, NamedPart]) -> None:
    """Add a part, also to the `named` ones if it has a name."""
    found = part.keys(*_PART_KEYS)
    if not found:
        return
    name = found["name"].text(limits.LABEL) if "name" in found else ""
    if name in named:
        found["name"].note("Another part has this name.")
    meant = NamedPart((Place(escape(file), part.line),))
    ways = found.keys() - {"name"}
    if ways == {"product", "version"}:
        product, version = found["product"].product(), found["version"].version()
        if product and version:
            stack.add_named(product, version, part.line)
            meant = NamedPart(meant.places, product, version)
    elif ways == {"image"}:
        if image := found["image"].text(MAX_PATH):
            add_image(stack, image, part.line)
    elif ways == {"file"}:
        if path := _path(found["file"]):
            stack.files.append(FileReference(path, part.line, name))
            meant = NamedPart((Place(escape(path)),))
    else:
        part.note(f"Expected {_WAYS}; name is the only other key.")
    if name:
        named.setdefault(name, meant)
        stack.part_names[part.line] = name


def _path(node: Node) -> str:
    """Return the path of a file beside or below the file that names it."""
    path = node.text(MAX_PATH)
    parts = PurePosixPath(path.replace("\\", "/"))
    if path and (parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]):
        node.note(f"“{quoted(path)}” is no path of a file in the folder of this file.")
        return ""
    return str(parts) if path else ""


def _recognise(content: Content) -> bool:
    documents = content.yaml()
    found = documents[0] if len(documents) == 1 and isinstance(documents[0], dict) else {}
    listed = [each for key in ("parts", "exceptions") if isinstance(each := found.get(key), list)]
    return bool(listed) and found.keys() <= set(_KEYS)


KIND: Final = Kind(
    name="stack.yaml",
    files=("stack.yaml", "stack.yml", "*.stack.yaml", "*.stack.yml"),
    read=_read,
    finds="each part, the components of its files, and the policy: rules, accepted extended"
    " support, exceptions",
    recognise=_recognise,
)
