"""Settings from the environment: defaults are safe, and values are validated."""

from __future__ import annotations

import os
from pathlib import Path
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql.base import DatabaseWrapper
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import make_dsn

from config.env import smtp as read_smtp
from config.settings import _database as read_database
from tests.config.processes import POSTGRES, ROOT, SECRET, refusal, run, settings_of


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    return {"SECRET_KEY": SECRET, "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"}


def test_defaults_are_safe() -> None:
    """DEBUG is off, no secret is preset, HTTPS is required, and cookies are host-only."""
    found = settings_of(
        "DEBUG",
        "SECRET_KEY",
        "SECURE_SSL_REDIRECT",
        "SESSION_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_NAME",
        "CSRF_COOKIE_SECURE",
        "CSRF_COOKIE_HTTPONLY",
        "PROXY_COUNT",
        "MIDDLEWARE",
    )
    middleware = found.pop("MIDDLEWARE")
    assert found == {
        "DEBUG": False,
        "SECRET_KEY": "",
        "SECURE_SSL_REDIRECT": True,
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "PROXY_COUNT": 1,
    }
    assert "releases.web.middleware.server_timing" not in middleware


def test_debug_settings() -> None:
    """DEBUG serves without HTTPS, measures, and trusts no proxy."""
    found = settings_of("PROXY_COUNT", "SECURE_PROXY_SSL_HEADER", "MIDDLEWARE", DEBUG="1")
    assert found["PROXY_COUNT"] == 0
    assert found["SECURE_PROXY_SSL_HEADER"] is None
    assert "releases.web.middleware.server_timing" in found["MIDDLEWARE"]


def test_forwarded_header_is_ignored_without_a_proxy() -> None:
    """Clients could send X-Forwarded-Proto themselves."""
    assert settings_of("SECURE_PROXY_SSL_HEADER", PROXY_COUNT="0") == {
        "SECURE_PROXY_SSL_HEADER": None
    }


