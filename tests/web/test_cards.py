"""Cards: the PNG images of home, views, products and cycles, and the tags that name them."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import pytest
from django.conf import settings as django_settings
from django.test import Client
from PIL import Image
from pytest_django import DjangoAssertNumQueries, Settings

from releases import selectors
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Product
from releases.presentation import card
from releases.presentation.light_style import light_style, light_tokens
from releases.views import cards
from releases.web.load import card_places
from tests.conftest import ON
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

TOKENS = light_tokens((django_settings.BASE_DIR / "static/bars.css").read_text())
TODAY = RoadmapQuery(ON, ON)
Colour = tuple[int, int, int]


@pytest.fixture(autouse=True)
def django() -> Product:
    product = make_product("django", label="Django", featured=1, aliases=["dj"])
    make_cycle(product, "6.2", release="2027-04", eoas="2027-12", eol="2030-04", lts="yes")
    make_cycle(product, "6.1", release="2026-08-05", eoas="2027-04-30", eol="2027-12-31")
    make_cycle(product, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30", lts="yes")
    make_cycle(product, "5.1", release="2024-08-07", eoas="2025-04-02", eol="2025-12-03")
    return product


def colour(name: str) -> Colour:
    text = TOKENS[name].removeprefix("#")
    red, green, blue = (int(text[place : place + 2], 16) for place in (0, 2, 4))
    return red, green, blue


def picture(client: Client, path: str) -> Image.Image:
    response = client.get(path)
    assert response.status_code == 200
    image = Image.open(BytesIO(response.content))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    return image.convert("RGB")


def product_svg(name: str = "django") -> str:
    return card.product_card(selectors.product_page(name), TODAY)


def texts(svg: str) -> list[str]:
    """Return the texts of a card in order."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


# ---- the image -----------------------------------------------------------------------------------


def test_bars_have_their_colours_at_their_places(client: Client) -> None:
    """The window of the product is 2025 to 2030, the years of what has not ended."""
    image = picture(client, "/cards/django.png")
    window = date(2031, 1, 1) - date(2025, 1, 1)

    def at(day: date, row: int) -> Colour:
        x = card.plot_x((day - date(2025, 1, 1)) / window)
        y = card.ROWS_Y + card.ROW_HEIGHT * row + card.ROW_HEIGHT // 2
        found = image.getpixel((round(x), y))
        assert isinstance(found, tuple)
        return (found[0], found[1], found[2])

    assert at(date(2027, 2, 1), 0) == colour("--active")
    assert at(date(2025, 8, 1), 1) == colour("--active")
    stripes = {at(date(2026, 3, day), 1) for day in range(1, 31)}
    assert colour("--security") in stripes
    assert colour("--active") not in stripes
    assert at(ON, 0) == colour("--today")
    assert at(date(2029, 1, 1), 0) in (colour("--page"), colour("--band"))
    assert image.getpixel((5, 5)) == colour("--page")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/cards/django.png", ["6.1", "5.2 LTS", "6.2 LTS", "5.1"]),
        ("/cards/roadmap.png", ["Django 6.1", "Django 5.2", "Django 6.2", "Django 5.1"]),
    ],
)
def test_every_card_is_a_png(client: Client, path: str, expected: list[str]) -> None:
    picture(client, path)
    svg = product_svg() if "django" in path else card.view_card(TODAY)
    assert [each for each in texts(svg) if each in expected] == expected


def test_card_of_a_product_says_what_is_supported() -> None:
    found = texts(product_svg())
    assert found[:4] == [
        "Release Roadmap",
        "21 Nov 2026 (UTC)",
        "Django",
        "2 releases are supported, the last one until 30 Apr 2028.",
    ]
    assert {"2025", "2028", "Today", "31 Dec 2027", "Apr 2030"} <= set(found)
    assert "Security fixes only" in found


@pytest.mark.parametrize(
    ("cycles", "sentence"),
    [
        ([], "No release cycles yet."),
        ([{"release": "2030"}], "No release is supported yet."),
        ([{"release": "2020", "eol": "2021"}], "No release is supported any more."),
        ([{"release": "2020", "eol": "2030"}], "1 release is supported, until 2030."),
        ([{"release": "2020", "eol": "no"}], "1 release is supported."),
        (
            [{"release": "2020", "eol": "no"}, {"release": "2021", "eol": "2030"}],
            "2 releases are supported.",
        ),
    ],
)
def test_sentence_of_a_product_is_true(cycles: list[dict[str, str]], sentence: str) -> None:
    """No end is named if one of the releases has none."""
    product = make_product("other")
    for number, values in enumerate(cycles):
        make_cycle(product, str(number), **values)
    assert texts(product_svg("other"))[3] == sentence


