"""The files of `tests/stacks`: read by name, without a name, and damaged.

`tests/stacks/README.md` describes the format of their `expect.toml`.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from releases.formats.errors import FormatError
from releases.formats.stack import LIMITS, Component, Stack, read_stack
from releases.formats.stack.kinds import KINDS

FOLDER: Final = Path(__file__).parents[2] / "stacks"
EXPECTATION: Final = "expect.toml"
MAX_SECONDS: Final = 15
"""Processor seconds for a file: quadratic time takes minutes, linear time 3 on a busy machine."""
KEYS: Final = {"kind", "recognised", "all", "count", "absent", "problems", "component", "refused"}
COMPONENT_KEYS: Final = {
    *("name", "version", "purl", "product", "line", "lines", "moving", "wanted", "cpe"),
}


@dataclass(frozen=True)
class Case:
    """A file with what must be found in it."""

    folder: Path
    path: Path
    expected: dict[str, Any]

    @property
    def name(self) -> str:
        """The path of the file in its project."""
        return self.path.relative_to(self.folder).as_posix()

    @property
    def raw(self) -> bytes:
        return self.path.read_bytes()

    def __str__(self) -> str:
        return self.folder.relative_to(FOLDER).as_posix()


def cases() -> Iterator[Case]:
    for expectation in sorted(FOLDER.rglob(EXPECTATION)):
        folder = expectation.parent
        (path,) = (each for each in folder.rglob("*") if each.is_file() and each != expectation)
        yield Case(folder, path, tomllib.loads(expectation.read_text("utf-8")))


CASES: Final = list(cases())
READ: Final = [case for case in CASES if "refused" not in case.expected]
REFUSED: Final = [case for case in CASES if "refused" in case.expected]
FIRST_OF_KIND: Final = list({case.expected["kind"]: case for case in reversed(READ)}.values())


def fact(component: Component, key: str) -> Any:
    """Return a value of a component as `expect.toml` writes it."""
    match key:
        case "product":
            return component.purl.removeprefix("pkg:generic/")
        case "lines":
            return list(component.lines)
        case "cpe":
            return next(iter(component.cpes), "")
        case "wanted":
            wanted = component.wanted
            return f"{wanted.scheme} {wanted.text}" if wanted else None
    return getattr(component, key)


def tried(raw: bytes | str, name: str = "") -> Stack | None:
    """Return the stack of a damaged file, or None for a sentence."""
    began = time.process_time()
    try:
        return read_stack(raw, name)
    except FormatError as error:
        assert error.problems  # noqa: PT017
        assert all(0 < len(each.message) < 400 for each in error.problems)  # noqa: PT017
        return None
    finally:
        assert time.process_time() - began < MAX_SECONDS


@pytest.mark.parametrize("case", CASES, ids=str)
def test_expectations_have_known_keys(case: Case) -> None:
    assert case.expected.keys() <= KEYS
    for each in case.expected.get("component", ()):
        assert each.keys() <= COMPONENT_KEYS


@pytest.mark.parametrize("case", READ, ids=str)
def test_components_are_found(case: Case) -> None:
    stack = read_stack(case.raw, case.name)
    assert stack.kind == case.expected["kind"]
    listed = case.expected.get("component", [])
    found = stack.components
    for each in listed:
        keys = [key for key in each if key != "name"]
        facts = [{key: fact(it, key) for key in keys} for it in found if it.name == each["name"]]
        assert {key: each[key] for key in keys} in facts, each["name"]
    assert len(found) == case.expected.get("count", len(found))
    if case.expected.get("all"):
        assert sorted(str(it.name) for it in found) == sorted(each["name"] for each in listed)
    assert [str(problem) for problem in stack.problems] == case.expected.get("problems", [])


@pytest.mark.parametrize("case", READ, ids=str)
def test_nothing_else_is_found(case: Case) -> None:
    texts = [f"{each.name} {each.purl}" for each in read_stack(case.raw, case.name).components]
    for absent in case.expected.get("absent", ()):
        assert not [text for text in texts if absent in text]


@pytest.mark.parametrize("case", READ, ids=str)
def test_file_without_its_name_is_of_its_kind_or_a_question(case: Case) -> None:
    """It is never another kind."""
    try:
        stack = read_stack(case.raw, "file")
    except FormatError as error:
        assert not case.expected.get("recognised"), error  # noqa: PT017
        assert "?" in str(error)  # noqa: PT017
    else:
        assert stack.kind == case.expected["kind"]
        assert stack == read_stack(case.raw, case.name)


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_file_of_another_kind_is_refused_by_its_name(case: Case) -> None:
    with pytest.raises(FormatError) as caught:
        read_stack(case.raw, case.name)
    assert case.expected["refused"] in str(caught.value)


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_file_of_another_kind_is_refused_by_its_content(case: Case) -> None:
    with pytest.raises(FormatError):
        read_stack(case.raw)


@pytest.mark.parametrize("case", READ, ids=str)
def test_damaged_file_is_read_or_refused(case: Case) -> None:
    """It is cut, or has bytes of no text, or ends in the middle of a character."""
    raw = case.raw
    for part in range(1, 8):
        cut = raw[: len(raw) * part // 8]
        for damaged in (cut, cut + b"\x00" + raw, cut + b"\xff" + raw, cut + b"\x1b" + raw):
            tried(damaged, case.name)
    tried(raw[::-1], case.name)
    tried(raw + raw, case.name)


@pytest.mark.parametrize("case", FIRST_OF_KIND, ids=str)
def test_huge_file_is_read_or_refused(case: Case) -> None:
    text, size = case.raw, LIMITS.file_bytes // 12
    lines = text.splitlines(keepends=True)
    middle = len(lines) // 2
    for huge in (
        text * (size // len(text)),
        b"".join([*lines[:middle], lines[middle] * 200_000, *lines[middle:]])[:size],
        text + b"\n" * (size - len(text)),
        text + b"x" * (size - len(text)),
    ):
        stack = tried(huge, case.name)
        assert stack is None or len(stack.components) <= LIMITS.components


@pytest.mark.parametrize("case", FIRST_OF_KIND, ids=str)
@pytest.mark.parametrize("filling", [" ", "\t", "\n", "a", "1.", "a: ", "${a}", "{a,b}"])
def test_long_run_in_a_line_takes_linear_time(case: Case, filling: str) -> None:
    """It stands in the middle and at the end of some lines, for patterns that search it again."""
    lines = case.raw.decode().split("\n")
    for number in range(0, len(lines), 1 + len(lines) // 6):
        half = len(lines[number]) * 2 // 3
        for place in (half, len(lines[number])):
            long = lines[number][:place] + filling * 20_000 + lines[number][place:]
            tried("\n".join([*lines[:number], long, *lines[number + 1 :]]), case.name)


@pytest.mark.parametrize("case", FIRST_OF_KIND, ids=str)
@pytest.mark.parametrize("opening", [*"[{(<", '{"a":', "<a>", "- ", "a: {", "a {\n", "a = [", "$("])
def test_nested_file_is_read_or_refused(case: Case, opening: str) -> None:
    nested = opening.encode() * 50_000
    middle = case.raw.find(b"\n") + 1
    tried(nested, case.name)
    tried(case.raw + nested, case.name)
    tried(case.raw[:middle] + nested + case.raw[middle:], case.name)


@pytest.mark.parametrize("case", READ, ids=str)
def test_every_byte_is_read_or_refused_under_any_name(case: Case) -> None:
    """A file under a wrong name is a sentence or a stack."""
    for kind in KINDS:
        tried(case.raw, kind.files[0].replace("*", "x"))


def test_every_kind_has_two_cases() -> None:
    kinds = [case.expected["kind"] for case in READ]
    assert {kind.name for kind in KINDS if kinds.count(kind.name) < 2} == set()
