"""The pages of the catalogue. Products own the root, but for the names that are reserved."""

from django.urls import path

from releases.views.product import product
from releases.views.roadmap import roadmap

app_name = "releases"

urlpatterns = [
    path("", roadmap, name="roadmap"),
    path("<str:name>/", product, name="product"),
]
