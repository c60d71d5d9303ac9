"""Versions as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.version_text import VersionText, read_version


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("5.2.1", VersionText("5.2.1")),
        (" v5.2 ", VersionText("5.2")),
        ("5.2.x", VersionText("5.2", exact=False)),
        ("5.2.*", VersionText("5.2", exact=False)),
        ("22.04.3", VersionText("22.04.3")),
        ("3.12.0rc1", VersionText("3.12.0rc1")),
        ("1.2-beta", VersionText("1.2-beta")),
        ("Django==4.2.7", VersionText("4.2.7", "Django")),
        ("Django===4.2.7", VersionText("4.2.7", "Django")),
        ("django@5.2.1", VersionText("5.2.1", "django")),
        (">=4.2,<5", VersionText("4.2")),
        ("^18.2.0", VersionText("18.2.0")),
        ("1.11.29 ; python_version < '3'", VersionText("1.11.29")),
        ("Ubuntu 22.04.3 LTS", VersionText("22.04.3", "Ubuntu")),
        ("postgres (PostgreSQL) 14.9 (Debian 1)", VersionText("14.9", "postgres (PostgreSQL)")),
        ("python-3.13.1", VersionText("3.13.1", "python")),
        ("php8.1", VersionText("8.1", "php")),
        ("5.2.", VersionText("5.2")),
        ("'5.2'", VersionText("5.2")),
    ],
)
def test_versions(text: str, read: VersionText) -> None:
    assert read_version(text) == read


@pytest.mark.parametrize("text", ["", "  ", "banana", "v", "..", "x.y", "1" * 101])
def test_what_has_no_version(text: str) -> None:
    assert read_version(text) is None


@given(st.text())
def test_any_text_is_read_or_not(text: str) -> None:
    read = read_version(text)
    assert read is None or read.version in text


@given(st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,4}){0,3}", fullmatch=True))
def test_a_plain_version_is_read_as_it_is(text: str) -> None:
    assert read_version(text) == VersionText(text)
