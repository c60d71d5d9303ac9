"""API v1 beyond the real products: planned cycles, URLs, edits, errors and queries."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases.api.v1.schemas import ListAnswer, ProductAnswer, ProductDetails
from releases.domain.lifecycle.milestones import parse_milestone
from releases.domain.roadmap.columns import Column
from releases.models import Identifier, Product
from releases.services.imports.import_products import BUNDLED
from tests.factories import make_custom_field, make_cycle, make_product
from tests.product_files import cycle, import_files, write

pytestmark = pytest.mark.django_db

Json = Any


@pytest.fixture
def django() -> Product:
    product = make_product(category="framework", tags=["python-runtime"], aliases=["dj"])
    make_cycle(product, "6.2", release="2027-04", lts="yes", eol="2030-04")
    make_cycle(product, "6.1", release="2026-08-05", eol="2027-12-31", latest="6.1.3")
    make_cycle(product, "5.2", release="2025-04-02", lts="2026-11-21", eol="2028-04-30")
    return product


def result(client: Client, path: str, **query: str | int) -> Json:
    response = client.get(f"/api/v1/{path}", query)
    assert response.status_code == 200, response.content
    return response.json()["result"]


def error(client: Client, path: str, status: int) -> Json:
    response = client.get(f"/api/v1/{path}")
    assert (response.status_code, response["Content-Type"]) == (status, "application/json")
    return response.json()


def names(rows: Json) -> list[str]:
    return [row["name"] for row in rows]


# ---- planned cycles, and other days --------------------------------------------------------------


def test_first_cycle_of_django_is_released(client: Client) -> None:
    """Clients do not expect the announced calendar versions of the bundled catalogue."""
    import_files(BUNDLED / "django.md")
    assert result(client, "products/django/releases/latest")["name"] == "6.1"
    assert result(client, "products/django")["releases"][0]["name"] == "6.1"
    assert names(result(client, "products/full")[0]["releases"])[:2] == ["6.1", "6.0"]
    assert error(client, "products/django/releases/6.2", 404)["suggestions"][0] == "2.2"


def test_planned_cycles_are_included_on_request(client: Client, django: Product) -> None:
    """An imprecise date is its last day."""
    found = result(client, "products/django", planned=1)["releases"]
    assert names(found) == ["6.2", "6.1", "5.2"]
    assert found[0]["releaseDate"] == "2027-04-30"
    assert found[0]["eolFrom"] == "2030-04-30"
    assert result(client, "products/django/releases/6.2", planned=1) == found[0]
    assert result(client, "products/django/releases/latest", planned=1) == found[0]
    assert result(client, "products/full", planned=1)[0]["releases"] == found


@pytest.mark.parametrize(
    ("on", "cycles"),
    [
        ("2025-04-01", []),
        ("2025-04-02", ["5.2"]),
        ("2026-08-04", ["5.2"]),
        ("2026-08-05", ["6.1", "5.2"]),
        ("2027-04-29", ["6.1", "5.2"]),
        ("2027-04-30", ["6.2", "6.1", "5.2"]),
    ],
)
def test_cycles_of_another_day(client: Client, django: Product, on: str, cycles: list[str]) -> None:
    """A cycle is included from the day of its release on."""
    assert names(result(client, "products/django", on=on)["releases"]) == cycles
    assert names(result(client, "products/full", on=on)[0]["releases"]) == cycles


@pytest.mark.parametrize(("on", "reached"), [("2028-04-30", False), ("2028-05-01", True)])
def test_end_is_reached_on_the_day_after_its_date(
    client: Client, django: Product, on: str, reached: bool
) -> None:
    found = result(client, "products/django/releases/5.2", on=on)
    assert (found["isEol"], found["isMaintained"]) == (reached, not reached)


def test_long_term_support_begins_on_the_day_after_its_date(
    client: Client, django: Product
) -> None:
    """The public API does so, unlike the pages."""
    found = result(client, "products/django/releases/5.2")
    assert (found["isLts"], found["label"]) == (False, "5.2 (Upcoming LTS)")
    found = result(client, "products/django/releases/5.2", on="2026-11-22")
    assert (found["isLts"], found["label"]) == (True, "5.2 (LTS)")


def test_product_without_a_release_has_no_latest(client: Client, django: Product) -> None:
    """On the day asked for, no cycle is released yet."""
    found = error(client, "products/django/releases/latest?on=2000-01-01", 404)
    assert found["message"] == "“django” has no release cycle on 2000-01-01."


# ---- URLs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/products",
        "/products/full",
        "/products/django",
        "/products/django/releases/5.2",
        "/products/django/releases/latest",
        "/categories",
        "/categories/framework",
        "/tags",
        "/tags/python-runtime",
        "/identifiers",
        "/identifiers/purl",
    ],
)
def test_trailing_slash_is_optional(client: Client, django: Product, path: str) -> None:
    """There is no redirect."""
    Identifier.objects.create(product=django, type="purl", value="pkg:pypi/django")
    one, other = client.get(f"/api/v1{path}"), client.get(f"/api/v1{path}/")
    assert one.status_code == other.status_code == 200
    assert one.content == other.content


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("products/dj", "products/django"),
        ("products/dj/", "products/django/"),
        ("products/dj?planned=1&on=2028-01-01", "products/django?planned=1&on=2028-01-01"),
        ("products/dj/releases/latest", "products/django/releases/latest"),
        ("products/dj/releases/a%2Bb_c d/?x=1", "products/django/releases/a+b_c%20d/?x=1"),
    ],
)
def test_alias_is_redirected_permanently(
    client: Client, django: Product, path: str, target: str
) -> None:
    """The query string is kept."""
    response = client.get(f"/api/v1/{path}")
    assert (response.status_code, response["Location"]) == (301, f"/api/v1/{target}")


def test_urls_have_the_host_of_the_request(client: Client, django: Product) -> None:
    response = client.get("/api/v1/", headers={"host": "localhost:8123"}, secure=True)
    uris = [each["uri"] for each in response.json()["result"]]
    assert uris == [
        f"https://localhost:8123/api/v1/{kind}" for kind in ("products", "categories", "tags")
    ]


# ---- values of rows ------------------------------------------------------------------------------


def test_edited_values_are_shown(client: Client, django: Product) -> None:
    row = django.cycles.get(name="6.1")
    row.eol, row.latest, row.latest_date = parse_milestone("no"), "6.1.4", date(2026, 11, 20)
    row.save()
    django.changelog_template = "https://acme.test/__LATEST__"
    django.save()
    found = result(client, "products/django/releases/6.1")
    assert (found["isEol"], found["eolFrom"]) == (False, None)
    assert found["latest"] == {
        "name": "6.1.4",
        "date": "2026-11-20",
        "link": "https://acme.test/6.1.4",
    }


def test_only_milestones_with_a_column_are_included(client: Client, django: Product) -> None:
    """Labels are those of the product without markup. The end of life is always included."""
    django.columns = {
        "eoas": Column(True, "Bug <b>fixes</b>"),
        "eol": Column(False),
        "eoes": Column(True),
        "latest": Column(False),
    }
    django.save()
    found = result(client, "products/django")
    assert found["labels"] == {
        "eoas": "Bug fixes",
        "discontinued": None,
        "eol": None,
        "eoes": "Extended Support",
    }
    cycle = found["releases"][0]
    assert (cycle["isEoas"], cycle["eoasFrom"], cycle["isEoes"]) == (None, None, None)
    assert (cycle["isEol"], cycle["eolFrom"], cycle["latest"]) == (False, "2027-12-31", None)
    assert "isDiscontinued" not in cycle


def test_custom_fields_follow_the_declared_ones(client: Client, django: Product) -> None:
    """Their order is that of the product, and missing values are null."""
    assert result(client, "products/django")["releases"][0]["custom"] is None
    for position, name in enumerate(("python", "owner")):
        make_custom_field(django, name, position=position)
    row = django.cycles.get(name="6.1")
    row.custom = {"owner": "Ann", "gone": "x"}
    row.save()
    found = result(client, "products/django/releases/6.1")["custom"]
    assert list(found.items()) == [("python", None), ("owner", "Ann")]


@pytest.mark.parametrize(
    ("written", "edited", "told"), [("", "", ""), ("", "Noble", "Noble"), (None, "", None)]
)
def test_empty_codename_differs_from_none(
    client: Client, tmp_path: Any, written: str | None, edited: str, told: str | None
) -> None:
    """An empty codename of the file is kept until it is edited."""
    keys = {} if written is None else {"codename": written}
    import_files(write(tmp_path / "acme.md", cycle("1.0", **keys), cycle("0.9")))
    row = Product.objects.get().cycles.get(name="1.0")
    row.codename = edited
    row.save()
    codenames = [each["codename"] for each in result(client, "products/acme")["releases"]]
    assert codenames == [told, None]
    assert result(client, "products/acme/releases/1.0")["codename"] == told


@pytest.mark.parametrize(
    ("keys", "edited", "told"),
    [
        ({"latest": ""}, "", {"name": "", "date": None, "link": None}),
        ({"latest": ""}, "1.0.1", {"name": "1.0.1", "date": None, "link": None}),
        ({"latest": None}, "", None),
        ({}, "", None),
    ],
)
def test_empty_latest_release_differs_from_none(
    client: Client, tmp_path: Any, keys: dict[str, Any], edited: str, told: Json
) -> None:
    """The public API has an empty one for panos."""
    import_files(write(tmp_path / "acme.md", cycle("1.0", **keys), cycle("0.9")))
    row = Product.objects.get().cycles.get(name="1.0")
    row.latest = edited
    row.save()
    latest = [each["latest"] for each in result(client, "products/acme")["releases"]]
    assert latest == [told, None]
    assert result(client, "products/acme/releases/1.0")["latest"] == told


def test_empty_latest_release_of_a_hidden_column_is_omitted(client: Client, tmp_path: Any) -> None:
    import_files(write(tmp_path / "acme.md", cycle("1.0", latest=""), latestColumn=False))
    assert result(client, "products/acme/releases/1.0")["latest"] is None


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("versionCommand: |\n  acme --version\n", "acme --version\n"),
        ("versionCommand: |-\n  acme --version\n", "acme --version"),
        ("versionCommand: >+\n  acme\n  --version\n\n", "acme --version\n\n"),
        ('versionCommand: "acme --version\\n"\n', "acme --version\n"),
        ("versionCommand: acme --version\n", "acme --version"),
        ("command: |\n  acme --version\n", "acme --version\n"),
        ("", None),
    ],
)
def test_version_command_keeps_its_newline(
    client: Client, tmp_path: Any, written: str, told: str | None
) -> None:
    """The public API does so for amazon-neptune. An edited command is answered unchanged."""
    path = write(tmp_path / "acme.md", cycle("1.0"))
    path.write_text(path.read_text().replace("---\n", f"---\n{written}", 1))
    import_files(path)
    assert result(client, "products/acme")["versionCommand"] == told
    assert result(client, "products/full")[0]["versionCommand"] == told
    row = Product.objects.get()
    row.version_command = "acme -V"
    row.save()
    assert result(client, "products/acme")["versionCommand"] == "acme -V"


def test_products_are_in_the_order_of_files(client: Client, tmp_path: Any) -> None:
    """The suffix `.md` counts, so a longer name with a hyphen comes first.

    Products created here are sorted in.
    """
    make_product("acme-b", label="A", category="app")
    for name, file in (("acme", "acme"), ("zeta", "acme-a")):
        import_files(write(tmp_path / f"{file}.md", permalink=f"/{name}", category="os", tags="x"))
    assert names(result(client, "products")) == ["zeta", "acme-b", "acme"]
    assert names(result(client, "categories")) == ["os", "app"]
    assert names(result(client, "tags")) == ["os", "x", "app"]


def test_minimal_product_matches_the_openapi_document(client: Client) -> None:
    """It has only a name, and a cycle without dates."""
    make_cycle(make_product("payroll"), "1")
    for path, schema in (
        ("products/full", ListAnswer[ProductDetails]),
        ("products/payroll", ProductAnswer),
    ):
        schema.model_validate_json(client.get(f"/api/v1/{path}").content)
    cycle = result(client, "products/payroll")["releases"][0]
    assert (cycle["releaseDate"], cycle["isEol"], cycle["isMaintained"]) == (None, None, False)


def test_empty_catalogue_has_empty_lists(client: Client) -> None:
    for path in ("products", "products/full", "categories", "tags", "identifiers"):
        assert client.get(f"/api/v1/{path}").json()["total"] == 0


def test_last_modified_is_the_last_change(client: Client, django: Product) -> None:
    """Changes of the product, a cycle or a custom field count.

    On an earlier day the history ends there.
    """

    def told() -> str:
        return str(client.get("/api/v1/products/django").json()["last_modified"])

    for row in (django, django.cycles.get(name="5.2"), make_custom_field(django, "owner")):
        row.save()
        assert told() == row.history.latest().history_date.isoformat(timespec="seconds")
    for model in (django.history, django.cycles.model.history, row.history):
        model.all().delete()
    assert told() == "2026-11-21T00:00:00+00:00"


def test_generated_at_is_the_day(client: Client, django: Product) -> None:
    """An answer depends only on the catalogue and the day."""
    for query in ("", "?on=2030-01-01"):
        found = client.get(f"/api/v1/products{query}").json()
        assert found["generated_at"] == "2026-11-21T00:00:00+00:00"


# ---- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "message", "suggestion"),
    [
        ("products/djnago", "There is no product “djnago”.", "django"),
        ("products/djnago/releases/5.2", "There is no product “djnago”.", "django"),
        ("products/django/releases/5.22", "There is no release cycle “5.22”.", "5.2"),
        ("categories/framwork", "There is no category “framwork”.", "framework"),
        ("tags/python", "There is no tag “python”.", "python-runtime"),
        ("identifiers/pur", "There is no type of identifiers “pur”.", "purl"),
    ],
)
def test_unknown_name_is_not_found(
    client: Client, django: Product, path: str, message: str, suggestion: str
) -> None:
    """The error suggests similar names."""
    Identifier.objects.create(product=django, type="purl", value="pkg:pypi/django")
    found = error(client, path, 404)
    assert (found["message"], found["suggestions"][0]) == (message, suggestion)


@pytest.mark.parametrize(
    "path", ["products/full", "products/django", "products/django/releases/5.2"]
)
@pytest.mark.parametrize("query", ["on=tomorrow", "on=2026-02-30", "on=", "planned=perhaps"])
def test_invalid_parameters_are_reported(
    client: Client, django: Product, path: str, query: str
) -> None:
    """The status is 400."""
    found = error(client, f"{path}?{query}", 400)
    assert [each["name"] for each in found["problems"]] == [query.partition("=")[0]]


def test_unknown_parameters_are_ignored(client: Client, django: Product) -> None:
    assert result(client, "products/django", utm="x", page=7)["name"] == "django"


# ---- query counts --------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 12])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        # the products
        ("", 0),
        # also their tags and aliases
        ("products", 3),
        ("categories", 3),
        ("tags/x", 3),
        # the products and their identifiers
        ("identifiers", 2),
        # also their tags, aliases, identifiers, custom fields, cycles and releases
        ("products/full", 7),
        # also the time of the last change
        ("products/acme-0", 8),
        # the product, its custom fields, its cycles and their releases
        ("products/acme-0/releases/1", 4),
        ("products/acme-0/releases/latest", 4),
    ],
)
def test_query_count_does_not_depend_on_the_number_of_rows(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
    path: str,
    queries: int,
) -> None:
    for number in range(count):
        product = make_product(f"acme-{number}", category="app", tags=["x"])
        for name in range(count):
            make_cycle(product, str(name + 1), release="2025-01-01", latest="1.0")
    with django_assert_num_queries(queries):
        assert client.get(f"/api/v1/{path}").status_code == 200
