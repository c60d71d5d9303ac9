"""The recommendation for a version on the page of its product."""

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
from tests.web.texts import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def django() -> Product:
    list(import_products([BUNDLED / "django.md"], on=ON))
    return Product.objects.get()


def recommendation(client: Client, address: str) -> str:
    """Return the recommendation as text, or an empty string."""
    html = client.get(address).content.decode()
    found = re.search(r'<section class="card answer".*?</section>', html, re.DOTALL)
    return words_of(found[0]) if found else ""


def headline(client: Client, address: str) -> str:
    """Return the headline of the recommendation."""
    html = client.get(address).content.decode()
    return unescape(html.partition('<h2 id="headline">')[2].partition("</h2>")[0])


def test_form_without_a_version(django: Product, client: Client) -> None:
    html = client.get("/django/").content.decode()
    assert '<input id="version" name="version" value="" maxlength="100"' in html
    assert 'placeholder="6.1.3"' in html
    assert 'class="card answer"' not in html
    assert 'href="/upgrade/django/"' in html


def test_missing_patch(django: Product, client: Client) -> None:
    """The recommendation has reasons, an install command, a plan and a permalink."""
    html = client.get("/django/?version=5.2.1").content.decode()
    assert headline(client, "/django/?version=5.2.1") == (
        "No need to upgrade. Install the patch 5.2.19."
    )
    assert "You are missing 14 security releases" in html
    assert "python -m pip install &quot;Django==5.2.19&quot;" in html
    assert '<a href="/upgrade/django/?from=5.2&amp;to=latest">Plan an upgrade to 6.1</a>' in html
    assert '<a href="/django/?version=5.2.1">Link to this answer</a>' in html
    assert "<title>Django 5.2.1: No need to upgrade · Release Roadmap</title>" in html
    assert 'value="5.2.1"' in html


def test_plans_to_latest_and_lts(django: Product, client: Client) -> None:
    html = client.get("/django/?version=4.2").content.decode()
    assert ">Plan an upgrade to 6.1</a>" in html
    assert '<a href="/upgrade/django/?from=4.2&amp;to=lts">Plan an upgrade to 5.2</a>' in html


@pytest.mark.parametrize(
    "version", ["5.2.1", "v5.2.1", "Django==5.2.1", "%205.2.1%20", "django%205.2.1"]
)
def test_version_spellings(django: Product, client: Client, version: str) -> None:
    assert "Install the patch 5.2.19." in recommendation(client, f"/django/?version={version}")


def test_recommendation_as_of_another_date(django: Product, client: Client) -> None:
    """The date is kept in the form and in all links."""
    html = client.get("/django/?version=5.2.1&on=2028-05-01").content.decode()
    assert headline(client, "/django/?version=5.2.1&on=2028-05-01") == (
        "Yes. Support ended on 30 Apr 2028."
    )
    assert "<title>Django 5.2.1: Yes. Support ended on 30 Apr 2028 ·" in html
    assert '<input type="hidden" name="on" value="2028-05-01">' in html
    assert 'href="/django/?version=5.2.1&amp;on=2028-05-01"' in html


def test_unknown_version_has_suggestions(django: Product, client: Client) -> None:
    """Each suggestion links to its recommendation."""
    html = client.get("/django/?version=5").content.decode()
    assert "Did you mean 5.2, 5.1 or 5.0?" in html
    assert '<a href="/django/?version=5.2">5.2</a>' in html
    assert "Plan an upgrade to" not in html


def test_blank_version_is_removed_by_a_redirect(django: Product, client: Client) -> None:
    response = client.get("/django/?version=%20&on=2028-01-01")
    assert response.status_code == 302
    assert response["Location"] == "/django/?on=2028-01-01"


@pytest.mark.parametrize(
    "version", ["<script>alert(1)</script>", '"><b>', "x" * 5000, "\x00", "😀"]
)
def test_hostile_versions_are_escaped(django: Product, client: Client, version: str) -> None:
    """Long values are shortened."""
    response = client.get("/django/", {"version": version})
    html = response.content.decode()
    assert response.status_code == 200
    assert "Not known here" in html
    assert "<script>alert" not in html
    assert "x" * 101 not in html


