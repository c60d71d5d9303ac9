"""Names in URLs, and reserved names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain import limits
from releases.domain.names import (
    FIELD_NAME,
    bad_cycle_name,
    bad_name,
    bad_product_name,
)


@pytest.mark.parametrize(
    "name",
    ["django", "c++", "log4j", "vue.js", "windows-server-core", "7-zip", "x", "a_b", "z" * 100],
)
def test_good_name(name: str) -> None:
    """A name has lower-case letters and digits, with . _ + - inside."""
    assert bad_name(name) == ""
    assert bad_product_name(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "Django",
        "a b",
        "a/b",
        "-a",
        ".a",
        "_a",
        "+a",
        "é",
        "aé",
        "a\n",
        "\na",
        "a\x00",
        "٣",
        "a?",
        "a%20",
        "..",
        "\ud800",
        "ſ",
    ],
)
def test_bad_name(name: str) -> None:
    """The error is a sentence with the rules for names."""
    sentence = f"“{name}” is not a name (small letters, digits and . _ + - inside it)."
    assert bad_name(name) == sentence
    assert bad_product_name(name) == sentence


def test_long_name_is_quoted_in_part() -> None:
    """A name of more than 100 characters is rejected, and quoted with the first 100."""
    assert bad_name("x" * 5_000).startswith(f"“{'x' * limits.NAME}” is not a name")


@pytest.mark.parametrize(
    "name",
    [
        "admin",
        "api",
        "badges",
        "calendar",
        "categories",
        "changes",
        "check",
        "docs",
        "favicon.ico",
        "healthz",
        "products",
        "readyz",
        "roadmap",
        "search",
        "stack",
        "static",
        "tags",
        "upgrade",
    ],
)
def test_reserved_name_is_rejected_for_a_product(name: str) -> None:
    """Existing and planned pages of the site have these names. A tag may use them."""
    assert bad_product_name(name) == f"“{name}” is the address of a page of this site."
    assert bad_name(name) == ""


@pytest.mark.parametrize(
    "name", ["django.svg", "roadmap.json", "a.csv", "a.ics", "a.atom", "robots.txt", "sitemap.xml"]
)
def test_file_name_at_the_root_is_rejected(name: str) -> None:
    """Names with the suffix of an image, feed or export are reserved."""
    assert bad_product_name(name) == f"“{name}” is the address of a page of this site."


@pytest.mark.parametrize(
    "name",
    ["5.2", "22.04", "17+35", "7.9.103-ce", "14_1", "R2 SP1", "4.0 (Beta)", "3.x", "Größe", "日本"],
)
def test_good_cycle_name(name: str) -> None:
    """The name of a cycle may have nearly any characters."""
    assert bad_cycle_name(name) == ""


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "A release cycle needs a name."),
        (" \t", "A release cycle needs a name."),
        ("x" * 101, "A cycle's name has at most 100 characters."),
        ("1/2", "A cycle's name stands in addresses and cannot hold /"),
        ("<b>?</b>", "A cycle's name stands in addresses and cannot hold / < > ?"),
        ("5%", "A cycle's name stands in addresses and cannot hold %"),
        ("a'b", "A cycle's name stands in addresses and cannot hold '"),
        (" 5.2", "A cycle's name is a plain text without space around it."),
        ("5.2\n", "A cycle's name is a plain text without space around it."),
        ("5\t2", "A cycle's name is a plain text without space around it."),
        ("5\x002", "A cycle's name is a plain text without space around it."),
        ("5\u202e2", "A cycle's name is a plain text without space around it."),
        ("5\u200b2", "A cycle's name is a plain text without space around it."),
        ("5\ud8002", "A cycle's name is a plain text without space around it."),
        (".", "A cycle's name is a plain text without space around it."),
        ("..", "A cycle's name is a plain text without space around it."),
    ],
)
def test_bad_cycle_name(name: str, sentence: str) -> None:
    """Names that break a URL or are invisible are rejected with a sentence."""
    assert bad_cycle_name(name) == sentence


@pytest.mark.parametrize(("name", "good"), [("pep", True), ("_a1", True), ("1a", False)])
def test_field_name(name: str, good: bool) -> None:
    """The name of a custom field is an identifier."""
    assert bool(FIELD_NAME.fullmatch(name)) is good


@given(st.text())
def test_valid_name_needs_no_quoting_in_a_url(name: str) -> None:
    if not bad_product_name(name):
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789._+-")
        assert name[0].isalnum()
    if not bad_cycle_name(name):
        assert not set(name) & set("/?#%\\<>\"'`\n")
