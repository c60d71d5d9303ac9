"""Parsers for the policy of a stack: `rules`, `accept_extended` and `exceptions`.

A policy is strict, because a rule that is skipped passes unseen: each wrong field is named with its
line, and the file is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from releases.domain import limits
from releases.domain.lifecycle.versions import version_tokens
from releases.domain.names import NAME
from releases.domain.policy import MAX_WAIVERS, Policy, Waiver
from releases.domain.stack import Place, Rule, read_accepted, read_rule
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.stack.content import Content
from releases.formats.stack.refusals import refusal
from releases.formats.stack.values import quoted

MAX_POLICY_BYTES: Final = 1_000_000
"""Maximum size of a file of exceptions."""
MAX_PATTERN: Final = limits.LINE
MAX_REASON: Final = limits.LINE
MAX_PROBLEMS: Final = 50
"""Maximum number of problems that are named."""
POLICY_KEYS: Final = ("rules", "accept_extended", "exceptions")
_WAIVER_KEYS: Final = ("product", "version", "part", "file", "until", "reason")


@dataclass(frozen=True, slots=True)
class NamedPart:
    """A part of a stack.yaml with a name.

    Attributes:
        places: Its places, as in `Waiver`.
        product: Its product; empty for an image or a file.
        version: Its version, likewise.
    """

    places: tuple[Place, ...]
    product: str = ""
    version: str = ""


@dataclass(slots=True)
class Node:
    """A value of a YAML file with its field path, such as `exceptions[0].until`.

    Its methods return the value in their type. They note a value of another type as a problem, and
    return the empty value of the type for it.
    """

    value: Any
    path: str
    line: int
    problems: list[FormatProblem] = field(default_factory=list)

    def note(self, message: str, line: int = 0) -> None:
        """Add a problem at this value."""
        self.problems.append(FormatProblem(line or self.line, self.path, message))

    def keys(self, *allowed: str) -> Mapping[str, Node]:
        """Return the values of a mapping by key; other keys than these are problems."""
        if not isinstance(self.value, dict):
            self.note(f"Expected keys and values: {', '.join(allowed)}.")
            return {}
        prefix = f"{self.path}." if self.path else ""
        found = {
            str(key): Node(value, f"{prefix}{quoted(key)}", _line_of(key, self.line), self.problems)
            for key, value in self.value.items()
        }
        for key in found.keys() - set(allowed):
            found[key].note(f"Expected one of {', '.join(allowed)}.")
        return found

    def items(self) -> Iterator[Node]:
        """Yield the entries of a list; of a text, the text."""
        if isinstance(self.value, dict):
            self.note("Expected a list.")
            return
        listed = self.value if isinstance(self.value, list) else [self.value]
        for number, each in enumerate(listed if self.value else ()):
            line = _line_of(each, self.line)
            yield Node(each, f"{self.path}[{number}]", line, self.problems)

    def text(self, limit: int = limits.NAME) -> str:
        """Return a text of at most `limit` characters."""
        if not isinstance(self.value, str):
            self.note("Expected a text.")
            return ""
        found = " ".join(self.value.split())
        if not found:
            self.note("It is empty.")
        elif len(found) > limit or not found.isprintable():
            self.note(f"Expected at most {limit} printable characters.")
            return ""
        return found

    def product(self) -> str:
        """Return the name of a product in lower case."""
        found = self.text().lower()
        if found and not NAME.fullmatch(found):
            self.note(f"“{quoted(found)}” is no name of a product, such as nodejs.")
            return ""
        return found

    def version(self) -> str:
        """Return a version with a number or a word."""
        found = self.text()
        if found and not version_tokens(found):
            self.note(f"“{quoted(found)}” is no version, such as 14 or 14.21.")
        return found

    def day(self) -> date | None:
        """Return a date."""
        found = self.text()
        try:
            return date.fromisoformat(found) if len(found) == len("2027-03-31") else _no_date()
        except ValueError:
            if found:
                self.note(f"“{quoted(found)}” is no date, such as 2027-03-31.")
            return None

    def required(self, key: str, what: str) -> None:
        """Note that a mapping lacks a key."""
        if isinstance(self.value, dict):
            self.note(f"{key} is missing: {what}.")


def read_exceptions(raw: bytes | str, name: str = "") -> Policy:
    """Parse a file that has only `exceptions:`.

    Raises:
        FormatError: Lists everything that is wrong.
    """
    if len(raw) > MAX_POLICY_BYTES:
        raise refusal(f"It is larger than {MAX_POLICY_BYTES // 1_000_000} MB.")
    root = root_of(Content.decode(raw, name))
    found = root.keys("exceptions")
    if "exceptions" not in found:
        root.required("exceptions", "a list of product, version, until and reason")
    policy = read_policy(found, name)
    refuse(root.problems)
    return policy


def read_policy(
    fields: Mapping[str, Node], name: str = "", parts: Mapping[str, NamedPart] | None = None
) -> Policy:
    """Return the policy of a file. Problems go to the fields.

    Args:
        fields: The top-level fields.
        name: The name of the file.
        parts: The parts that exceptions can name.
    """
    return Policy(
        tuple(_rules(fields["rules"]) if "rules" in fields else ()),
        tuple(_accepted(fields["accept_extended"]) if "accept_extended" in fields else ()),
        tuple(_waivers(fields["exceptions"], name, parts or {}) if "exceptions" in fields else ()),
    )


def root_of(content: Content) -> Node:
    """Return the root of a YAML file. Raises `FormatError`."""
    documents = content.yaml()
    if len(documents) != 1:
        raise refusal("Expected one YAML document.")
    return Node(documents[0], "", _line_of(documents[0], 1))


def refuse(problems: list[FormatProblem]) -> None:
    """Raise `FormatError` if there are problems."""
    if problems:
        raise FormatError(sorted(problems, key=lambda each: each.line)[:MAX_PROBLEMS])


def _rules(node: Node) -> Iterator[Rule]:
    for each in node.items():
        try:
            yield read_rule(each.text())
        except ValueError as error:
            each.note(str(error))


def _accepted(node: Node) -> list[str]:
    names = [name for each in node.items() if (name := each.product())]
    return read_accepted(names)[0]


def _waivers(node: Node, file: str, parts: Mapping[str, NamedPart]) -> Iterator[Waiver]:
    first: dict[tuple[object, ...], int] = {}
    for number, each in enumerate(node.items()):
        if number == MAX_WAIVERS:
            each.note(f"The list has more than {MAX_WAIVERS} entries.")
            return
        if waiver := _waiver(each, file, parts):
            key = waiver.product, version_tokens(waiver.version), waiver.where
            if key in first:
                each.note(f"The exception in line {first[key]} is for the same part.")
            first.setdefault(key, waiver.line)
            yield waiver


def _waiver(node: Node, file: str, parts: Mapping[str, NamedPart]) -> Waiver | None:
    found = node.keys(*_WAIVER_KEYS)
    where, part = _where(found, parts)
    for key, what in (
        ("product", "the name of a product, such as nodejs"),
        ("until", "the last day of the exception, such as 2027-03-31"),
        ("reason", "the reason for the exception, such as a ticket"),
    ):
        if key not in found and not (key == "product" and part.product):
            node.required(key, what)
    product = found["product"].product() if "product" in found else part.product
    own = part.version if product == part.product else ""
    version = found["version"].version() if "version" in found else own
    until = found["until"].day() if "until" in found else None
    reason = found["reason"].text(MAX_REASON) if "reason" in found else ""
    if not product or until is None:
        return None
    return Waiver(product, version, until, reason, where, part.places, file, node.line)


def _where(found: Mapping[str, Node], parts: Mapping[str, NamedPart]) -> tuple[str, NamedPart]:
    """Return the part or the files that an exception is for; an empty text for all."""
    if "part" in found:
        name = found["part"].text(limits.LABEL)
        if "file" in found:
            found["file"].note("An exception is for a part or for files, not for both.")
        if name and name not in parts:
            found["part"].note(f"There is no part “{quoted(name)}” in this file.")
        return name, parts.get(name, NamedPart(()))
    pattern = found["file"].text(MAX_PATTERN).strip("/") if "file" in found else ""
    return pattern, NamedPart((Place(pattern),) if pattern else ())


def _line_of(value: Any, otherwise: int) -> int:
    """Return the line of a scalar, or of the first scalar in a list or mapping."""
    while isinstance(value, (dict, list)) and value:
        value = next(iter(value))
    return getattr(value, "line", 0) or otherwise


def _no_date() -> date:
    raise ValueError
