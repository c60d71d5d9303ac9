"""A minimal Django application, as the baseline of `scripts.bench`.

It has no middleware, and responds with the requested number of bytes from memory.

gunicorn scripts.bare:application -c config/gunicorn.conf.py
"""

from functools import cache

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import path

settings.configure(SECRET_KEY="none is needed", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"])
django.setup()


@cache
def filled(size: int) -> bytes:
    """Return a body of `size` bytes."""
    return b"x" * size


def page(request: HttpRequest, size: int) -> HttpResponse:
    """`/bytes/<size>`: a response of `size` bytes."""
    return HttpResponse(filled(size))


def not_modified(request: HttpRequest) -> HttpResponse:
    """`/not-modified`: an empty response with status 304."""
    return HttpResponseNotModified()


urlpatterns = [path("bytes/<int:size>", page), path("not-modified", not_modified)]
application = get_wsgi_application()
