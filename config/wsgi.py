"""The WSGI application that gunicorn serves. What is wrong stops it with one sentence."""

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

LONGEST_QUERY = 20  # seconds: a page whose router gives up after 30 needs no answer any more

DO_NOT_TRY_AGAIN = 3
"""The exit code by which a worker tells gunicorn that the next one would fail, too."""


def serving() -> WSGIApplication:
    """The application. Raises `ImproperlyConfigured` where it could not serve well."""
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
    """No page waits for the database for ever. Migrations and imports do not come through here
    and may take their time; nor does this reach through a pooler, which refuses it."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql") and not database["DISABLE_SERVER_SIDE_CURSORS"]:
        # Before those of the URL, of which the last one wins.
        own = f"-c statement_timeout={LONGEST_QUERY}s {database['OPTIONS'].get('options', '')}"
        database["OPTIONS"]["options"] = own.strip()


try:
    application = serving()
except ImproperlyConfigured as error:
    sys.stderr.write(f"Configuration: {error}\n")
    sys.exit(DO_NOT_TRY_AGAIN)
