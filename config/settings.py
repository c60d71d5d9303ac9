"""Django settings, read from the environment variables that README.md lists.

Unset variables default to the safe value: DEBUG is off. The make targets and the tests turn it on.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import django
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.logs import logging_config, without_tokens

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.flag("DEBUG", default=False)
ON_DYNO = bool(env.text("DYNO"))  # Heroku sets DYNO on every dyno
# Heroku collects static files during the build, without a secret key or a database.
BUILDING = sys.argv[1:2] == ["collectstatic"]

# Only the web server needs a secret key; config.wsgi refuses to start without one.
SECRET_KEY = env.text("SECRET_KEY", "only-for-developing-on-ones-own-machine" if DEBUG else "")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]", ".herokuapp.com"))
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# Number of reverse proxies in front of the application. Each appends the address of its client to
# X-Forwarded-For. If the number is 0, forwarded headers are ignored.
PROXY_COUNT = env.number("PROXY_COUNT", 0 if DEBUG else 1, most=10)

ADMIN_PATH = env.slug("ADMIN_PATH", "admin")
# Pages do not link to the admin if its path is customised.
ADMIN_HIDDEN = ADMIN_PATH != "admin"
SITE_NAME = env.text("SITE_NAME", "Release Roadmap")
SITE_STRAP_LINE = env.text(
    "SITE_STRAP_LINE", "See what still gets fixes, what ends next, and how to move on."
)
# The colour of links and of what is current, and a static file instead of the sign.
SITE_ACCENT = env.colour("SITE_ACCENT")
SITE_ACCENT_DARK = env.colour("SITE_ACCENT_DARK")
SITE_LOGO = env.text("SITE_LOGO")

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
    "django_tasks_db",
    *(["django_tasks"] if django.VERSION < (6,) else []),
]

MIDDLEWARE = [
    "releases.web.request_ids.request_id",
    *(["releases.web.middleware.server_timing"] if DEBUG else []),
    "releases.web.middleware.GZipMiddleware",
    # Caches complete responses, including the headers that the middleware below adds.
    "releases.web.page_cache.PageCacheMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "releases.web.middleware.HeadersMiddleware",
    "releases.web.health.health",
    "django.middleware.security.SecurityMiddleware",
    "releases.web.middleware.body_limit",
    "releases.web.middleware.single_slashes",
    "releases.web.middleware.no_nul",
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


# Options that Django itself consumes; all others are passed to libpq.
DJANGO_DATABASE_OPTIONS = {"assume_role", "isolation_level", "pool", "server_side_binding"}
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


MAX_DATABASE_NAME = 63
"""PostgreSQL's limit, in characters; Django enforces it at the first connection."""


def _database() -> dict[str, Any]:
    if ON_DYNO and not BUILDING and not env.text("DATABASE_URL"):
        raise ImproperlyConfigured(
            "DATABASE_URL is not set, and the disk of a dyno is ephemeral;"
            " add a PostgreSQL database."
        )
    url = env.text("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}")
    # A transaction-mode pooler may run each transaction on a different server connection, so
    # server-side cursors cannot outlive a transaction.
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
        url.encode()  # non-UTF-8 bytes of the environment are lone surrogates
    except ValueError:  # such as an unclosed bracket or a non-numeric port
        raise ImproperlyConfigured("DATABASE_URL is not a valid URL.") from None
    if not known:
        raise ImproperlyConfigured(
            "DATABASE_URL has an unsupported scheme; expected"
            " postgres://user:password@host/name or sqlite:///path."
        )
    if any("\x00" in str(value) for value in config.values()):
        raise ImproperlyConfigured("DATABASE_URL must not contain %00.")
    config["OPTIONS"] = (
        _sqlite_options() if config["ENGINE"].endswith("sqlite3") else _postgresql_options(config)
    )
    return config


def _sqlite_options() -> dict[str, Any]:
    """Return options that let readers proceed during a write, and make writers queue."""
    return {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }


def _postgresql_options(config: dict[str, Any]) -> dict[str, Any]:
    """Return options for an encrypted connection with a short timeout; the URL may override them.

    Raises:
        ImproperlyConfigured: The URL has no database name, one that is too long, or invalid
            options.
    """
    import psycopg2  # noqa: PLC0415 - not needed for SQLite
    from psycopg2.extensions import make_dsn  # noqa: PLC0415

    options: dict[str, Any] = {"sslmode": "require", "connect_timeout": 5}
    options |= config.get("OPTIONS", {})
    if not config["NAME"] and "service" not in options:
        raise ImproperlyConfigured(
            "DATABASE_URL has no database name; expected postgres://user:password@host/name."
        )
    if len(config["NAME"]) > MAX_DATABASE_NAME:
        raise ImproperlyConfigured(
            f"DATABASE_URL has a database name of more than {MAX_DATABASE_NAME} characters."
        )
    try:
        make_dsn(**{name: options[name] for name in options.keys() - DJANGO_DATABASE_OPTIONS})
    except psycopg2.Error as error:  # its message contains the option name, not its value
        reason = str(error).strip().removeprefix("invalid dsn: ")
        raise ImproperlyConfigured(f"DATABASE_URL cannot be used: {reason}.") from None
    if options["sslmode"] not in SSL_MODES:
        raise ImproperlyConfigured(
            f"DATABASE_URL has an unknown sslmode; expected one of: {', '.join(SSL_MODES)}."
        )
    return options


