"""The search for products by their names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.search import (
    MAX_QUESTION,
    STOP_WORDS,
    Name,
    NameIndex,
    NameKind,
    Rank,
    normalized,
    split_version,
    without_stop_words,
)

DJANGO, NODE, PYTHON, UBUNTU, ZULU, LIBERICA, POSTGRES, CONQUER = range(8)
NAMES = {
    NameKind.OWN: [
        *((DJANGO, "django"), (DJANGO, "Django"), (NODE, "nodejs"), (NODE, "Node.js")),
        *((NODE, "node"), (PYTHON, "python"), (PYTHON, "CPython"), (UBUNTU, "ubuntu")),
        *((ZULU, "azul-zulu"), (LIBERICA, "bellsoft-liberica"), (POSTGRES, "postgresql")),
        *((POSTGRES, "postgres"), (POSTGRES, "pg"), (CONQUER, "Command and Conquer")),
    ],
    NameKind.CODENAME: [(UBUNTU, "Noble Numbat"), (UBUNTU, "Jammy Jellyfish")],
    NameKind.GROUP: [
        *((DJANGO, "framework"), (DJANGO, "python-runtime"), (ZULU, "java-distribution")),
        *((LIBERICA, "java-distribution"), (POSTGRES, "database")),
    ],
}
INDEX = NameIndex(Name(key, kind, text) for kind, names in NAMES.items() for key, text in names)

Expected = list[tuple[int, str]]


def matches(text: str, rank: Rank) -> Expected:
    """Return the products that a text finds, with their versions."""
    found = [INDEX.find(item) for item in INDEX.items(text)]
    return [(each.key, each.version) for one in found for each in one.matches if each.rank is rank]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("django", [(DJANGO, "")]),
        ("“Django”", [(DJANGO, "")]),
        ("django 4.2", [(DJANGO, "4.2")]),
        ("Django==4.2.7", [(DJANGO, "4.2.7")]),
        ("django 4.2rc1", [(DJANGO, "4.2rc1")]),
        ("django-4.2", [(DJANGO, "4.2")]),
        ("django4.2", [(DJANGO, "4.2")]),
        ("django version 4.2", [(DJANGO, "4.2")]),
        ("node 18", [(NODE, "18")]),
        ("node.js v18", [(NODE, "18")]),
        ("Node JS 18", [(NODE, "18")]),
        ("node@18.20.4", [(NODE, "18.20.4")]),
        ("azul zulu 17", [(ZULU, "17")]),
        ("ubuntu 24.04 LTS", [(UBUNTU, "24.04")]),
        ("ubuntu noble", [(UBUNTU, "noble")]),
        ("ubuntu noble numbat", [(UBUNTU, "noble numbat")]),
        ("jammy", [(UBUNTU, "jammy")]),
        ("is django 4.2 supported", [(DJANGO, "4.2")]),
        ("Is Django 4.2 still supported?", [(DJANGO, "4.2")]),
        ("when does node 22 end", [(NODE, "22")]),
        ("django 4.2 eol", [(DJANGO, "4.2")]),
        ("python 3.9 end of life", [(PYTHON, "3.9")]),
        ("should i upgrade django 3.2", [(DJANGO, "3.2")]),
        ("what is the latest version of python", [(PYTHON, "")]),
        ("how long is ubuntu noble supported?", [(UBUNTU, "noble")]),
        ("django 4.2, node 18", [(DJANGO, "4.2"), (NODE, "18")]),
        ("django 4.2;node 18\r\npg 14", [(DJANGO, "4.2"), (NODE, "18"), (POSTGRES, "14")]),
        ("are django 4.2 and node 18 supported?", [(DJANGO, "4.2"), (NODE, "18")]),
        ("command and conquer", [(CONQUER, "")]),
        ("command and conquer 3", [(CONQUER, "3")]),
        ("django rest framework", []),
        ("django<4.2", []),
        ("djnago 4.2", []),
        ("python noble", []),
        ("", []),
        (" ,;, \n and , ", []),
        ("=== 1", []),
    ],
)
def test_full_hits(text: str, expected: Expected) -> None:
    """Every word around the name and the version is one of a question."""
    assert matches(text, Rank.FULL) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("java", [(ZULU, ""), (LIBERICA, "")]),
        ("java-distribution", [(ZULU, ""), (LIBERICA, "")]),
        ("is java 17 supported", [(ZULU, "17"), (LIBERICA, "17")]),
        ("database 14", [(POSTGRES, "14")]),
        ("py3.9", [(PYTHON, "3.9")]),
        ("liberica 17", [(LIBERICA, "17")]),
        ("ngo", [(DJANGO, "")]),
        ("conquer command", [(CONQUER, "")]),
        ("python", []),
        ("k8s", []),
        ("%", []),
        ("_", []),
    ],
)
def test_parts(text: str, expected: Expected) -> None:
    """Tags and categories, their words, and parts of names."""
    assert matches(text, Rank.PART) == expected


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("djnago 5", (DJANGO, "5")),
        ("is djnago 5 supported", (DJANGO, "5")),
        ("postgers 14", (POSTGRES, "14")),
        ("pyhton", (PYTHON, "")),
        ("ubutnu 24.04", (UBUNTU, "24.04")),
    ],
)
def test_typing_mistakes(text: str, first: tuple[int, str]) -> None:
    assert matches(text, Rank.SIMILAR)[0] == first


def test_similar_names_are_ignored_if_others_match() -> None:
    assert not matches("django", Rank.SIMILAR)
    assert not matches("postgre", Rank.SIMILAR)
    assert not matches("nothing at all", Rank.SIMILAR)


@pytest.mark.parametrize(
    ("text", "version"), [("24.04", "24.04"), ("v5.2", "5.2"), ("5.", "5."), ("is 3.9 eol?", "3.9")]
)
def test_version_alone(text: str, version: str) -> None:
    found = INDEX.find(text)
    assert (found.version, found.alone) == (version, True)


def test_shared_name_is_no_full_hit() -> None:
    """Nobody knows which of the products is meant."""
    index = NameIndex([Name(1, "own", "go"), Name(2, "own", "Go"), Name(2, "own", "go-game")])
    found = index.find("go 1.22")
    assert found.full is None
    assert {each.key for each in found.matches if each.rank is Rank.FULL} == {1, 2}


def test_names_of_hidden_products_are_ignored() -> None:
    """A tag or codename alone finds nothing: the product has no name in the index."""
    index = NameIndex([Name(1, "group", "secret"), Name(1, "codename", "secret")])
    assert index.find("secret").matches == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("postgres 14", ("postgres", "14")),
        ("py3.9", ("py", "3.9")),
        ("Django==4.2.7", ("Django", "4.2.7")),
        ("v5.2", ("", "5.2")),
        ("django", ("django", "")),
        ("node v20", ("node", "20")),
        ("galaxy s24 2.1", ("galaxy s24", "2.1")),
        ("django 4.2-rc1", ("django", "4.2-rc1")),
    ],
)
def test_split_version(text: str, parts: tuple[str, str]) -> None:
    assert split_version(text) == parts


# ---- for all names and texts


stop_word = st.sampled_from(sorted(STOP_WORDS))
name = st.lists(
    stop_word | st.sampled_from(["linux", "office", "4", "c++"]), min_size=1, max_size=4
)


@given(name, st.lists(stop_word, max_size=4), st.lists(stop_word, max_size=4))
def test_stop_words_hide_no_product(words: list[str], before: list[str], after: list[str]) -> None:
    """A product is found by its name, whatever words it has and whatever question is around it."""
    index = NameIndex([Name(1, "own", " ".join(words))])
    for version in ([], ["4.2"]):
        text = " ".join([*before, *words, *version, *after])
        assert index.find(text).full is not None, text


@given(st.lists(stop_word | st.text(min_size=1, max_size=5), max_size=30).map(" ".join))
def test_stop_words_are_removed_from_both_ends_only(text: str) -> None:
    """The longest text comes first; none is empty."""
    found = list(without_stop_words(text))
    assert found[:1] == ([" ".join(text.split())] if text.strip() else [])
    assert all(each and each in found[0] for each in found)
    assert [len(each.split()) for each in found] == sorted(
        (len(each.split()) for each in found), reverse=True
    )


@given(st.text(max_size=2 * MAX_QUESTION))
def test_any_text_is_searched(text: str) -> None:
    """A match has a version that is printable and stands in the text."""
    for item in INDEX.items(text):
        for match in INDEX.find(item).matches:
            assert match.version.isprintable()
            assert normalized(match.version) in normalized(item)


@pytest.mark.parametrize(
    "text", ["a " * 5_000, "1" * 5_000, "-" * 5_000, "a1" * 5_000, "is 1," * 99]
)
def test_long_texts_take_no_time(text: str) -> None:
    """No step takes quadratic time in a text that is longer than an item."""
    assert [INDEX.find(item).full for item in INDEX.items(text)].count(None)
