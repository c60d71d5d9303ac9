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


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ""),
        ("https://Roadmap.example.org/", "https://roadmap.example.org"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://example.org:65535", "https://example.org:65535"),
    ],
)
def test_origin(monkeypatch: pytest.MonkeyPatch, value: str, expected: str) -> None:
    monkeypatch.setenv("IT", value)
    assert env.origin("IT") == expected


@pytest.mark.parametrize(
    "value",
    [
        "roadmap.example.org",
        "ftp://example.org",
        "https://",
        "https://u:p@example.org",
        "https://example.org/roadmap",
        "https://example.org?a=b",
        "https://example.org:x",
        "https://example.org:65536",
        "https://exa mple.org",
        "https://münchen.example",
    ],
)
def test_invalid_origin_is_rejected(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("IT", value)
    with pytest.raises(ImproperlyConfigured, match=r"^IT is “.+”; expected an address such as"):
        env.origin("IT")


def test_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IT", "Chat.Internal:8065, 10.0.0.7")
    assert env.hosts("IT") == ["chat.internal:8065", "10.0.0.7"]


@pytest.mark.parametrize(
    "value", ["http://chat", "chat:99999", "chat:", "chat:http", "chat/", "*", ".internal"]
)
def test_invalid_host_is_rejected(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("IT", f"chat.internal {value}")
    with pytest.raises(ImproperlyConfigured, match=r"^IT is “.+”; expected host names"):
        env.hosts("IT")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ""),
        ("roadmap@example.org", "Site <roadmap@example.org>"),
        ("Ann <ann@example.org>", "Ann <ann@example.org>"),
        ('"Ann, Bob" <ann@example.org>', '"Ann, Bob" <ann@example.org>'),
    ],
)
def test_sender(monkeypatch: pytest.MonkeyPatch, value: str, expected: str) -> None:
    monkeypatch.setenv("IT", value)
    assert env.sender("IT", "Site") == expected


@pytest.mark.parametrize(
    "value", ["Ann", "ann@", "a b@example.org", "<>", "Ann\nBcc: b@b.b <ann@example.org>"]
)
def test_invalid_sender_is_rejected(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("IT", value)
    with pytest.raises(ImproperlyConfigured, match=r"(?s)^IT is “.+”; expected an e-mail address"):
        env.sender("IT", "Site")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("smtp://localhost", {"host": "localhost", "port": 25, "timeout": 10}),
        ("smtp://[::1]:2525/?timeout=3", {"host": "::1", "port": 2525, "timeout": 3}),
        ("SMTPS://mx", {"host": "mx", "port": 465, "timeout": 10, "use_ssl": True}),
        (
            "submission://a%40b:c%23d@mx",
            {
                "host": "mx",
                "port": 587,
                "timeout": 10,
                "use_tls": True,
                "username": "a@b",
                "password": "c#d",
            },
        ),
    ],
)
def test_smtp(monkeypatch: pytest.MonkeyPatch, value: str, expected: dict[str, object]) -> None:
    monkeypatch.setenv("IT", value)
    assert env.smtp("IT") == expected
    monkeypatch.setenv("IT", "")
    assert env.smtp("IT") is None


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("smtp.example.org", "IT has an unsupported scheme; expected submission://"),
        ("http://u:secret@mx", "IT has an unsupported scheme; expected submission://"),
        ("smtp://", "IT has no host"),
        ("smtp://u:secret@", "IT has no host"),
        ("smtp://mx_1.example", "IT has no host, or one with unusual"),
        ("smtp://secret@mx", "IT has a user without a password"),
        ("smtp://:secret@mx", "IT has a user without a password, or a password without a user"),
        (
            "smtp://u:secret%C3%A4@mx",
            "IT has a user or password with characters that are not ASCII",
        ),
        ("smtp://mx/secret", "IT has a path"),
        ("smtp://u:p@mx#secret", "IT has a path"),
        ("smtp://u:secret/x@mx", "IT is not a valid URL."),
        ("smtp://u:secret@mx:port", "IT is not a valid URL."),
        ("smtp://u:secret@mx:70000", "IT is not a valid URL."),
        ("smtp://u:secret@[::1", "IT is not a valid URL."),
        ("smtp://mx?ssl=secret", "IT has invalid parameters; expected ?timeout="),
        ("smtp://mx?timeout=secret", "IT has invalid parameters"),
        ("smtp://mx?timeout=0", "IT has invalid parameters"),
        ("smtp://mx?timeout=61", "IT has invalid parameters"),
    ],
)
def test_invalid_smtp_is_rejected_without_its_password(
    monkeypatch: pytest.MonkeyPatch, value: str, sentence: str
) -> None:
    monkeypatch.setenv("IT", value)
    with pytest.raises(ImproperlyConfigured) as caught:
        env.smtp("IT")
    assert str(caught.value).startswith(sentence)
    assert "secret" not in str(caught.value)
