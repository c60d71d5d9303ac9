"""The addresses of the site: the admin, then the catalogue, whose products own the rest."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    path("", include("releases.urls")),
]

handler400 = "releases.web.refusals.bad_request"
handler403 = "releases.web.refusals.forbidden"
handler404 = "releases.web.refusals.page_not_found"
handler500 = "releases.web.refusals.server_error"
