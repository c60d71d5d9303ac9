"""The WSGI application that gunicorn serves. A wrong configuration stops it with one sentence."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from config import env

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

QUERY_TIMEOUT = 20  # seconds: the router gives up a request after 30

STOP_EXIT_CODE = 3
"""The exit code by which a worker tells gunicorn not to start another one."""


def serving() -> WSGIApplication:
    """Return the application. Raises `ImproperlyConfigured` if a check of serving fails."""
    if not env.flag("DEBUG", default=False) and not env.text("SECRET_KEY"):
        raise ImproperlyConfigured("SECRET_KEY is not set; serving needs a long random one.")
    application = get_wsgi_application()
    from releases.web.checks import problems_of_serving  # noqa: PLC0415 - Django is set up now
    from releases.web.page_cache import serve_cached  # noqa: PLC0415

    for problem in problems_of_serving():
        raise ImproperlyConfigured(f"{problem.msg} {problem.hint}")
    limit_queries()
    return serve_cached(application)


def limit_queries() -> None:
    """Limit the time of queries of pages.

    Migrations and imports do not run through this module and have no limit. Poolers refuse the
    option.
    """
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql") and not database["DISABLE_SERVER_SIDE_CURSORS"]:
        # Options of the URL come after it: the last one wins.
        own = f"-c statement_timeout={QUERY_TIMEOUT}s {database['OPTIONS'].get('options', '')}"
        database["OPTIONS"]["options"] = own.strip()


try:
    application = serving()
except ImproperlyConfigured as error:
    sys.stderr.write(f"Configuration: {error}\n")
    sys.exit(STOP_EXIT_CODE)
