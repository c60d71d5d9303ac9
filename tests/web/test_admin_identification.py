"""Vendors, main identifiers, identifiers of cycles and version ranges: forms and pages."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client

from releases.admin.pages import admin_url
from releases.models import CycleIdentifier, Identifier, Product, ReleaseCycle
from releases.services.editing.roles import EDITOR
from tests.factories import make_cycle, make_product
from tests.web.admin_forms import FormData, open_form
from tests.web.logins import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def product() -> Product:
    product = make_product()
    product.identifiers.create(type="purl", value="pkg:pypi/django", main=True)
    product.identifiers.create(type="purl", value="pkg:deb/debian/python-django")
    make_cycle(product, latest="5.2.1")
    return product


@pytest.fixture
def editor() -> Client:
    return log_in(EDITOR)


def post(client: Client, row: Any, form: FormData, **changes: str) -> Any:
    sent = form | {name: [value] for name, value in changes.items()}
    return client.post(admin_url(type(row), "change", row.pk), sent)


def main() -> list[str]:
    return list(Identifier.objects.filter(main=True).values_list("value", flat=True))


def test_vendor_is_edited(editor: Client, product: Product) -> None:
    form = open_form(editor, admin_url(Product, "change", product.pk))
    vendor = {"vendor": "Django Software Foundation", "vendor_link": "https://example.org/"}
    assert post(editor, product, form, **vendor).status_code == 302
    html = Client().get("/django/").content.decode()
    assert "Django Software Foundation</a>" in html


def test_other_identifier_becomes_the_main_one(editor: Client, product: Product) -> None:
    """In either order of the rows."""
    form = open_form(editor, admin_url(Product, "change", product.pk))
    form.pop("identifiers-0-main")
    answer = post(editor, product, form, **{"identifiers-1-main": "on"})
    assert answer.status_code == 302
    assert main() == ["pkg:deb/debian/python-django"]
    form = open_form(editor, admin_url(Product, "change", product.pk))
    form.pop("identifiers-1-main")
    assert post(editor, product, form, **{"identifiers-0-main": "on"}).status_code == 302
    assert main() == ["pkg:pypi/django"]


def test_two_main_identifiers_are_refused(editor: Client, product: Product) -> None:
    form = open_form(editor, admin_url(Product, "change", product.pk))
    answer = post(editor, product, form, **{"identifiers-1-main": "on"})
    assert "Only one identifier can be the main one." in answer.content.decode()
    assert main() == ["pkg:pypi/django"]


def test_range_and_identifiers_of_a_cycle_are_edited(editor: Client, product: Product) -> None:
    cycle = product.cycles.get()
    form = open_form(editor, admin_url(ReleaseCycle, "change", cycle.pk))
    added = {
        "versions": "vers:pypi/<6.0|>=5.2",
        "identifiers-TOTAL_FORMS": "1",
        "identifiers-0-type": "cpe",
        "identifiers-0-value": "cpe:2.3:a:djangoproject:django:5.2",
    }
    assert post(editor, cycle, form, **added).status_code == 302
    cycle.refresh_from_db()
    assert cycle.versions == "vers:pypi/>=5.2|<6.0"
    assert CycleIdentifier.objects.get().value == "cpe:2.3:a:djangoproject:django:5.2"
    history = editor.get(admin_url(ReleaseCycle, "history", cycle.pk)).content.decode()
    assert "vers:pypi/" in history
    assert "cpe:2.3:a:djangoproject:django:5.2" in history


def test_invalid_range_is_refused_at_its_field(editor: Client, product: Product) -> None:
    cycle = product.cycles.get()
    form = open_form(editor, admin_url(ReleaseCycle, "change", cycle.pk))
    answer = post(editor, cycle, form, versions=">=5.2")
    assert answer.context["errors"] == [["Expected a version range such as vers:pypi/>=5.2|<5.3."]]
    assert "Expected a version range such as" in unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("purl", "django", "Expected a package URL such as pkg:pypi/django."),
        ("purl", "pkg:pypi", "Expected a package URL such as pkg:pypi/django."),
        ("cpe", "pkg:pypi/dj", "Expected a CPE name such as cpe:2.3:a:djangoproject:django."),
        ("cpe", "cpe:2.3:a:django", "Expected a CPE name such as cpe:2.3:a:djangoproject:django."),
    ],
)
def test_invalid_identifier_is_refused_at_its_field(
    editor: Client, product: Product, kind: str, value: str, message: str
) -> None:
    """Of a product and of a cycle."""
    for row, number in ((product, "2"), (product.cycles.get(), "0")):
        form = open_form(editor, admin_url(type(row), "change", row.pk))
        added = {
            "identifiers-TOTAL_FORMS": str(int(number) + 1),
            f"identifiers-{number}-type": kind,
            f"identifiers-{number}-value": value,
        }
        answer = post(editor, row, form, **added)
        assert message in unescape(answer.content.decode())
        assert not row.identifiers.filter(value=value).exists()


def test_other_forms_of_identifiers_are_kept(editor: Client, product: Product) -> None:
    """Repology has names of any form, and a source may have an identifier that is none."""
    product.identifiers.create(type="purl", value="django")
    form = open_form(editor, admin_url(Product, "change", product.pk))
    added = {
        "identifiers-TOTAL_FORMS": "4",
        "identifiers-3-type": "repology",
        "identifiers-3-value": "python:django",
    }
    assert post(editor, product, form, **added).status_code == 302
    assert product.identifiers.count() == 4
