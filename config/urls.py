"""The addresses of the site: the admin, then the catalogue, whose products own the rest."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("releases.urls")),
]

handler404 = "releases.views.site.page_not_found"
handler500 = "releases.views.site.server_error"