DATABASES = {"default": _database()}
# Django's own formats lose microseconds, and white space at the ends of texts.
SERIALIZATION_MODULES = {
    "json": "releases.services.serialization.json",
    "xml": "releases.services.serialization.xml",
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
WEB_THREADS = env.threads()
# Maximum number of open database connections: each thread of each worker keeps one open.
CONNECTIONS = env.workers() * WEB_THREADS
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
# Do not log successful logins: nothing needs that personal data.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
FORMAT_MODULE_PATH = "config.formats"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site needs the static files
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

# Size of the page cache of each worker. It is off in development, where templates change.
PAGE_CACHE_MB = env.number("PAGE_CACHE_MB", 0 if DEBUG else 32, most=4096)
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Redirect target after a login whose `next` is missing or unsafe.
LOGIN_REDIRECT_URL = "admin:index"
CSRF_FAILURE_VIEW = "releases.web.refusals.csrf_failure"
CSRF_COOKIE_HTTPONLY = True

if not DEBUG:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXY_COUNT else None
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS", default=False)
    # Only the domain owner can decide about subdomains and HSTS preloading.
    SILENCED_SYSTEM_CHECKS = ["security.W021"]
    if not SECURE_HSTS_INCLUDE_SUBDOMAINS:
        SILENCED_SYSTEM_CHECKS.append("security.W005")
    if SECURE_SSL_REDIRECT:
        SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
        # Browsers reject cookies with this prefix that another host of the domain has set.
        SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"

# Larger requests are rejected by their Content-Length. The product form shows at most 60 cycles,
# which takes about 670 fields; the form of a cycle with 200 releases has twice as many.
DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("UPLOAD_LIMIT_MB", 12, least=1, most=100) << 20
# The maximum size of a stack file, which has to fit into a request with the rest of its form.
STACK_FILE_BYTES = min(
    env.number("STACK_FILE_MB", 10, least=1, most=100) * 1_000_000,
    DATA_UPLOAD_MAX_MEMORY_SIZE - 48_576,
)
STACK_COMPONENTS = env.number("STACK_COMPONENTS", 20_000, least=1, most=100_000)
FILE_UPLOAD_MAX_MEMORY_SIZE = DATA_UPLOAD_MAX_MEMORY_SIZE  # no upload is written to disk
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1500
# Maximum number of product files in one upload; UPLOAD_LIMIT_MB limits their total size.
DATA_UPLOAD_MAX_NUMBER_FILES = 1000

# The base URL for the links of messages. A Host header could be forged.
SITE_URL = env.origin(
    "SITE_URL", f"http://127.0.0.1:{env.number('PORT', 8000, most=65535)}" if DEBUG else ""
)
# Hosts in private networks that webhooks may reach.
WEBHOOK_HOSTS = env.hosts("WEBHOOK_HOSTS")
DEFAULT_FROM_EMAIL = env.sender("EMAIL_FROM", SITE_NAME, "roadmap@localhost" if DEBUG else "")
SMTP = env.smtp("EMAIL_URL")
# In development, e-mails are written to this folder, and pages show its path. Otherwise empty.
MAIL_FOLDER = str(BASE_DIR / "mail") if DEBUG and not SMTP else ""
if SMTP or MAIL_FOLDER:
    MAILERS: dict[str, dict[str, Any]] = {
        "default": {
            "BACKEND": "releases.delivery.smtp.EmailBackend"
            if SMTP
            else "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": SMTP or {"file_path": MAIL_FOLDER},
        }
    }
REMINDERS = bool(SITE_URL)
REMINDERS_BY_EMAIL = bool(REMINDERS and DEFAULT_FROM_EMAIL and (SMTP or MAIL_FOLDER))

LOGGING = logging_config(
    form=env.choice("LOG_FORMAT", ("text", "json")),
    level=env.choice("LOG_LEVEL", ("info", "debug", "warning", "error", "critical")),
)


def _init_sentry(dsn: str) -> None:
    """Set up error reports to Sentry, without request bodies or local variables."""
    import sentry_sdk  # noqa: PLC0415 - costs time and memory, so only if it is used
    from sentry_sdk.utils import BadDsn  # noqa: PLC0415

    try:
        sentry_sdk.init(
            dsn,
            release=env.text("HEROKU_SLUG_COMMIT") or None,
            send_default_pii=False,
            max_request_body_size="never",
            include_local_variables=False,
            before_send=lambda event, hint: without_tokens(event),
        )
    except BadDsn:
        raise ImproperlyConfigured(
            "SENTRY_DSN cannot be read; expected https://key@host/number."
        ) from None


if env.text("SENTRY_DSN"):
    _init_sentry(env.text("SENTRY_DSN"))
