"""The age of data in pages, badges, the API, plans and the stack check."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from releases.models import Product
from releases.services.imports.import_products import BUNDLED, import_products, product_files
from tests.conftest import ON
from tests.factories import make_cycle, make_product
from tests.web.texts import words_of

pytestmark = pytest.mark.django_db

AUGUST = date(2026, 8, 22)
WORDS = "No newer release known here; data as of 22 Aug 2026"


@pytest.fixture
def acme() -> Product:
    product = make_product("acme", label="Acme", checked_on=AUGUST)
    make_cycle(product, "2", release="2026-01-01", eol="2030", latest="2.5", latest_date=AUGUST)
    return product


def text_of(client: Client, address: str) -> str:
    return words_of(client.get(address).content.decode())


def messages(client: Client) -> list[str]:
    """Return the text about Acme 2.5 of each output."""
    verdict = client.get("/api/v2/products/acme/verdict?version=2.5").json()
    checked = client.post(
        "/api/v2/check", json.dumps({"of": ["acme:2.5"]}), content_type="application/json"
    ).json()
    return [
        text_of(client, "/acme/?version=2.5"),
        " ".join(verdict["headlines"]),
        " ".join(checked["items"][0]["headlines"]),
        text_of(client, "/stack/?of=acme:2.5"),
        client.get("/badges/acme.json?version=2.5").json()["message"],
    ]


def test_old_data_is_reported_everywhere(client: Client, acme: Product) -> None:
    assert all(WORDS[1:] in answer for answer in messages(client))


def test_fresh_data_is_not_reported(client: Client, acme: Product) -> None:
    Product.objects.update(checked_on=ON)
    page, *others = messages(client)
    assert "No need to upgrade. 2 gets support" in page
    for answer in others:
        assert "ou are up to date" in answer or "Nothing to do." in answer
    assert all("ata as of" not in answer for answer in (page, *others))


def test_data_age_is_relative_to_the_given_date(client: Client, acme: Product) -> None:
    Product.objects.update(checked_on=ON)
    later = ON + timedelta(days=400)
    assert "data as of 21 Nov 2026" in text_of(client, f"/acme/?version=2.5&on={later}")
    assert "Data as of" not in text_of(client, "/acme/?on=2024-01-01")


def test_pages_show_the_age_of_data(client: Client, acme: Product) -> None:
    for address in ("/acme/", "/acme/2/", "/upgrade/acme/?from=2&to=2"):
        assert "Data as of 22 Aug 2026: newer releases" in text_of(client, address)
    Product.objects.update(checked_on=None)
    assert "data as of 22 Aug 2026" in text_of(client, "/acme/")
    assert "checked" not in text_of(client, "/acme/")


def test_plans_contain_the_age_of_data(client: Client, acme: Product) -> None:
    plan = client.get("/upgrade/acme.json?from=2&to=2").json()
    assert (plan["data_as_of"], plan["data_is_old"]) == ("2026-08-22", True)
    checklist = client.get("/upgrade/acme.md?from=2&to=2").content.decode()
    assert "It is made from data as of 22 Aug 2026" in checklist


def test_api_contains_the_age_of_data(client: Client, acme: Product) -> None:
    product = client.get("/api/v2/products/acme").json()
    assert (product["checked_on"], product["data_as_of"]) == ("2026-08-22", "2026-08-22")
    verdict = client.get("/api/v2/products/acme/verdict?version=2.5").json()
    assert (verdict["data_as_of"], verdict["data_is_old"]) == ("2026-08-22", True)


def test_check_stack_command_prints_the_age_of_data(
    acme: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.identifiers.create(type="purl", value="pkg:pypi/acme")
    file = tmp_path / "requirements.txt"
    file.write_text("acme==2.5\n")
    out = StringIO()
    call_command("check_stack", str(file), stdout=out)
    assert WORDS in out.getvalue()


def test_import_without_a_check_date_shows_none(client: Client, tmp_path: Path) -> None:
    """A file with a check date shows that date."""
    django = (BUNDLED / "django.md").read_text()
    (tmp_path / "django.md").write_text(re.sub("checkedOn: .*\n", "", django))
    list(import_products(product_files([tmp_path, BUNDLED / "python.md"]), on=ON))
    addresses = ["/", "/?product=django", "/django/", "/django/5.2/", "/python/", "/python/3.14/"]
    pages = [text_of(client, address) for address in addresses]
    assert not [page for page in pages if re.search("check(ed)?:? 21 Nov 2026", page)]
    assert "checked 22 Aug 2026" in pages[4]
    assert "checked" not in pages[2]
    assert "data as of 3 Nov 2026" in pages[2]


def test_bundled_files_have_a_check_date() -> None:
    """It is neither in the future nor before the latest release of the product."""
    list(import_products(product_files([BUNDLED]), on=ON))
    for product in Product.objects.prefetch_related("cycles"):
        assert product.checked_on
        latest = [each.latest_date for each in product.cycles.all() if each.latest_date]
        assert max(latest) <= product.checked_on <= ON, product.name
