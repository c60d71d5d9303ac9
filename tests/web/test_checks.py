"""System checks: each one reports its problem and is silent otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection
from pytest_django import Settings

from releases.web.checks import problems_of_serving
from tests.factories import make_product

POSTGRESQL = "django.db.backends.postgresql"
SQLITE = "django.db.backends.sqlite3"


def ids(*, databases: list[str] | None = None) -> set[str]:
    """Return the ids of this project's failing checks, deployment checks included."""
    found = run_checks(include_deployment_checks=True, databases=databases)
    own = [each for each in found if (each.id or "").startswith("releases.")]
    assert all(each.hint for each in own)
    return {each.id for each in own if each.id}


Database = Callable[..., None]


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Database:
    """Return a function that changes the database settings; no connection is made."""

    def set_database(**values: Any) -> None:
        for name, value in values.items():
            monkeypatch.setitem(settings.DATABASES["default"], name, value)

    return set_database


@pytest.fixture(autouse=True)
def production_settings(settings: Settings, tmp_path: Path) -> None:
    """Use the settings of a correct production environment."""
    (tmp_path / "staticfiles.json").write_text("{}")
    settings.ON_DYNO, settings.DEBUG, settings.PROXY_COUNT = True, False, 1
    settings.STATIC_ROOT = tmp_path
    settings.SECURE_SSL_REDIRECT = True
    settings.SITE_URL = "https://roadmap.herokuapp.com"


@pytest.fixture(autouse=True)
def postgresql_settings(request: pytest.FixtureRequest, database: Database) -> None:
    """Use PostgreSQL settings in tests that do not access the database."""
    if not request.node.get_closest_marker("django_db"):
        database(ENGINE=POSTGRESQL, HOST="db.example.org", OPTIONS={"sslmode": "require"})


def test_correct_configuration_has_no_problems() -> None:
    assert ids() == set()
    assert problems_of_serving() == []


def test_e001_sqlite_on_a_dyno(settings: Settings, database: Database) -> None:
    """The file system of a dyno is ephemeral; elsewhere a file lasts."""
    database(ENGINE=SQLITE)
    assert ids() == {"releases.E001"}
    assert [each.id for each in problems_of_serving()] == ["releases.E001"]
    settings.ON_DYNO = False
    assert ids() == set()


@pytest.mark.parametrize("path", ["products", "static", "search", "healthz"])
def test_e002_admin_path_of_a_public_page(settings: Settings, path: str) -> None:
    settings.ADMIN_PATH, settings.ADMIN_HIDDEN = path, True
    assert ids() == {"releases.E002"}
    assert [each.id for each in problems_of_serving()] == ["releases.E002"]


@pytest.mark.parametrize("path", ["admin", "office"])
def test_e002_accepts_other_admin_paths(settings: Settings, path: str) -> None:
    settings.ADMIN_PATH, settings.ADMIN_HIDDEN = path, path != "admin"
    assert ids() == set()


def test_e003_missing_static_files(settings: Settings, tmp_path: Path) -> None:
    """A dyno collects them in the build; elsewhere they are checked when serving starts."""
    (tmp_path / "staticfiles.json").unlink()
    assert ids() == {"releases.E003"}
    settings.ON_DYNO = False
    assert ids() == set()
    assert [each.id for each in problems_of_serving()] == ["releases.E003"]
    settings.DEBUG = True
    assert problems_of_serving() == []


SMTP = {"host": "smtp.example.org", "port": 587, "use_tls": True, "password": "secret"}


def test_e006_email_without_sender_or_address_of_the_site(settings: Settings) -> None:
    """Webhooks need no sender."""
    settings.SMTP, settings.SITE_URL, settings.DEFAULT_FROM_EMAIL = SMTP, "", ""
    assert ids() == {"releases.E006"}
    [problem] = problems_of_serving()
    assert problem.msg.startswith("EMAIL_URL is set, and SITE_URL and EMAIL_FROM not:")
    settings.SITE_URL = "https://roadmap.herokuapp.com"
    assert ids() == {"releases.E006"}
    settings.DEFAULT_FROM_EMAIL = "roadmap@example.org"
    assert ids() == set()
    settings.SMTP, settings.DEFAULT_FROM_EMAIL = None, ""
    assert ids() == set()


def test_w008_links_of_messages_do_not_reach_the_site(settings: Settings) -> None:
    settings.SITE_URL = "https://roadmap.example.org"
    assert ids() == {"releases.W008"}
    settings.SITE_URL = "http://roadmap.herokuapp.com"
    assert ids() == {"releases.W008"}
    settings.SECURE_SSL_REDIRECT = False
    assert ids() == set()
    settings.SITE_URL = ""
    assert ids() == set()


def test_w009_unencrypted_password_of_the_mail_server(settings: Settings) -> None:
    settings.SMTP = SMTP | {"use_tls": False}
    assert ids() == {"releases.W009"}
    for harmless in ({"use_ssl": True}, {"host": "localhost"}, {"password": ""}):
        settings.SMTP = SMTP | {"use_tls": False} | harmless
        assert ids() == set()


def test_w001_debug_on_a_dyno(settings: Settings) -> None:
    settings.DEBUG = True
    assert ids() == {"releases.W001"}
    settings.ON_DYNO = False
    assert ids() == set()


def test_w002_missing_proxy_count_on_a_dyno(settings: Settings) -> None:
    settings.PROXY_COUNT, settings.SECURE_SSL_REDIRECT = 0, False
    assert ids() == {"releases.W002"}
    settings.ON_DYNO = False
    assert ids() == set()


def test_w003_endless_redirect(settings: Settings) -> None:
    settings.PROXY_COUNT, settings.ON_DYNO = 0, False
    assert ids() == {"releases.W003"}
    settings.SECURE_SSL_REDIRECT = False
    assert ids() == set()


def test_w004_wildcard_host(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert ids() == {"releases.W004"}
    settings.ALLOWED_HOSTS = [".herokuapp.com"]
    assert ids() == set()


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_w005_unencrypted_database_connection(database: Database, mode: str) -> None:
    """Only connections over a network need encryption."""
    database(HOST="db.example.org", OPTIONS={"sslmode": mode})
    assert ids() == {"releases.W005"}
    for host in ("", "localhost", "127.0.0.1", "/var/run/postgresql"):
        database(HOST=host, OPTIONS={"sslmode": mode})
        assert ids() == set()


@pytest.mark.django_db
def test_w006_more_connections_than_the_database_allows(settings: Settings) -> None:
    """The limit is read from PostgreSQL; SQLite has none."""
    settings.CONNECTIONS = 1
    assert "releases.W006" not in ids(databases=["default"])
    settings.CONNECTIONS = 1_000_000
    postgresql = connection.vendor == "postgresql"
    assert ("releases.W006" in ids(databases=["default"])) == postgresql
    assert "releases.W006" not in ids()


@pytest.mark.django_db
def test_w007_product_hidden_by_the_admin_path(settings: Settings) -> None:
    make_product("office")
    settings.ADMIN_PATH, settings.ADMIN_HIDDEN = "office", True
    assert "releases.W007" in ids(databases=["default"])
    settings.ADMIN_PATH = "back-office"
    assert "releases.W007" not in ids(databases=["default"])
