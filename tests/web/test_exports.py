"""Roadmap exports as image, table and data: contents, headers and query counts."""

from __future__ import annotations

import csv
import json
from base64 import b64encode
from datetime import date
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases.formats.tables import CATALOGUE_COLUMNS, FORMER_COLUMNS, ROADMAP_COLUMNS
from releases.models import Product
from releases.presentation.image import plot_width, plot_x, shorten
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

BASE = Path(__file__).resolve().parent.parent.parent
SVG = "{http://www.w3.org/2000/svg}"
IMAGES = ["/roadmap.svg", "/django.svg"]
EXPORTS = [*IMAGES, "/roadmap.csv", "/roadmap.json"]


@pytest.fixture
def django() -> Product:
    product = make_product("django", label="Django", aliases=["djang"])
    make_cycle(product, "6.2", release="2027-04", eoas="2027-12", eol="2030-04", lts="yes")
    make_cycle(product, "6.1", release="2026-08-05", eoas="2027-04-30", eol="2027-12-31")
    make_cycle(
        product,
        "5.2",
        release="2025-04-02",
        eoas="2025-12-03",
        eol="2028-04-30",
        lts="yes",
        latest="5.2.19",
        latest_date=date(2026, 11, 4),
    )
    make_cycle(product, "5.1", release="2024-08-07", eoas="2025-04-02", eol="2025-12-03")
    make_cycle(product, "5.0", release="2023-12-04", eoas="2024-08-07", eol="2025-04-02")
    return product


def image(client: Client, path: str) -> ET.Element:
    response = client.get(path)
    assert response.status_code == 200
    return ET.fromstring(response.content)


def texts(element: ET.Element, kind: str) -> list[str]:
    """Return the content of the text elements with this class."""
    found = element.iter(f"{SVG}text")
    return ["".join(each.itertext()) for each in found if kind in each.get("class", "").split()]


def shapes(element: ET.Element, tag: str, kind: str) -> list[ET.Element]:
    return [each for each in element.iter(SVG + tag) if kind in each.get("class", "").split()]


def milestone_text(element: ET.Element) -> str:
    return element.findtext(f"{SVG}desc") or ""


def data(client: Client, path: str) -> dict[str, Any]:
    response = client.get(path)
    assert response.status_code == 200
    found: dict[str, Any] = json.loads(response.content)
    return found


def table(client: Client, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert response.status_code == 200
    return list(csv.DictReader(response.content.decode().splitlines()))


def test_plot_geometry() -> None:
    """Fractions of the window map to a plot of fixed width."""
    assert [plot_x(0), plot_x(0.5), plot_x(1), plot_width(0.25)] == [396, 670, 944, 137]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5.2", "5.2"),
        ("12345678", "12345678"),
        ("123456789", "1234567…"),
        ("長期支援版本", "長期支…"),
    ],
)
def test_long_texts_are_shortened(text: str, expected: str) -> None:
    assert shorten(text, 8) == expected


def test_roadmap_image(client: Client, django: Product) -> None:
    """It has the rows of the page with bars, axis, today's line and a text description."""
    found = image(client, "/roadmap.svg")
    assert found.get("viewBox") == f"0 0 960 {found.get('height')}"
    assert found.get("role") == "img"
    assert found.findtext(f"{SVG}title") == "Release roadmap, Jan 2024 to Dec 2030"
    assert texts(found, "heading") == ["Django4 of 5 shown"]
    assert texts(found, "name") == ["6.1", "5.2", "6.2", "5.1"]
    assert texts(found, "status") == ["● Active", "▲ Security only", "◌ Planned", "✕ End of life"]
    assert texts(found, "tick-label") == [str(year) for year in range(2024, 2031)]
    assert texts(found, "today-label") == ["Today"]
    assert (
        "Django 5.2 (LTS): Security fixes only, 17 months left, until 30 Apr 2028.\n"
        in milestone_text(found)
    )
    active = shapes(found, "rect", "active")[0]
    assert (active.get("x"), active.get("width")) == ("598.96", "57.65")
    (today,) = shapes(found, "line", "now")
    assert today.get("x1") == "622.1"
    assert not shapes(found, "line", "on")


def test_product_image(client: Client, django: Product) -> None:
    """Rows and window are those of the product page."""
    found = image(client, "/django.svg")
    assert found.findtext(f"{SVG}title") == "Django: release roadmap, Jan 2025 to Dec 2030"
    assert texts(found, "name") == ["6.1", "5.2", "6.2", "5.1"]