def test_deployment_checks_find_nothing(production: dict[str, str]) -> None:
    """Only a secret and a database are set."""
    command = ["-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = run(command, **production)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


REMINDERS = ("REMINDERS", "REMINDERS_BY_EMAIL")


def test_reminders_need_the_address_of_the_site() -> None:
    assert settings_of(*REMINDERS) == {"REMINDERS": False, "REMINDERS_BY_EMAIL": False}
    site = {"SITE_URL": "https://roadmap.example.org"}
    assert settings_of(*REMINDERS, **site) == {"REMINDERS": True, "REMINDERS_BY_EMAIL": False}


def test_email_needs_server_sender_and_address_of_the_site() -> None:
    server = {"EMAIL_URL": "submission://ann%40example.org:se%2Fcret@smtp.example.org"}
    sender = {"EMAIL_FROM": "roadmap@example.org", "SITE_NAME": "Roadmap, of Example Ltd"}
    site = {"SITE_URL": "https://Roadmap.example.org/"}
    found = settings_of(*REMINDERS, "MAILERS", "SITE_URL", "DEFAULT_FROM_EMAIL", **server, **sender)
    assert found["REMINDERS_BY_EMAIL"] is False
    found = settings_of(*found, **server, **sender, **site)
    assert found == {
        "REMINDERS": True,
        "REMINDERS_BY_EMAIL": True,
        "SITE_URL": "https://roadmap.example.org",
        "DEFAULT_FROM_EMAIL": '"Roadmap, of Example Ltd" <roadmap@example.org>',
        "MAILERS": {
            "default": {
                "BACKEND": "releases.delivery.smtp.EmailBackend",
                "OPTIONS": {
                    "host": "smtp.example.org",
                    "port": 587,
                    "use_tls": True,
                    "timeout": 10,
                    "username": "ann@example.org",
                    "password": "se/cret",
                },
            }
        },
    }


def test_mail_of_a_developer_is_written_to_a_folder() -> None:
    found = settings_of(*REMINDERS, "MAILERS", "MAIL_FOLDER", "SITE_URL", DEBUG="1", PORT="8123")
    assert found["REMINDERS_BY_EMAIL"] is True
    assert found["SITE_URL"] == "http://127.0.0.1:8123"
    assert found["MAILERS"]["default"]["OPTIONS"] == {"file_path": found["MAIL_FOLDER"]}
    assert found["MAIL_FOLDER"] == str(ROOT / "mail")
    server = {"EMAIL_URL": "smtp://127.0.0.1:2525"}
    assert settings_of("MAIL_FOLDER", DEBUG="1", **server) == {"MAIL_FOLDER": ""}


def test_hsts_for_subdomains_is_optional(production: dict[str, str]) -> None:
    found = settings_of("SECURE_HSTS_INCLUDE_SUBDOMAINS", "SILENCED_SYSTEM_CHECKS")
    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is False
    assert "security.W005" in found["SILENCED_SYSTEM_CHECKS"]
    found = settings_of(*found, HSTS_SUBDOMAINS="1")
    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
    assert "security.W005" not in found["SILENCED_SYSTEM_CHECKS"]


def database(url: str, **variables: str) -> dict[str, object]:
    found: dict[str, object] = settings_of("DATABASES", DATABASE_URL=url, **variables)["DATABASES"][
        "default"
    ]
    return found


def test_postgresql_connections_are_encrypted_and_persistent() -> None:
    """The URL can disable encryption. A persistent connection is checked before its use."""
    found = database(POSTGRES)
    assert found["OPTIONS"] == {"sslmode": "require", "connect_timeout": 5}
    assert (found["CONN_MAX_AGE"], found["CONN_HEALTH_CHECKS"]) == (600, True)
    assert found["DISABLE_SERVER_SIDE_CURSORS"] is False


def test_database_url_overrides_options() -> None:
    found = database(f"{POSTGRES}?sslmode=verify-full&connect_timeout=2")
    assert found["OPTIONS"] == {"sslmode": "verify-full", "connect_timeout": 2}


def test_pooler_gets_no_server_side_cursors() -> None:
    assert database(POSTGRES, DATABASE_POOLED="1")["DISABLE_SERVER_SIDE_CURSORS"] is True


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("DEBUG", "maybe", "DEBUG is “maybe”; expected 1 or 0."),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL has an unsupported scheme"),
        ("DATABASE_URL", "postgres://x:port/y", "DATABASE_URL is not a valid URL."),
        ("DATABASE_URL", "postgres://u:secret@[::1/x", "DATABASE_URL is not a valid URL."),
        ("DATABASE_URL", "postgres://u:secret@x:99999/y", "DATABASE_URL is not a valid URL."),
        ("DATABASE_URL", "postgres://u:secret@x/", "DATABASE_URL has no database name; expected"),
        (
            "DATABASE_URL",
            f"postgres://u:secret@x/{'y' * 64}",
            "DATABASE_URL has a database name of",
        ),
        ("DATABASE_URL", "postgres://u:secret%00@x/y", "DATABASE_URL must not contain %00."),
        ("DATABASE_URL", f"{POSTGRES}?sslmode=yes", "DATABASE_URL has an unknown sslmode"),
        ("DATABASE_URL", f"{POSTGRES}?ssl=secret", "DATABASE_URL cannot be used: invalid"),
        ("PROXY_COUNT", "one", "PROXY_COUNT is “one”; expected a whole number from 0 to 10."),
        ("ADMIN_PATH", "/office/", "ADMIN_PATH is “/office/”; expected small letters"),
        ("UPLOAD_LIMIT_MB", "5M", "UPLOAD_LIMIT_MB is “5M”; expected a whole number from 1"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT is “xml”; expected one of: text, json."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is “loud”; expected one of: info, debug"),
        ("WEB_THREADS", "0", "WEB_THREADS is “0”; expected a whole number from 1 to 64."),
        ("SITE_URL", "roadmap.example.org", "SITE_URL is “roadmap.example.org”; expected an addr"),
        ("EMAIL_FROM", "Roadmap", "EMAIL_FROM is “Roadmap”; expected an e-mail address"),
        ("EMAIL_URL", "http://u:secret@host", "EMAIL_URL has an unsupported scheme; expected sub"),
        ("WEBHOOK_HOSTS", "a.b http://c", "WEBHOOK_HOSTS is “http://c”; expected host names"),
        ("SENTRY_DSN", "key", "SENTRY_DSN cannot be read; expected https://key@host/number."),
    ],
)
def test_invalid_variable_stops_every_command_with_one_sentence(
    variable: str, value: str, sentence: str
) -> None:
    """It names the variable and reveals no password."""
    message = refusal(["manage.py", "import_products"], **{variable: value})
    assert message.startswith(f"Configuration: {sentence}")
    assert "secret" not in message


