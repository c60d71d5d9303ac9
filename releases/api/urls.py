"""The addresses of the API, from the root of the site."""

from django.urls import path

from releases.api import docs, frame, openapi

urlpatterns = [
    path(f"{frame.ROOT}/", docs.docs, name="api"),
    path(frame.ROOT, docs.docs),
    path(f"{frame.ROOT}/openapi.json", openapi.view, name="openapi"),
    *frame.patterns(),
]
