"""Any input is quickly read or refused as a product file, without other errors."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from releases.formats.errors import FormatError
from releases.formats.product_files.parser import decode, read_product
from tests.formats.product_files.acme import CYCLES, FULL, HEAD


def tried(text: str, file_name: str = "acme") -> None:
    """Parse a text. Only a `FormatError` with sentences may be raised."""
    try:
        product = read_product(text, file_name)
    except FormatError as error:
        assert all(problem.message for problem in error.problems)  # noqa: PT017
    else:
        assert product.name
        assert product.label


lines_of_full = FULL.splitlines(keepends=True)
line_numbers = st.integers(0, len(lines_of_full) - 1)
odd_values = st.sampled_from(
    [
        *["", "~", "5.10", "22:04", "yes", "2028-02-30", "2028-01-01 00:00:00", "[]", "{}", "[[]]"],
        *["{a: b}", "- x", "|", "&a x", "*a", "!!int x", "'", '"', "javascript:x", "{% for %}"],
        *[
            "{{ x | y }}",
            "{{",
            "__LATEST__",
            "\x00",
            "\ud800",
            "\x1b",
            "..",
            "/",
            "---",
            "9" * 5_000,
        ],
        *["9999-12-31", "0001-01-01", ".inf", "0x" + "f" * 4_000, "https://x", "<<: x", "? x", "é"],
    ]
)
mutations = st.one_of(
    st.tuples(st.just("value"), line_numbers, odd_values),
    st.tuples(st.just("drop"), line_numbers, st.just("")),
    st.tuples(st.just("repeat"), line_numbers, st.just("")),
    st.tuples(st.just("indent"), line_numbers, st.just("")),
    st.tuples(st.just("insert"), line_numbers, odd_values | st.text(max_size=20)),
    st.tuples(st.just("cut"), line_numbers, st.just("")),
)


def mutated(changes: list[tuple[str, int, str]]) -> str:
    """Return `FULL` with some lines changed."""
    lines = list(lines_of_full)
    for kind, place, text in changes:
        number = place % (len(lines) or 1)
        line = lines[number] if lines else ""
        lines[number : number + 1] = {
            "value": [f"{line.rstrip().partition(':')[0]}: {text}\n"],
            "drop": [],
            "repeat": [line, line],
            "indent": [f"  {line}"],
            "insert": [text, line],
            "cut": [line[: len(line) // 2]],
        }[kind]
    return "".join(lines)


@settings(deadline=timedelta(seconds=2))
@given(st.lists(mutations, min_size=1, max_size=3))
def test_mutated_file_is_read_or_refused(changes: list[tuple[str, int, str]]) -> None:
    tried(mutated(changes))


@settings(deadline=timedelta(seconds=2))
@given(
    st.sampled_from([line.split(":")[0].strip(" -") for line in lines_of_full if ":" in line]),
    odd_values | st.text(max_size=20),
    st.booleans(),
)
def test_any_value_of_any_key_is_read_or_refused(key: str, value: str, of_cycle: bool) -> None:
    tried(f"---\n{HEAD}{CYCLES}{'    ' if of_cycle else ''}{key}: {value}\n---\n")


@settings(deadline=timedelta(seconds=2))
@given(st.text(st.characters(exclude_categories=())), st.text(max_size=10))
def test_any_text_is_read_or_refused(text: str, file_name: str) -> None:
    tried(text, file_name)
    tried(f"---\n{text}\n---\n", file_name)


@settings(deadline=timedelta(seconds=2))
@given(st.binary() | st.text().map(str.encode) | st.binary().map(lambda raw: b"---\n" + raw))
def test_any_bytes_are_decoded_or_refused(raw: bytes) -> None:
    try:
        text = decode(raw)
    except FormatError:
        return
    assert "\x00" not in text
