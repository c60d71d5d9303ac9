"""YAML front matter is parsed to plain data with lines; anything else is refused with a
sentence."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.formats.errors import FormatError, FormatProblem
from releases.formats.product_files import front_matter
from releases.formats.product_files.front_matter import MAX_DEPTH, path_text, read_front_matter


def read(yaml_text: str) -> object:
    return read_front_matter(f"---\n{yaml_text}\n---\n").data


def problems(text: str) -> list[str]:
    """Return the problems of a text that is refused, as text."""
    with pytest.raises(FormatError) as refused:
        read_front_matter(text)
    return [str(problem) for problem in refused.value.problems]


def problems_of(yaml_text: str) -> list[str]:
    return problems(f"---\n{yaml_text}\n---\n")


# ---- parsing -------------------------------------------------------------------------------------


def test_front_matter_and_body() -> None:
    """The YAML between the fences is the data, and the text after it is the body, unchanged."""
    found = read_front_matter("---\ntitle: Django\n---\n\n# Body\n---\nmore: x\n")
    assert found.data == {"title": "Django"}
    assert (found.body, found.body_line) == ("\n# Body\n---\nmore: x\n", 4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("text", "text"),
        ("'5.10'", "5.10"),
        ('"2028-04-30"', "2028-04-30"),
        ("2028-04-30", date(2028, 4, 30)),
        ("true", True),
        ("yes", True),
        ("Off", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("7", 7),
        ("5.10", 5.1),
        ("22:04", 1324),
        ("010", 8),
        ("2028-4-30", "2028-4-30"),
        ("__LATEST__", "__LATEST__"),
        ("[a, 1]", ["a", 1]),
        ("{a: 1}", {"a": 1}),
        ("|-\n  one\n  two", "one\ntwo"),
        ("!!str 5.10", "5.10"),
    ],
)
def test_value_is_read_as_yaml_1_1(text: str, value: object) -> None:
    """Values are read as YAML 1.1, as other readers of the format do."""
    assert read(f"key: {text}") == {"key": value}


def test_keys_are_texts() -> None:
    """A key is the text in the file, whatever type YAML gives it."""
    assert read("2028: a\ntrue: b\n5.10: c\n~: d") == {
        "2028": "a",
        "true": "b",
        "5.10": "c",
        "~": "d",
    }


def test_anchors_are_expanded() -> None:
    assert read("a: &x [1]\nb: *x") == {"a": [1], "b": [1]}


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: a --- b\n# ---\nx: |\n  ---\n  ...\n---\nbody",
        "---\ntitle: a --- b\n----: c\nx: |\n ---\n---\nbody",
        "---\ntitle: a --- b\nx: '---'\n...\nbody",
        "---   \r\ntitle: a --- b\r\n---\t\r\nbody",
    ],
)
def test_fence_must_be_alone_on_its_line(text: str) -> None:
    """Three dashes inside a line, indented or in a comment do not end the front matter."""
    found = read_front_matter(text)
    assert found.data["title"] == "a --- b"
    assert found.body == "body"


def test_front_matter_may_end_with_the_file() -> None:
    """The closing fence needs no end of line."""
    assert read_front_matter("---\na: 1\n---").data == {"a": 1}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_those_of_the_file(end: str) -> None:
    """Each value has the line of its key or list entry, counted from 1 in the whole file."""
    text = "---\n# comment\ntitle: x\nreleases:\n  - name: a\n    notes: |\n      one\n  - b\n---\n"
    found = read_front_matter(text.replace("\n", end))
    places: dict[tuple[str | int, ...], int] = {
        ("title",): 3,
        ("releases",): 4,
        ("releases", 0): 5,
        ("releases", 0, "notes"): 6,
        ("releases", 1): 8,
    }
    assert {path: found.line(path) for path in places} == places


def test_missing_value_has_the_line_of_its_parent() -> None:
    found = read_front_matter("---\na:\n  - b: 1\n---\n")
    assert [found.line(path) for path in [("a", 0, "c"), ("a", 5), ("z",)]] == [3, 2, 2]


def test_repeated_anchor_has_the_line_of_its_use() -> None:
    found = read_front_matter("---\na: &x 1\nb: 2\nc: *x\n---\n")
    assert found.line(("c",)) == 4


@pytest.mark.parametrize(
    ("path", "text"),
    [((), ""), (("a",), "a"), (("a", 3, "eol"), "a[3].eol"), (("a", 0, 1), "a[0][1]")],
)
def test_path_as_text(path: tuple[str | int, ...], text: str) -> None:
    assert path_text(path) == text


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (FormatProblem(3, "releases[0].eol", "No."), "line 3: releases[0].eol: No."),
        (FormatProblem(3, "", "No."), "line 3: No."),
        (FormatProblem(0, "eol", "No."), "eol: No."),
        (FormatProblem(0, "", "No."), "No."),
    ],
)
def test_problem_as_text(problem: FormatProblem, text: str) -> None:
    """A problem starts with its line and field, as far as it has them."""
    assert str(problem) == text
    assert str(FormatError([problem, problem])) == f"{text}; {text}"


# ---- refusals ----------------------------------------------------------------------------------

NO_FENCE = "line 1: The file must begin with a line “---” (YAML front matter)."
NOT_CLOSED = "line 1: The front matter is not closed by a second line “---”."
NO_MAPPING = "line 2: The front matter must be a YAML mapping of keys to values."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", NO_FENCE),
        ("\n", NO_FENCE),
        ("title: Django\n", NO_FENCE),
        ("# Django\n---\n", NO_FENCE),
        (" ---\ntitle: x\n---\n", NO_FENCE),
        ("\n---\ntitle: x\n---\n", NO_FENCE),
        ("----\ntitle: x\n---\n", NO_FENCE),
        ("---", NO_FENCE),
        ("---\n", NOT_CLOSED),
        ("---\ntitle: Django\n", NOT_CLOSED),
        ("---\ntitle: Django\n ---\n", NOT_CLOSED),
        ("---\n---\n", NO_MAPPING),
        ("---\n# nothing\n---\n", NO_MAPPING),
        ("---\n- a\n---\n", NO_MAPPING),
        ("---\nDjango\n---\n", NO_MAPPING),
    ],
)
def test_text_without_front_matter_is_refused(text: str, problem: str) -> None:
    assert problems(text) == [problem]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [1", "line 3: This is not YAML: while parsing a flow sequence"),
        (
            "a: 1\n  b: 2",
            "line 3: This is not YAML: mapping values are not allowed in this context.",
        ),
        ("a: 'b", "line 3: This is not YAML: while scanning a quoted scalar"),
        ("a: b\n\tc: d", "line 3: This is not YAML: while scanning"),
        ("a: *b", "line 2: This is not YAML: found undefined alias."),
        ("a: &x 1\nb: &x 2", "line 3: This is not YAML: found duplicate anchor"),
        ("a: {% if x %}", "line 2: This is not YAML: while scanning for the next token"),
        ("a: b\n--- # c\nd: e", "line 3: This is not YAML: expected a single document"),
        ('a: "\\ud800"', "line 2: This is not YAML: while parsing a quoted scalar"),
    ],
)
def test_broken_yaml_is_refused(text: str, problem: str) -> None:
    """The problem has the line and the reason of the YAML parser."""
    (found,) = problems_of(text)
    assert found.startswith(problem)
    assert found.endswith(".")


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x1b", "\x7f", "\x9f", "\ud800", "\uffff"])
def test_control_characters_are_refused(character: str) -> None:
    """Control characters and lone surrogates are refused with their line."""
    expected = ["line 4: This is not YAML: control characters are not allowed."]
    assert problems_of(f"a: 1\nb: 2\nc: x{character}y") == expected


@pytest.mark.parametrize("character", ["\t", "\x85", "\u2028", "\ue000", "\U0001f40d"])
def test_other_unusual_characters_are_read(character: str) -> None:
    """Tabs, unusual line ends, private and astral characters are accepted."""
    assert read(f'a: "x{character}y"')


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 2028-13-45", "line 2: a: “2028-13-45” is not a day of the calendar."),
        ("a: 2027-02-29", "line 2: a: “2027-02-29” is not a day of the calendar."),
        ("a: 0000-01-01", "line 2: a: “0000-01-01” is not a day of the calendar."),
        (
            "a: 2028-04-30T12:00:00Z",
            "line 2: a: “2028-04-30T12:00:00Z” has a time of day; "
            "expected a date such as 2028-04-30.",
        ),
        (
            "a: 2028-04-30 12:00:00",
            "line 2: a: “2028-04-30 12:00:00” has a time of day; "
            "expected a date such as 2028-04-30.",
        ),
        (
            "a: 2028-04-30T12:00:00+99:99",
            "line 2: a: “2028-04-30T12:00:00+99:99” is not a day of the calendar.",
        ),
        ("a: !!binary aGk=", "line 2: a: The tag “tag:yaml.org,2002:binary” is not allowed here."),
        ("a: !ruby/sym x", "line 2: a: The tag “!ruby/sym” is not allowed here."),
        (
            "a: !!python/name:os.system x",
            "line 2: a: The tag “tag:yaml.org,2002:python/name:os.system” is not allowed here.",
        ),
        # PyYAML's constructors raise in many ways where a tag says what a text is not.
        ("a: !!int ''", "line 2: a: “” cannot be read."),
        ("a: !!int x", "line 2: a: “x” cannot be read."),
        ("a: !!float ''", "line 2: a: “” cannot be read."),
        ("a: !!bool maybe", "line 2: a: “maybe” cannot be read."),
        ("a: !!timestamp soon", "line 2: a: “soon” is not a day of the calendar."),
        # Python refuses to print endless numbers, so a message about them would fail.
        (f"a: {'9' * 5_000}", f"line 2: a: “{'9' * 40}” cannot be read."),
        (f"a: 0x{'f' * 5_000}", f"line 2: a: “0x{'f' * 38}” cannot be read."),
        (f"a: 1{':00' * 5_000}", f"line 2: a: “1{':00' * 13}” cannot be read."),
        ("a: 1\na: 2", "line 3: a: This key is there twice."),
        ("a:\n  - b: 1\n    b: 2", "line 4: a[0].b: This key is there twice."),
        ("? [a]\n: b", "line 2: A key must be a plain text."),
        ("x: {? {a: b} : c}", "line 2: x: A key must be a plain text."),
        (
            "x: &x {a: 1}\ny:\n  <<: *x",
            "line 4: y.<<: A merge key (<<) is not read here: write the keys out.",
        ),
    ],
)
def test_value_that_is_not_plain_is_refused(text: str, problem: str) -> None:
    """The problem has a line, a field and a sentence."""
    assert problems_of(text) == [problem]


def test_all_problems_are_reported() -> None:
    assert problems_of("a: 2028-13-45\nb: fine\nc: !x y\na: 1") == [
        "line 2: a: “2028-13-45” is not a day of the calendar.",
        "line 4: c: The tag “!x” is not allowed here.",
        "line 5: a: This key is there twice.",
    ]


def test_repeated_anchor_repeats_its_problem() -> None:
    assert problems_of("a: &x 2028-13-45\nb: *x") == [
        "line 2: a: “2028-13-45” is not a day of the calendar.",
        "line 2: b: “2028-13-45” is not a day of the calendar.",
    ]


# ---- input that could exhaust resources ----------------------------------------------------------

TOO_DEEP = f"Nested deeper than {MAX_DEPTH} levels."
TOO_MANY = "More than 100,000 values, anchors included."


def bomb(levels: int, width: int = 10) -> str:
    """Return anchors that each contain the previous one many times."""
    lines = ["a0: &a0 [x]"]
    for level in range(1, levels):
        again = ", ".join([f"*a{level - 1}"] * width)
        lines.append(f"a{level}: &a{level} [{again}]")
    return "\n".join(lines)


def tower(floors: int) -> str:
    """Return anchors that each contain the previous one once, deeply nested."""
    lines = ["a0: &a0 x"]
    for floor in range(1, floors):
        lines.append(f"a{floor}: &a{floor} {'[' * 15}*a{floor - 1}{']' * 15}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (bomb(9), TOO_MANY),
        (bomb(18, width=2), TOO_MANY),
        (tower(3), TOO_DEEP),
        (tower(200), TOO_DEEP),
        ("a: &a [*a]", "An anchor contains itself."),
        ("a: &a {b: {c: *a}}", "An anchor contains itself."),
        ("a: &a\n  *a : b", "An anchor contains itself."),
        (f"a: {'[' * 21}{']' * 21}", TOO_DEEP),
        # libyaml's reader would overflow the stack of C, and end the whole process.
        (f"a: {'[' * 200_000}", TOO_DEEP),
        (f"a: {'{' * 200_000}", TOO_DEEP),
        (f"a: {'{a: ' * 100_000}", TOO_DEEP),
        (f"a:\n {'- ' * 100_000}", TOO_DEEP),
        (f"a:\n {'? ' * 100_000}", TOO_DEEP),
    ],
    ids=lambda value: str(value)[:20],
)
def test_exploding_yaml_is_refused(text: str, problem: str) -> None:
    """Recursive or multiplying anchors and deep nesting are refused."""
    (found,) = problems_of(text)
    assert found.endswith(problem)


@pytest.mark.parametrize("text", ["a: [{}]".format("b, " * 1_001), "a: b\n#\n" * 501])
def test_parser_stops_at_the_first_value_above_the_limit(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_matter, "MAX_NODES", 1_000)
    (found,) = problems_of(text + "\n{{{")
    assert found.endswith("More than 1,000 values, anchors included.")


def test_nesting_and_anchors_within_the_bounds_are_read() -> None:
    assert read(f"a: {'[' * 20}{']' * 20}")
    assert read(bomb(3))
    assert read(tower(2))


# ---- properties for any text ---------------------------------------------------------------------

fragments = st.sampled_from(
    [
        *["---\n", "...\n", "a: ", "- ", "b", "\n", "\r\n", "  ", "\t", "[", "]", "{", "}", ", "],
        *["&x ", "*x", "!!int ", "!!bool ", "!!float ", "!!timestamp ", "!!set ", "!!null ", "! "],
        *["? ", ": ", "|\n", ">-\n", "'", '"', "#", "%", "@", "`", "<<: ", "~", "é", "\x00"],
        *["2028-02-30", "2028-01-01T00:00:00Z", "0x", "1:0", ".inf", ".nan", "\ud800", "\ufeff"],
    ]
)
yaml_like = st.lists(fragments, max_size=20).map("".join)


@settings(deadline=timedelta(seconds=2))
@given(st.text(st.characters(exclude_categories=())) | yaml_like)
def test_any_text_is_read_or_refused(text: str) -> None:
    """The result is plain data, or an error with sentences."""
    for whole in (text, f"---\n{text}\n---\n"):
        try:
            found = read_front_matter(whole)
        except FormatError as error:
            assert all(problem.message.endswith(".") for problem in error.problems)  # noqa: PT017
        else:
            assert isinstance(found.data, dict)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.dates() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=40)
@given(st.dictionaries(st.text(max_size=5), plain, max_size=4))
def test_yaml_of_another_writer_is_read_as_the_same_data(data: dict[str, object]) -> None:
    written = yaml.safe_dump(data)
    assert read_front_matter(f"---\n{written}---\n").data == data