odd = st.sampled_from(
    [
        "postgres://",
        "postgresql:",
        "sqlite:///",
        "u:secret@",
        "[::1",
        "]",
        ":99999",
        ":",
        "//",
        "@",
        "%00",
        "%",
        "�",
        "?sslmode=",
        "?sslmode=require",
        "&a=",
        "=",
        "#",
        "x",
        "/",
        "²",
    ]
)


@given(st.lists(odd | st.text(st.characters(exclude_characters="\x00"), max_size=5)).map("".join))
def test_any_database_url_is_parsed_or_rejected_with_a_sentence(url: str) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "DYNO"}
    with mock.patch.object(os, "environ", environ | {"DATABASE_URL": url}):
        try:
            config = read_database()
        except ImproperlyConfigured as error:
            assert str(error).startswith("DATABASE_URL ")  # noqa: PT017
            assert "secret" not in str(error)  # noqa: PT017
            return
    if config["ENGINE"].endswith("postgresql"):
        wanted = DatabaseWrapper(config | {"TIME_ZONE": None}).get_connection_params()
        wanted.pop("cursor_factory")
        assert make_dsn(**wanted)


@given(
    st.sampled_from(["smtp://", "submission://", "smtps:", ""]),
    st.lists(odd | st.text(st.characters(exclude_characters="\x00"), max_size=5)).map("".join),
)
def test_any_email_url_is_parsed_or_rejected_with_a_sentence(scheme: str, rest: str) -> None:
    with mock.patch.object(os, "environ", os.environ | {"EMAIL_URL": scheme + rest}):
        try:
            options = read_smtp("EMAIL_URL")
        except ImproperlyConfigured as error:
            assert str(error).startswith("EMAIL_URL ")  # noqa: PT017
            assert "secret" not in str(error)  # noqa: PT017
            return
    if options:
        texts = (options[name] for name in ("host", "username", "password") if name in options)
        assert all(text and text.isascii() for text in texts)
        assert 0 < options["port"] < 65536
        assert 0 < options["timeout"] <= 60


@pytest.mark.parametrize("command", ["migrate", "import_products", "createsuperuser"])
def test_dyno_without_a_database_is_rejected(command: str) -> None:
    """Its disk is ephemeral."""
    message = refusal(["manage.py", command], DYNO="release.1", SECRET_KEY=SECRET)
    assert message.startswith("Configuration: DATABASE_URL is not set, and the disk of a dyno is")


def test_build_needs_no_variables() -> None:
    """Static files are collected before the configuration exists, also on a dyno."""
    command = ["manage.py", "collectstatic", "--noinput", "--dry-run", "--verbosity=0"]
    for variables in ({}, {"DYNO": "build.1"}):
        done = run(command, **variables)
        assert (done.returncode, done.stderr) == (0, "")


def test_sentry_is_only_imported_if_configured() -> None:
    done = run(["-c", "import sys, config.settings; print('sentry_sdk' in sys.modules)"])
    assert done.stdout.strip() == "False"