def test_product_image_has_the_rows_of_the_roadmap(client: Client) -> None:
    """Planned cycles come in the order of their dates; what ended long ago is left out."""
    product = make_product()
    make_cycle(product, "5", release="2028-04")
    make_cycle(product, "4", release="2027-04")
    make_cycle(product, "3", release="2025-04-02", eol="2028-04-30")
    make_cycle(product, "2", release="2020-01-01", eol="2022-01-01")
    make_cycle(product, "1", release="2020-01-01", eol="2024-01-01")
    assert texts(image(client, "/django.svg"), "name") == ["3", "4", "5"]
    product.cycles.filter(name__in="345").delete()
    assert texts(image(client, "/django.svg"), "name") == ["1"]


def test_image_as_of_another_date_has_a_second_line(client: Client, django: Product) -> None:
    """The date is marked next to today, and every status is as of that date."""
    found = image(client, "/django.svg?on=2028-05-01&from=2026-01")
    assert len(shapes(found, "line", "on")) == len(shapes(found, "line", "now")) == 1
    assert texts(found, "line-label") == ["1 May 2028", "Today"]
    assert texts(found, "caption") == ["Support as of 1 May 2028"]
    assert "Django 5.2 (LTS): End of life since 30 Apr 2028." in milestone_text(found)


def test_image_has_the_marks_of_the_page(client: Client) -> None:
    """Continues outside the window, no end announced, approximate, ended on an unknown date."""
    product = make_product()
    make_cycle(product, "5", release="2027-04", eol="2035-01-01")
    make_cycle(product, "4", release="2020-01-01", eol="no")
    make_cycle(product, "3", release="2025-01-01", eol="yes", discontinued="2026-01-01")
    found = image(client, "/roadmap.svg?all=django")
    uses = {each.get("href") for each in found.iter(f"{SVG}use")}
    assert uses == {
        "#goes-on",
        "#ragged-start",
        "#ragged-end",
        "#straight",
        "#discontinued",
        "#unknown-end",
    }
    ids = {f"#{each.get('id')}" for each in found.iter() if each.get("id")}
    assert uses < ids


def test_image_with_pins_and_groups(client: Client, django: Product) -> None:
    """Pinned rows come first with their common support period; headings follow the grouping."""
    found = image(client, "/roadmap.svg?pin=django:5.2&pin=django:6.1&group=status")
    assert texts(found, "heading") == [
        "ComparedBoth are supported until 31 Dec 2027, when security fixes for Django 6.1 end.",
        "Planned",
        "Active",
        "Security only",
    ]
    assert texts(found, "name")[:3] == ["Django 5.2", "Django 6.1", "Django 6.2"]
    assert len(shapes(found, "rect", "shade")) == 1
    found = image(client, "/roadmap.svg?pin=django:5.2&group=none")
    assert texts(found, "heading") == ["Compared", "All releases"]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("/roadmap.svg?q=nothing", "No release matches."), ("/acme.svg", "No release cycles yet.")],
)
def test_image_without_rows_says_so(client: Client, path: str, sentence: str) -> None:
    """The sentence is visible and in the description."""
    make_product("acme")
    found = image(client, path)
    assert sentence in milestone_text(found)
    assert sentence in texts(found, "quiet")


@pytest.mark.parametrize("path", ["/roadmap.svg?all=evil", "/evil.svg"])
def test_hostile_names_are_escaped(client: Client, path: str) -> None:
    """The image stays well-formed for every name."""
    label = "<script>alert(1)</script> ]]> &amp; \"'"
    product = make_product("evil", label=f"{label}\x0b\x1f\ufffe")
    make_cycle(product, "1", label="</text></svg><b>", latest="&\x02<", release="2026-01-01")
    make_cycle(product, "2", label="W" * 400, release="2026-01-01", eol="2027-01-01")
    found = image(client, path)
    assert label in milestone_text(found)
    assert texts(found, "name")[1] == "W" * 23 + "…"
    assert not list(found.iter(f"{SVG}script"))


@pytest.mark.parametrize("path", IMAGES)
def test_image_can_be_embedded_anywhere(client: Client, django: Product, path: str) -> None:
    """It contains no scripts, and the policy allows exactly its style by hash."""
    response = client.get(path)
    style = ET.fromstring(response.content).findtext(f"{SVG}style") or ""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors *"
    assert response["Content-Security-Policy"] == policy
    assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert "X-Frame-Options" not in response


