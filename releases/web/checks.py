"""System checks of the settings and the database; SECURITY.md lists them.

An error stops every command that checks first, `migrate` of a deployment among them, and serving.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage, Error, Tags, Warning, register, run_checks
from django.core.exceptions import SuspiciousFileOperation
from django.db import DatabaseError, connections
from django.http.request import validate_host

from releases.domain.names import RESERVED
from releases.models import Product
from releases.presentation.brand import contrast_problems

SERVING: Final = "serving"
"""The tag of checks that must pass before a page is served."""

LOCAL: Final = ("", "localhost", "127.0.0.1", "::1")
UNENCRYPTED: Final = ("disable", "allow", "prefer")

# The smallest limit of connections: of the server, of this role, and of this database.
MAX_CONNECTIONS_SQL = """
SELECT least(
    current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int,
    (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
    (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
)
"""

Found = list[CheckMessage]
T = TypeVar("T")


def problems_of_serving() -> Found:
    """Return the errors that forbid serving. The commands of a build may run with them."""
    errors = [each for each in run_checks(tags=[SERVING]) if each.is_serious()]
    return errors + uncollected()


@register(SERVING)
def lasting_database(**kwargs: Any) -> Found:
    """The database is not a file on the disk of a dyno, which lasts a day at most."""
    if not (settings.ON_DYNO and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")):
        return []
    return [
        Error(
            "The database is a file on the disk of a dyno, which forgets it every day.",
            hint="Set DATABASE_URL to a PostgreSQL database.",
            id="releases.E001",
        )
    ]


@register(SERVING)
def admin_path(**kwargs: Any) -> Found:
    """The path of the admin is not the address of a page."""
    path = settings.ADMIN_PATH
    if not settings.ADMIN_HIDDEN or path not in RESERVED:
        return []
    return [
        Error(
            f"ADMIN_PATH is “{path}”, the address of a page of this site.",
            hint="Choose a word of your own, or leave it unset.",
            id="releases.E002",
        )
    ]


@register(deploy=True)
def static_files(**kwargs: Any) -> Found:
    """Static files are collected on a dyno, where the build does it.

    Elsewhere that may come after this check; it is checked again before serving.
    """
    return uncollected() if settings.ON_DYNO else []


def uncollected() -> Found:
    """Return an error if the static files are not collected: no page could be rendered."""
    if settings.DEBUG or Path(settings.STATIC_ROOT, "staticfiles.json").is_file():
        return []
    return [
        Error(
            "The static files have not been collected.",
            hint="Run: python manage.py collectstatic --noinput",
            id="releases.E003",
        )
    ]


@register(SERVING)
def readable_accent(**kwargs: Any) -> Found:
    """The accents of the site have enough contrast."""
    hint = "Choose a darker colour for SITE_ACCENT, a lighter one for SITE_ACCENT_DARK."
    return [Error(text, hint=hint, id="releases.E004") for _, text in contrast_problems()]


@register(SERVING)
def existing_logo(**kwargs: Any) -> Found:
    """The logo of the site is an image among the static files."""
    logo = settings.SITE_LOGO
    if not logo or (logo.endswith((".svg", ".png")) and _is_static(logo)):
        return []
    return [
        Error(
            f"SITE_LOGO is “{logo}”, which is no SVG or PNG among the static files.",
            hint="Put the file into static/ and name it by its path there: logo.svg.",
            id="releases.E005",
        )
    ]


def _is_static(path: str) -> bool:
    try:
        return finders.find(path) is not None
    except SuspiciousFileOperation:  # a path out of the folder
        return False


@register(SERVING)
def complete_email(**kwargs: Any) -> Found:
    """Check that e-mails have a sender and a base URL for their links."""
    given = {"SITE_URL": settings.SITE_URL, "EMAIL_FROM": settings.DEFAULT_FROM_EMAIL}
    missing = [name for name, value in given.items() if not value]
    if not settings.SMTP or not missing:
        return []
    return [
        Error(
            f"EMAIL_URL is set, and {' and '.join(missing)} not: no e-mail can be sent.",
            hint="Set SITE_URL=https://roadmap.example.org, EMAIL_FROM=roadmap@example.org.",
            id="releases.E006",
        )
    ]


@register()
def debug_on_dyno(**kwargs: Any) -> Found:
    """DEBUG is off on a dyno."""
    if not (settings.ON_DYNO and settings.DEBUG):
        return []
    return [
        Warning(
            "DEBUG is on, so errors show code and settings to everybody.",
            hint="heroku config:unset DEBUG; LOG_LEVEL=debug tells you more, and nobody else.",
            id="releases.W001",
        )
    ]


@register()
def proxies_on_dyno(**kwargs: Any) -> Found:
    """PROXY_COUNT counts the router of a dyno, from whose addresses all requests come."""
    if not (settings.ON_DYNO and settings.PROXY_COUNT == 0):
        return []
    return [
        Warning(
            "PROXY_COUNT is 0 behind a router: all clients share one address, and are locked out"
            " of the admin together.",
            hint="Unset it, or count the proxies: 1, or 2 with a CDN in front.",
            id="releases.W002",
        )
    ]


@register(deploy=True)
def redirects_for_ever(**kwargs: Any) -> Found:
    """A redirect to HTTPS needs a proxy that tells which requests are HTTPS."""
    if settings.PROXY_COUNT or not settings.SECURE_SSL_REDIRECT:
        return []
    return [
        Warning(
            "PROXY_COUNT is 0, so nobody says which requests are https, and all are redirected.",
            hint="Set PROXY_COUNT to the number of proxies in front, or SECURE_SSL_REDIRECT=0 if"
            " there is none.",
            id="releases.W003",
        )
    ]


@register(deploy=True)
def any_host(**kwargs: Any) -> Found:
    """ALLOWED_HOSTS names hosts."""
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Warning(
            "ALLOWED_HOSTS has *: links of pages have whatever Host a request names.",
            hint="Name the hosts: roadmap.example.org; .example.org stands for all below it.",
            id="releases.W004",
        )
    ]


@register(deploy=True)
def encrypted_database(**kwargs: Any) -> Found:
    """The connection to a database on another host is encrypted."""
    database = settings.DATABASES["default"]
    host = database.get("HOST", "")
    if host in LOCAL or host.startswith("/") or not _unencrypted(database):
        return []
    return [
        Warning(
            f"The connection to the database on {host} need not be encrypted.",
            hint="Leave sslmode out of DATABASE_URL (require is meant then), or set verify-full.",
            id="releases.W005",
        )
    ]


def _unencrypted(database: dict[str, Any]) -> bool:
    return database.get("OPTIONS", {}).get("sslmode") in UNENCRYPTED


@register(deploy=True)
def reachable_site_url(**kwargs: Any) -> Found:
    """Check that links of messages lead to this site, without a redirect that loses a POST."""
    url = urlsplit(settings.SITE_URL)
    if not url.hostname:
        return []
    if not validate_host(url.hostname, settings.ALLOWED_HOSTS):
        problem, hint = "is not in ALLOWED_HOSTS", "Add its host to ALLOWED_HOSTS."
    elif url.scheme == "http" and settings.SECURE_SSL_REDIRECT:
        problem = "is redirected to https, but one-click unsubscription follows no redirects"
        hint = "Begin SITE_URL with https://."
    else:
        return []
    return [Warning(f"SITE_URL {problem}.", hint=hint, id="releases.W008")]


@register(deploy=True)
def encrypted_email(**kwargs: Any) -> Found:
    """Check that the password is sent to a mail server on another host with encryption."""
    server = settings.SMTP or {}
    encrypted = server.get("use_tls") or server.get("use_ssl")
    if encrypted or not server.get("password") or server["host"] in LOCAL:
        return []
    return [
        Warning(
            f"The password of EMAIL_URL is sent to {server['host']} without encryption.",
            hint="Begin EMAIL_URL with submission:// (STARTTLS) or smtps://.",
            id="releases.W009",
        )
    ]


@register(Tags.database)
def connections_enough(databases: Sequence[str] | None = None, **kwargs: Any) -> Found:
    """The database has a connection for each thread of each worker."""
    available = _ask(databases, _max_connections)
    if available is None or available >= settings.CONNECTIONS:
        return []
    return [
        Warning(
            f"WEB_CONCURRENCY x WEB_THREADS may take {settings.CONNECTIONS} connections; the"
            f" database has {available}.",
            hint="Have fewer workers or threads, or a larger database.",
            id="releases.W006",
        )
    ]


@register(Tags.database)
def hidden_product(databases: Sequence[str] | None = None, **kwargs: Any) -> Found:
    """No product has the name that the path of the admin hides."""
    if not _ask(databases, _is_product):
        return []
    return [
        Warning(
            f"The product “{settings.ADMIN_PATH}” is hidden by the admin, which has that address.",
            hint="Set ADMIN_PATH to another word.",
            id="releases.W007",
        )
    ]


def _ask(databases: Collection[str] | None, question: Callable[[], T]) -> T | None:
    """Return the answer of the database, or None if it is not checked, or has no tables yet."""
    if "default" not in (databases or ()):
        return None
    try:
        return question()
    except DatabaseError:
        return None


def _max_connections() -> int | None:
    connection = connections["default"]
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(MAX_CONNECTIONS_SQL)
        return int(cursor.fetchone()[0])


def _is_product() -> bool:
    return Product.objects.filter(name=settings.ADMIN_PATH).exists()
