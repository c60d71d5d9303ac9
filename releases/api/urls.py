"""The addresses of the API, from the root of the site."""

from django.urls import path

from releases.api import docs, frame, openapi
from releases.web.api_refusals import API_ROOT
from releases.web.redirects import redirect_to
from releases.web.responses import for_other_sites

urlpatterns = [
    path(f"{API_ROOT}/", docs.docs, name="api"),
    path(API_ROOT, docs.docs),
    path(f"{API_ROOT}/openapi.json", openapi.view, name="openapi"),
    *(
        path(
            f"{API_ROOT}/{version}/openapi.json",
            openapi.view,
            {"version": version},
            name=f"openapi_{version}",
        )
        for version in frame.TAGS
    ),
    # The address of the document on the public site. JSON is YAML, too.
    path("docs/api/v1/openapi.yml", for_other_sites(redirect_to("releases:openapi_v1"))),
    *frame.patterns(),
]
