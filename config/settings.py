"""Settings. All are read from environment variables, which README.md lists.

Unset variables default to the safe value: DEBUG is off. The make targets and the tests turn it on.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.flag("DEBUG", default=False)
ON_DYNO = bool(env.text("DYNO"))  # Heroku names each dyno
# A build has no configuration yet: it needs no secret and no database.
BUILDING = sys.argv[1:2] == ["collectstatic"]

# Only serving needs a secret; config.wsgi refuses to serve without one.
SECRET_KEY = env.text("SECRET_KEY", "only-for-developing-on-ones-own-machine" if DEBUG else "")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]", ".herokuapp.com"))
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# The number of proxies in front. Each adds its client's address to X-Forwarded-For. Forwarded
# headers are ignored without a proxy.
PROXY_COUNT = env.number("PROXY_COUNT", 0 if DEBUG else 1, most=10)

ADMIN_PATH = env.slug("ADMIN_PATH", "admin")
# Pages do not link to an admin whose path was chosen.
ADMIN_HIDDEN = ADMIN_PATH != "admin"
SITE_NAME = env.text("SITE_NAME", "Release Roadmap")
SITE_STRAP_LINE = env.text(
    "SITE_STRAP_LINE", "Where each release stands, what comes next, and when to move."
)

INSTALLED_APPS = [
    "releases.apps.ReleasesConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django_htmx",
    "simple_history",
    "csp",
    "axes",
]

MIDDLEWARE = [
    "releases.web.request_ids.request_id",
    *(["releases.web.middleware.server_timing"] if DEBUG else []),
    "releases.web.middleware.GZipMiddleware",
    # Stores whole responses, with the headers that the middlewares below add.
    "releases.web.page_cache.PageCacheMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "releases.web.middleware.HeadersMiddleware",
    "releases.web.health.health",
    "django.middleware.security.SecurityMiddleware",
    "releases.web.middleware.body_limit",
    "releases.web.middleware.single_slashes",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "releases.admin.middleware.AdminParametersMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "releases.web.context_processors.site",
            ],
        },
    },
]


DJANGO_DATABASE_OPTIONS = {"assume_role", "isolation_level", "pool", "server_side_binding"}
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def _database() -> dict[str, Any]:
    if ON_DYNO and not BUILDING and not env.text("DATABASE_URL"):
        raise ImproperlyConfigured(
            "DATABASE_URL is not set, and a dyno forgets its disk; add a PostgreSQL database."
        )
    url = env.text("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}")
    # A pooler in transaction mode gives each transaction another connection to the server.
    pooled = env.flag("DATABASE_POOLED", default=False)
    try:
        known = urlsplit(url).scheme in ("sqlite", "postgres", "postgresql")
        config: dict[str, Any] = dict(
            dj_database_url.parse(
                url if known else "sqlite://",
                conn_max_age=600,
                conn_health_checks=True,
                disable_server_side_cursors=pooled,
            )
        )
        url.encode()  # bytes of the environment that are no UTF-8 are lone surrogates
    except ValueError:  # an unclosed bracket around a host, a port that is no number
        raise ImproperlyConfigured("DATABASE_URL cannot be read as an address.") from None
    if not known:
        raise ImproperlyConfigured(
            "DATABASE_URL is no database that this project knows; expected"
            " postgres://user:password@host/name or sqlite:///path."
        )
    if any("\x00" in str(value) for value in config.values()):
        raise ImproperlyConfigured("DATABASE_URL has a %00, which no part of it may have.")
    config["OPTIONS"] = (
        _sqlite_options() if config["ENGINE"].endswith("sqlite3") else _postgresql_options(config)
    )
    return config


def _sqlite_options() -> dict[str, Any]:
    """Return options by which readers do not wait for a writer, and writers wait for each other."""
    return {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }


def _postgresql_options(config: dict[str, Any]) -> dict[str, Any]:
    """Return options for an encrypted connection with a short timeout; the URL may override them.

    Raises:
        ImproperlyConfigured: The URL names no database, or has options that cannot be used.
    """
    import psycopg2  # noqa: PLC0415 - not needed for SQLite
    from psycopg2.extensions import make_dsn  # noqa: PLC0415

    options: dict[str, Any] = {"sslmode": "require", "connect_timeout": 5}
    options |= config.get("OPTIONS", {})
    if not config["NAME"] and "service" not in options:
        raise ImproperlyConfigured(
            "DATABASE_URL names no database; expected postgres://user:password@host/name."
        )
    try:
        make_dsn(**{name: options[name] for name in options.keys() - DJANGO_DATABASE_OPTIONS})
    except psycopg2.Error as error:  # its message has the name of the option, not its value
        reason = str(error).strip().removeprefix("invalid dsn: ")
        raise ImproperlyConfigured(f"DATABASE_URL cannot be used: {reason}.") from None
    if options["sslmode"] not in SSL_MODES:
        raise ImproperlyConfigured(
            f"DATABASE_URL has an unknown sslmode; expected one of: {', '.join(SSL_MODES)}."
        )
    return options


DATABASES = {"default": _database()}
# Each thread of each worker keeps a connection.
CONNECTIONS = env.workers() * env.threads()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Failed logins are throttled per username and client address: a stranger cannot lock out an editor
# at another address, and no lock lasts longer than AXES_COOLOFF_TIME.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "releases.web.throttling.client_address"
AXES_LOCKOUT_CALLABLE = "releases.web.throttling.locked_out"
# No log of successful logins: it would store personal data that nothing needs.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site needs them
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"

# Megabytes of rendered pages that each worker caches. None in development: templates change.
PAGE_CACHE_MB = env.number("PAGE_CACHE_MB", 0 if DEBUG else 32, most=4096)
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# The page after a login whose `next` is missing or refused.
LOGIN_REDIRECT_URL = "admin:index"
CSRF_FAILURE_VIEW = "releases.web.refusals.csrf_failure"
CSRF_COOKIE_HTTPONLY = True

if not DEBUG:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXY_COUNT else None
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS", default=False)
    # Only the owner of the domain knows about its subdomains, and whether to preload HSTS.
    SILENCED_SYSTEM_CHECKS = ["security.W021"]
    if not SECURE_HSTS_INCLUDE_SUBDOMAINS:
        SILENCED_SYSTEM_CHECKS.append("security.W005")
    if SECURE_SSL_REDIRECT:
        SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
        # Browsers accept cookies with this prefix from no other host of the domain.
        SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"

# Larger requests are refused by their length. The form of a product with 60 cycles, the most that
# it shows, has about 670 fields; a cycle with 200 releases has twice as many.
DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("UPLOAD_LIMIT_MB", 5, least=1, most=100) << 20
FILE_UPLOAD_MAX_MEMORY_SIZE = DATA_UPLOAD_MAX_MEMORY_SIZE  # none is ever written to the disk
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1500
# The maximum number of product files of an upload; UPLOAD_LIMIT_MB limits all of them together.
DATA_UPLOAD_MAX_NUMBER_FILES = 1000

LOGGING = logging_config(
    form=env.choice("LOG_FORMAT", ("text", "json")),
    level=env.choice("LOG_LEVEL", ("info", "debug", "warning", "error", "critical")),
)


def _report_errors(dsn: str) -> None:
    """Send errors to Sentry, without request bodies and the values of variables."""
    import sentry_sdk  # noqa: PLC0415 - it takes time and memory only where it is used
    from sentry_sdk.utils import BadDsn  # noqa: PLC0415

    try:
        sentry_sdk.init(
            dsn,
            release=env.text("HEROKU_SLUG_COMMIT") or None,
            send_default_pii=False,
            max_request_body_size="never",
            include_local_variables=False,
        )
    except BadDsn:
        raise ImproperlyConfigured(
            "SENTRY_DSN cannot be read; expected https://key@host/number."
        ) from None


if env.text("SENTRY_DSN"):
    _report_errors(env.text("SENTRY_DSN"))
