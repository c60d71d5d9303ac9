"""Readers of environment variables."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("TRUE", True), (" yes ", True), ("0", False), ("off", False), ("", False)],
)
def test_flag_accepts_1_and_0_and_words(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: bool
) -> None:
    """An empty value is off."""
    monkeypatch.setenv("A_FLAG", value)
    assert env.flag("A_FLAG", default=not expected) is expected


def test_unset_or_empty_variable_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    assert env.text("NOT_SET", "x") == "x"
    assert env.flag("NOT_SET", default=True) is True
    assert env.number("NOT_SET", 7) == 7
    assert env.words("NOT_SET", ("a",)) == ["a"]
    assert env.choice("NOT_SET", ("first", "second")) == "first"
    assert env.slug("NOT_SET", "admin") == "admin"


def test_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IT", " a, b  c ")
    assert env.words("IT") == ["a", "b", "c"]
    monkeypatch.setenv("IT", "JSON")
    assert env.choice("IT", ("text", "json")) == "json"
    monkeypatch.setenv("IT", "back-office_2")
    assert env.slug("IT", "admin") == "back-office_2"
    monkeypatch.setenv("IT", "65535")
    assert env.number("IT", 1, most=65535) == 65535


@pytest.mark.parametrize("value", ["maybe", "2", "-1"])
def test_invalid_flag_is_rejected(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """The sentence names the variable, its value, and the expected values."""
    monkeypatch.setenv("IT", value)
    with pytest.raises(ImproperlyConfigured, match=f"^IT is “{value}”; expected 1 or 0.$"):
        env.flag("IT", default=False)


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "0", "65536", "٣", "²", "9" * 5000])
def test_invalid_number_is_rejected(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("IT", value)
    with pytest.raises(ImproperlyConfigured, match="expected a whole number from 1 to 65535"):
        env.number("IT", 8000, least=1, most=65535)


@pytest.mark.parametrize(
    "value", ["Admin", "a/b", "a b", "-a", "a-", "a--b", "ä", "a.b", "x" * 200 + "/"]
)
def test_invalid_slug_is_rejected(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """It becomes part of URLs, so it is not normalized. A long value is quoted in part."""
    monkeypatch.setenv("IT", value)
    with pytest.raises(ImproperlyConfigured, match=r"^IT is “.{1,50}”; expected small letters"):
        env.slug("IT", "admin")


def test_invalid_choice_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IT", "xml")
    with pytest.raises(ImproperlyConfigured, match=r"^IT is “xml”; expected one of: text, json\.$"):
        env.choice("IT", ("text", "json"))


@pytest.mark.parametrize(("value", "expected"), [("", ""), (" #1457A8 ", "#1457a8")])
def test_colour(monkeypatch: pytest.MonkeyPatch, value: str, expected: str) -> None:
    monkeypatch.setenv("IT", value)
    assert env.colour("IT") == expected


@pytest.mark.parametrize("value", ["red", "#123", "1457a8", "#1457a8ff", "#1457ag", "#１457a8"])
def test_invalid_colour_is_rejected(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("IT", value)
    with pytest.raises(
        ImproperlyConfigured, match=r"^IT is “.+”; expected a colour such as #1457a8\.$"
    ):
        env.colour("IT")