def test_device_is_not_upgraded(client: Client) -> None:
    product = make_product("phone", category="device")
    make_cycle(product, "2", release="2025-01-01")
    make_cycle(product, "1", release="2020-01-01", eol="2024-01-01")
    html = client.get("/phone/?version=1").content.decode()
    assert "Which version do you have?" in " ".join(html.split())
    assert headline(client, "/phone/?version=1") == "No longer supported."
    assert "pgrade" not in recommendation(client, "/phone/?version=1")
    assert "Plan an" not in html
    assert client.get("/upgrade/phone/").status_code == 404


def test_product_without_cycles_has_no_form(client: Client) -> None:
    make_product()
    html = client.get("/django/").content.decode()
    assert "Which version do you" not in html
    assert "Plan an" not in html


def test_no_install_command_with_shell_characters(client: Client) -> None:
    product = make_product()
    Identifier.objects.create(product=product, type="purl", value="pkg:pypi/django")
    make_cycle(product, "1", release="2025-01-01", latest='1.1"; reboot')
    html = client.get("/django/?version=1.0").content.decode()
    assert "pip install" not in html


def test_query_budget(
    django: Product, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The queries of the page, the former names of cycles, and the releases."""
    with django_assert_num_queries(9):
        client.get("/django/?version=5.2.1")


def test_pinned_version_is_a_single_release(django: Product, client: Client) -> None:
    """`==6.1` means 6.1.0, which lacks security releases; 6.1 means any release of the cycle."""
    pin = recommendation(client, "/django/?version=Django%3D%3D6.1")
    assert headline(client, "/django/?version=Django%3D%3D6.1") == (
        "No need to upgrade. Install the patch 6.1.3."
    )
    assert "You are missing 2 security releases" in pin
    assert headline(client, "/django/?version=6.1") == (
        "No need to upgrade. 6.1 gets support until 31 Dec 2027."
    )


def test_major_version_whose_cycles_have_ended(django: Product, client: Client) -> None:
    assert (
        "stands for several release cycles of Django, and all of them have ended."
        in recommendation(client, "/django/?version=2")
    )


def test_major_version_with_supported_cycles_has_suggestions(
    django: Product, client: Client
) -> None:
    text = recommendation(client, "/django/?version=5")
    assert "Not known here." in text
    assert "Did you mean 5.2, 5.1 or 5.0?" in text


def test_version_older_than_all_recorded_ones(django: Product, client: Client) -> None:
    """It is unsupported if the oldest recorded cycle is."""
    text = recommendation(client, "/django/?version=0.90")
    assert headline(client, "/django/?version=0.90") == "Yes. Support has ended."
    assert "0.90 is older than every release of Django that is recorded here." in text
    make_cycle(make_product("acme"), "4", eol="2030-01-01")
    assert "Not known here. 3 is older than every" in recommendation(client, "/acme/?version=3")


def test_unexplained_text_has_a_suggestion(client: Client) -> None:
    """The nearest cycle is suggested without a recommendation."""
    make_cycle(make_product("iphone", label="Apple iPhone"), "16", eol="2030-01-01")
    text = recommendation(client, "/iphone/?version=iPhone+16f")
    assert "Not known here." in text
    assert "Did you mean 16?" in text


def test_former_name_of_a_cycle(client: Client) -> None:
    make_cycle(make_product("acme"), "14", eol="2030-01-01", aliases=["fourteen"])
    assert "Acme 14 gets support until" in recommendation(client, "/acme/?version=fourteen")


@pytest.mark.parametrize("version", ["10.0.17763", "6.9.1", "9999"])
def test_release_numbers_that_are_unrelated_to_cycle_names(client: Client, version: str) -> None:
    """No version is called older or newer than all of them."""
    product = make_product("windows-server")
    for name in ("2019", "1809-sac"):
        make_cycle(product, name, eol="2020-01-01", latest="10.0.17763")
    make_cycle(product, "2016", eol="2030-01-01", latest="10.0.14393")
    text = recommendation(client, f"/windows-server/?version={version}")
    assert "older than" not in text
    assert "newer than" not in text