def test_card_of_a_cycle_marks_it_among_those_around_it(django: Product) -> None:
    for number in range(6):
        make_cycle(django, f"4.{number}", release="2020", eol="2021")
    product = selectors.product_page("django")
    cycle = next(each for each in product.cycles.all() if each.name == "5.2")
    svg = card.cycle_card(product, cycle, TODAY)
    assert texts(svg)[2:4] == ["Django 5.2 LTS", "Security fixes until 30 Apr 2028, in 17 months."]
    assert re.findall(r'class="name"[^>]*>([^<]*)', svg) == ["5.2 LTS"]
    assert re.findall(r'class="(?:name|quiet)" x="56" y="[^"]*">([^<]*)', svg) == [
        *("6.2 LTS", "6.1", "5.2 LTS", "5.1", "4.0"),
    ]


def test_card_of_a_view_has_rows_of_each_product() -> None:
    python = make_product("python", label="Python")
    for name in ("3.14", "3.13", "3.12", "3.11"):
        make_cycle(python, name, release="2025", eol="2030")
    found = texts(card.view_card(TODAY))
    names = [each for each in found if each.startswith(("Django ", "Python "))]
    assert names == ["Django 6.1", "Django 5.2", "Django 6.2", "Python 3.14", "Python 3.13"]
    assert found[2:4] == ["Release roadmap", "6 releases are supported, 0 ending soon."]


@pytest.mark.parametrize(
    ("query", "title", "sentence"),
    [
        ({"product": ["django"]}, "Django", "2 releases are supported, 0 ending soon."),
        ({"lts": ["1"]}, "Release roadmap", "LTS: 1 product, 2 releases."),
        (
            {"pin": ["django:6.1", "django:5.2"]},
            "Django 6.1, Django 5.2",
            "Both are supported until 31 Dec 2027, when security fixes for Django 6.1 end.",
        ),
        ({"q": ["nothing"]}, "Release roadmap", "“nothing”: 0 products, 0 releases."),
    ],
)
def test_card_of_a_view_names_it(query: dict[str, list[str]], title: str, sentence: str) -> None:
    found = texts(card.view_card(RoadmapQuery.parse(query, ON)))
    assert found[2:4] == [title, sentence]


def test_card_of_another_day_names_the_day() -> None:
    svg = card.view_card(RoadmapQuery(ON, date(2028, 1, 1)))
    assert texts(svg)[1] == "Support as of 1 Jan 2028"
    assert "Today" not in texts(svg)
    assert 'class="on"' in svg


def test_long_names_are_shortened(client: Client, settings: Settings) -> None:
    """A cycle keeps its name, and its product gives way."""
    settings.SITE_NAME = "W" * 200
    product = make_product("long", label="Windows Server " * 10)
    make_cycle(product, "2016 " * 20, release="2026", eol="2030")
    svg = product_svg("long")
    site, _, title, *_ = texts(svg)
    assert len(site) == card.MAX_SITE_LETTERS
    assert title.endswith("…")
    assert 'font-size="38"' in svg
    make_cycle(make_product("server", label="Microsoft Windows Server"), "2016", release="2026")
    assert "Microsoft… 2016" in texts(card.view_card(RoadmapQuery(ON, ON, products=("server",))))
    picture(client, "/cards/long.png")


def test_shortened_name_keeps_the_version() -> None:
    """The LTS label goes first."""
    product = make_product("server", label="Microsoft Windows Server")
    make_cycle(product, "2025", label="Windows Server 2025", release="2025", lts="yes")
    make_cycle(product, "11", label="v11", release="2024", lts="yes")
    assert {"Windows Se… 2025", "v11 LTS"} <= set(texts(product_svg("server")))


@pytest.mark.parametrize(
    "label",
    [
        "</text><script>alert(1)</script>",
        '"><image href="file:///etc/passwd"/>',
        "&#0; ]]> \x00\x1f\ufffe",
        "漢字かな",
        "العربية Ж ☃ 👩‍👩‍👧",
        "a\u0301" * 50,
    ],
)
def test_hostile_and_foreign_names_are_text(client: Client, django: Product, label: str) -> None:
    """Letters that the font lacks are boxes; the card has no element more than usual."""
    elements = sorted(re.findall(r"<([a-z]+)", product_svg()))
    Product.objects.filter(pk=django.pk).update(label=label.replace("\x00", "\x01"))
    assert sorted(re.findall(r"<([a-z]+)", product_svg())) == elements
    assert colour("--text") in _colours(picture(client, "/cards/django.png"))


def _colours(image: Image.Image) -> set[object]:
    """Return the colours of the title of a card."""
    title = image.crop((56, 100, 1144, 190))
    return {pixel for _, pixel in title.getcolors(100_000) or []}


# ---- the style -----------------------------------------------------------------------------------


