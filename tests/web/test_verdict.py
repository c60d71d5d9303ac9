"""The verdict on a version, on the page of its product."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases.models import Identifier, Product
from releases.services.imports.import_products import BUNDLED, import_products
from tests.conftest import ON
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def django() -> Product:
    list(import_products([BUNDLED / "django.md"], on=ON))
    return Product.objects.get()


def answer(client: Client, address: str) -> str:
    """The answer in words; empty where there is none."""
    html = client.get(address).content.decode()
    found = re.search(r'<section class="verdict.*?</section>', html, re.DOTALL)
    return " ".join(unescape(re.sub("<[^>]+>", " ", found[0])).split()) if found else ""


def test_the_form_alone(django: Product, client: Client) -> None:
    html = client.get("/django/").content.decode()
    assert '<input id="version" name="version" value="" maxlength="100"' in html
    assert 'placeholder="6.1.3"' in html
    assert 'class="verdict' not in html
    assert 'href="/upgrade/django/"' in html


def test_a_patch_is_to_be_taken(django: Product, client: Client) -> None:
    """In words with reasons, with the command, the plan and the address of the answer."""
    html = client.get("/django/?version=5.2.1").content.decode()
    assert "<span>Security fixes only</span> <span>Take the patch: 5.2.19</span>" in html
    assert "You are missing 14 security releases" in html
    assert "python -m pip install &quot;Django==5.2.19&quot;" in html
    assert '<a href="/upgrade/django/?from=5.2&amp;to=latest">Plan the upgrade to 6.1</a>' in html
    assert '<a href="/django/?version=5.2.1">Link to this answer</a>' in html
    assert "<title>Django 5.2.1: Security fixes only · Release Roadmap</title>" in html
    assert 'value="5.2.1"' in html


def test_two_ways_out(django: Product, client: Client) -> None:
    html = client.get("/django/?version=4.2").content.decode()
    assert ">Plan the upgrade to 6.1</a>" in html
    assert '<a href="/upgrade/django/?from=4.2&amp;to=lts">Plan the upgrade to 5.2</a>' in html


@pytest.mark.parametrize(
    "version", ["5.2.1", "v5.2.1", "Django==5.2.1", "%205.2.1%20", "django%205.2.1"]
)
def test_any_clothes(django: Product, client: Client, version: str) -> None:
    assert "Take the patch: 5.2.19" in answer(client, f"/django/?version={version}")


def test_as_of_another_day(django: Product, client: Client) -> None:
    """The day stays in the form and in all links."""
    html = client.get("/django/?version=5.2.1&on=2028-05-01").content.decode()
    assert "Upgrade now" in html
    assert '<input type="hidden" name="on" value="2028-05-01">' in html
    assert 'href="/django/?version=5.2.1&amp;on=2028-05-01"' in html


def test_not_known(django: Product, client: Client) -> None:
    """What was perhaps meant is a link to its answer."""
    html = client.get("/django/?version=5").content.decode()
    assert "Did you mean 5.2, 5.1 or 5.0?" in html
    assert '<a href="/django/?version=5.2">5.2</a>' in html
    assert "Plan the upgrade" not in html


def test_an_empty_field_is_no_question(django: Product, client: Client) -> None:
    response = client.get("/django/?version=%20&on=2028-01-01")
    assert response.status_code == 302
    assert response["Location"] == "/django/?on=2028-01-01"


@pytest.mark.parametrize(
    "version", ["<script>alert(1)</script>", '"><b>', "x" * 5000, "\x00", "😀"]
)
def test_hostile_versions(django: Product, client: Client, version: str) -> None:
    """Whatever is sent comes back as a text, and not at any length."""
    response = client.get("/django/", {"version": version})
    html = response.content.decode()
    assert response.status_code == 200
    assert "Not known here" in html
    assert "<script>alert" not in html
    assert "x" * 101 not in html


def test_a_device_is_not_upgraded(client: Client) -> None:
    product = make_product("phone", category="device")
    make_cycle(product, "2", release="2025-01-01")
    make_cycle(product, "1", release="2020-01-01", eol="2024-01-01")
    html = client.get("/phone/?version=1").content.decode()
    assert "I have" in html
    assert "Is it supported?" in html
    assert "No longer supported" in html
    assert "pgrade" not in html.partition('<div id="verdict">')[2].partition("</div>")[0]
    assert client.get("/upgrade/phone/").status_code == 404


def test_no_cycles_no_question(client: Client) -> None:
    make_product()
    assert "I run version" not in client.get("/django/").content.decode()


def test_no_command_of_what_a_shell_could_read(client: Client) -> None:
    product = make_product()
    Identifier.objects.create(product=product, type="purl", value="pkg:pypi/django")
    make_cycle(product, "1", release="2025-01-01", latest='1.1"; reboot')
    html = client.get("/django/?version=1.0").content.decode()
    assert "pip install" not in html


def test_query_budget(
    django: Product, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Those of the page, the former names of the cycles, and the releases."""
    with django_assert_num_queries(9):
        client.get("/django/?version=5.2.1")


def test_a_pin_is_one_release(django: Product, client: Client) -> None:
    """`==6.1` is 6.1.0, to which security releases are missing; 6.1 alone is any of the cycle."""
    pin = answer(client, "/django/?version=Django%3D%3D6.1")
    assert pin.startswith("Take the patch: 6.1.3")
    assert "You are missing 2 security releases" in pin
    assert answer(client, "/django/?version=6.1").startswith("You are up to date")


def test_a_line_that_has_ended(django: Product, client: Client) -> None:
    assert "stands for several release cycles of Django, and all of them have ended." in answer(
        client, "/django/?version=2"
    )


def test_a_line_that_has_not_ended_asks_which(django: Product, client: Client) -> None:
    said = answer(client, "/django/?version=5")
    assert said.startswith("Not known here")
    assert "Did you mean 5.2, 5.1 or 5.0?" in said


def test_a_version_older_than_everything_recorded(django: Product, client: Client) -> None:
    """It is out of support if the oldest recorded cycle is."""
    said = answer(client, "/django/?version=0.90")
    assert said.startswith("Upgrade now")
    assert "0.90 is older than every release of Django that is recorded here." in said
    make_cycle(make_product("acme"), "4", eol="2030-01-01")
    assert answer(client, "/acme/?version=3").startswith("Not known here 3 is older than every")


def test_text_that_nothing_explains(client: Client) -> None:
    """The nearest cycle is offered, and no answer is given for it."""
    make_cycle(make_product("iphone", label="Apple iPhone"), "16", eol="2030-01-01")
    said = answer(client, "/iphone/?version=iPhone+16f")
    assert said.startswith("Not known here")
    assert "Did you mean 16?" in said


def test_a_former_name_of_a_cycle(client: Client) -> None:
    make_cycle(make_product("acme"), "14", eol="2030-01-01", aliases=["fourteen"])
    assert "Acme 14 gets support until" in answer(client, "/acme/?version=fourteen")


@pytest.mark.parametrize("version", ["10.0.17763", "6.9.1", "9999"])
def test_cycles_that_are_not_called_by_their_releases(client: Client, version: str) -> None:
    """No version is older or newer than all of them, neither one that several of them have."""
    product = make_product("windows-server")
    for name in ("2019", "1809-sac"):
        make_cycle(product, name, eol="2020-01-01", latest="10.0.17763")
    make_cycle(product, "2016", eol="2030-01-01", latest="10.0.14393")
    said = answer(client, f"/windows-server/?version={version}")
    assert "older than" not in said
    assert "newer than" not in said