@pytest.mark.parametrize("path", EXPORTS)
def test_export_is_readable_cross_origin(client: Client, django: Product, path: str) -> None:
    response = client.get(path)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Vary" not in response or "Cookie" not in response["Vary"]
    assert not response.cookies


@pytest.mark.parametrize("path", EXPORTS)
def test_export_is_read_only(client: Client, django: Product, path: str) -> None:
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


def test_alias_redirects_to_the_product_image(client: Client, django: Product) -> None:
    response = client.get("/djang.svg?on=2028-01-01")
    assert response.status_code == 301
    assert response["Location"] == "/django.svg?on=2028-01-01"


def test_unknown_product_has_no_image(client: Client) -> None:
    assert client.get("/nope.svg").status_code == 404


def test_csv_export(client: Client, django: Product) -> None:
    """It has one row per cycle, and milestones in the text format of the admin form."""
    response = client.get("/roadmap.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'inline; filename="roadmap.csv"'
    assert response.content.decode().splitlines() == [
        "product,cycle,label,status,ends_soon,lts,released,active_until,security_until,"
        "extended_until,latest,latest_date,"
        "name,codename,maintained,unconfirmed,release,eoas,eol,eoes,discontinued",
        "django,6.1,6.1,active,no,,2026-08-05,2027-04-30,2027-12-31,,,,"
        "6.1,,yes,no,2026-08-05,2027-04-30,2027-12-31,,",
        "django,5.2,5.2 (LTS),security,no,yes,2025-04-02,2025-12-03,2028-04-30,,5.2.19,2026-11-04,"
        "5.2,,yes,no,2025-04-02,2025-12-03,2028-04-30,,",
        "django,6.2,6.2 (LTS),planned,no,yes,2027-04,2027-12,2030-04,,,,"
        "6.2,,yes,no,2027-04,2027-12,2030-04,,",
        "django,5.1,5.1,eol,no,,2024-08-07,2025-04-02,2025-12-03,,,,"
        "5.1,,no,no,2024-08-07,2025-04-02,2025-12-03,,",
    ]


def test_former_column_names_are_kept(client: Client, django: Product) -> None:
    """They have the values of the new columns and stay at their positions."""
    assert ROADMAP_COLUMNS[1] == "cycle"
    former = FORMER_COLUMNS.keys() & set(ROADMAP_COLUMNS)
    assert former == FORMER_COLUMNS.keys() - {"title"}
    for row in table(client, "/roadmap.csv?all=django"):
        assert all(row[name] == row[FORMER_COLUMNS[name]] for name in former)


def test_exports_use_the_names_of_api_v2(client: Client, django: Product) -> None:
    """Fields with the same name have the same value as in API v2."""
    make_cycle(django, "4.2", release="2023-04-03", eol="yes", eoes="2027-Q2", unconfirmed=True)
    of_api = {each["name"]: each for each in data(client, "/api/v2/cycles?limit=100")["items"]}
    (product,) = data(client, "/roadmap.json?all=django")["products"]
    other = {"label", "latest"}  # they keep their former meaning until the former names are removed
    for cycle in product["cycles"]:
        expected = of_api[cycle["name"]]
        shared = (cycle.keys() & expected.keys()) - other - {"lts"}
        assert shared >= {"milestones", "status", "codename", "maintained", "unconfirmed"}
        assert {name: cycle[name] for name in shared} == {name: expected[name] for name in shared}
    rows = {each["name"]: each for each in table(client, "/roadmap.csv?all=django")}
    assert rows.keys() == of_api.keys()
    assert set(of_api["4.2"]["milestones"]) <= rows["4.2"].keys()
    assert (rows["4.2"]["eol"], rows["4.2"]["eoes"]) == ("yes", "2027-Q2")


def test_documentation_lists_every_column() -> None:
    """It also says how long the former names are kept."""
    text = (BASE / "docs" / "exports.md").read_text()
    for name in {*ROADMAP_COLUMNS, *CATALOGUE_COLUMNS}:
        assert f"`{name}`" in text, name
    assert "30 June 2027" in text


def test_csv_contains_each_cycle_once(client: Client, django: Product) -> None:
    """Pinned cycles come first, in the order of the roadmap."""
    rows = table(client, "/roadmap.csv?pin=django:5.2&pin=django:5.0&group=none&sort=-release")
    assert [row["cycle"] for row in rows] == ["5.2", "5.0", "6.2", "6.1"]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_escapes_formulas(client: Client, first: str) -> None:
    """A spreadsheet shows the value as text."""
    make_cycle(make_product(), "1", latest=f'{first}HYPERLINK("http://x")')
    text = client.get("/roadmap.csv").content.decode()
    _, row = csv.reader(StringIO(text, newline=""))
    assert row[ROADMAP_COLUMNS.index("latest")] == f'\'{first}HYPERLINK("http://x")'


def test_json_export(client: Client, django: Product) -> None:
    found = data(client, "/roadmap.json?status=security&on=2028-02-01&product=django&page=7")
    (product,) = found.pop("products")
    assert found == {
        "on": "2028-02-01",
        "from": "2026-01",
        "to": "2032-12",
        "page": 1,
        "pages": 1,
        "problems": [],
        "pinned": [],
    }
    cycles = product.pop("cycles")
    assert product == {"name": "django", "label": "Django", "total": len(cycles)}
    assert cycles[-1] == {
        "product": "django",
        "name": "5.2",
        "cycle": "5.2",
        "label": "5.2 (LTS)",
        "codename": None,
        "status": "security",
        "ends_soon": True,
        "maintained": True,
        "unconfirmed": False,
        "milestones": {
            "release": {
                "date": "2025-04-02",
                "precision": "day",
                "flag": None,
                "reached": True,
            },
            "lts": {"date": None, "precision": None, "flag": True, "reached": True},
            "eoas": {"date": "2025-12-03", "precision": "day", "flag": None, "reached": True},
            "eol": {"date": "2028-04-30", "precision": "day", "flag": None, "reached": False},
            "eoes": None,
            "discontinued": None,
        },
        "lts": True,
        "released": {"date": "2025-04-02", "precision": "day"},
        "active_until": {"date": "2025-12-03", "precision": "day"},
        "security_until": {"date": "2028-04-30", "precision": "day"},
        "extended_until": None,
        "latest": "5.2.19",
        "latest_date": "2026-11-04",
    }
    assert cycles[0]["released"] == {"date": "2027-04-30", "precision": "month"}


def test_json_export_without_grouping(client: Client, django: Product) -> None:
    """Each product occurs once, in the order of its first row; pinned cycles are separate."""
    make_cycle(make_product("python"), "3.14", release="2025-10-07", eol="2030-10-31")
    found = data(client, "/roadmap.json?group=none&sort=-eol&pin=django:5.0")
    names = [
        (each["name"], each["total"], [cycle["cycle"] for cycle in each["cycles"]])
        for each in found["products"]
    ]
    assert names == [("python", 1, ["3.14"]), ("django", 3, ["6.2", "5.2", "6.1"])]
    assert [cycle["cycle"] for cycle in found["pinned"]] == ["5.0"]


def test_unknown_names_are_reported(client: Client, django: Product) -> None:
    """They match nothing, and the data lists them."""
    query = "?product=nope&pin=django:9"
    problems = data(client, f"/roadmap.json{query}")["problems"]
    assert {each["name"] for each in problems} == {"product", "pin"}
    assert all(each["message"].startswith("There is no") for each in problems)
    assert len(table(client, f"/roadmap.csv{query}")) == 0
    assert len(texts(image(client, f"/roadmap.svg{query}"), "name")) == 0
    assert len(texts(image(client, f"/django.svg{query}"), "name")) == 4


@pytest.mark.parametrize("path", ["/roadmap.svg", "/roadmap.csv", "/roadmap.json"])
@pytest.mark.parametrize("count", [3, 30])
def test_query_budget(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, path: str, count: int
) -> None:
    """The count does not depend on the number of products; pins add one query."""
    for number in range(count):
        product = make_product(f"p{number}", category="os", tags=["linux"])
        make_cycle(product, "1", release="2026-01-01", eol="2027-01-01")
    # filter choices, categories and tags, counts, next release, pinned cycles, number of products,
    # products of the page, their cycles, releases
    with django_assert_num_queries(9):
        client.get(f"{path}?pin=p1:1&tag=linux")
    # the same without grouping: number of rows, rows, releases
    with django_assert_num_queries(8):
        client.get(f"{path}?pin=p1:1&tag=linux&group=status")


def test_query_budget_of_a_product(
    client: Client, django: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # product with category, tags, aliases, custom fields, identifiers, cycles, releases
    with django_assert_num_queries(7):
        client.get("/django.svg")