def test_style_is_that_of_the_pages_without_what_the_renderer_lacks() -> None:
    for word in ("var(", "light-dark", "@", ":is", ":root", "/*"):
        assert word not in card.STYLE
    assert f".bar.active, .ragged.active {{ fill: {TOKENS['--active']};" in card.STYLE
    assert ".ended .bar, .ended .ragged { fill: none;" in card.STYLE
    assert "CanvasText" not in card.STYLE


def test_style_with_an_unknown_variable_is_an_error() -> None:
    with pytest.raises(KeyError):
        light_style("a { fill: var(--none); }")


# ---- the response --------------------------------------------------------------------------------


def test_other_sites_may_show_cards(client: Client) -> None:
    response = client.get("/cards/django/5.2.png")
    assert response["Content-Type"] == "image/png"
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors *"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "X-Frame-Options" not in response


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/cards/dj.png?on=2028-01-01", "/cards/django.png?on=2028-01-01"),
        ("/cards/dj/5.2.png", "/cards/django/5.2.png"),
    ],
)
def test_alias_redirects(client: Client, path: str, target: str) -> None:
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (301, target)


@pytest.mark.parametrize("path", ["/cards/nope.png", "/cards/django/9.png", "/cards/nope/1.png"])
def test_unknown_names_are_404(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "queries"),
    [("/cards/roadmap.png", 8), ("/cards/django.png", 7), ("/cards/django/5.2.png", 7)],
)
def test_query_budgets(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    path: str,
    queries: int,
) -> None:
    with django_assert_num_queries(queries):
        client.get(path)


def test_cards_are_cached_by_what_they_show(client: Client) -> None:
    """Parameters that a card does not show make no other card."""
    assert set(cards.roadmap_card.page_parameters) == set(cards.VIEW_PARAMETERS)  # type: ignore[attr-defined]
    assert cards.product_card.page_parameters == {"on"}  # type: ignore[attr-defined]
    assert client.get("/cards/django.png?from=x&page=x").status_code == 200


def test_only_some_cards_are_drawn_at_a_time(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are refused at once, and none of the places is lost."""
    for _ in range(3):
        monkeypatch.setattr(card, "png", _out_of_memory)
        with pytest.raises(MemoryError):
            client.get("/cards/django.png")
    monkeypatch.undo()
    held = 0
    while card_places.acquire(blocking=False):
        held += 1
    try:
        refused = client.get("/cards/django.png")
    finally:
        for _ in range(held):
            card_places.release()
    assert held >= 1
    assert (refused.status_code, refused["Retry-After"]) == (503, "1")
    assert client.get("/cards/django.png").status_code == 200


def _out_of_memory(svg: str) -> bytes:
    raise MemoryError


# ---- the tags ------------------------------------------------------------------------------------


def tags(client: Client, path: str) -> dict[str, str]:
    html = client.get(path).text
    return dict(re.findall(r'<meta (?:property|name)="([a-z_:]+)" content="([^"]*)">', html))


@pytest.mark.parametrize(
    ("path", "page", "image"),
    [
        ("/", "/", "/cards/roadmap.png"),
        ("/?lts=1&product=django&x=1", "/?product=django&amp;lts=1", None),
        ("/?all=django&on=bad", "/?all=django", "/cards/roadmap.png"),
        ("/django/?from=2020-01", "/django/", "/cards/django.png"),
        ("/django/?on=2028-01-01", "/django/?on=2028-01-01", "/cards/django.png?on=2028-01-01"),
        ("/django/5.2/", "/django/5.2/", "/cards/django/5.2.png"),
        ("/upgrade/django/", "/upgrade/django/", "/cards/django.png"),
        ("/check/", "/check/", "/cards/roadmap.png"),
    ],
)
def test_pages_name_their_card(client: Client, path: str, page: str, image: str | None) -> None:
    """Addresses are absolute and in a normal form, and each card exists."""
    found, host = tags(client, path), "http://testserver"
    assert found["og:url"] == host + page
    image = image or "/cards/roadmap.png" + page.removeprefix("/")
    assert found["og:image"] == found["twitter:image"] == host + image
    picture(client, image.replace("&amp;", "&"))


def test_titles_of_the_tags_are_those_of_the_page(client: Client, django: Product) -> None:
    django.label = '"Dj" <b>'
    django.save()
    html, found = client.get("/django/").text, tags(client, "/django/")
    title = re.findall(r"<title>([^<]*)</title>", html)
    assert [found["og:title"]] == [found["twitter:title"]] == title
    assert title[0].startswith("&quot;Dj&quot; &lt;b&gt;")
    assert found["og:description"] == found["description"] == found["twitter:description"]
    assert found["twitter:card"] == "summary_large_image"
    assert found["og:image:alt"].endswith(title[0])
    assert (found["og:image:width"], found["og:image:height"]) == ("1200", "630")


def test_page_that_does_not_exist_has_no_card(client: Client) -> None:
    assert "og:image" not in tags(client, "/nope/")
