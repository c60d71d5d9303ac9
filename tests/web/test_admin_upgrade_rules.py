"""Upgrade rules in the admin: the section of a product's form, its history and the filter."""

from __future__ import annotations

import pytest
from django.test import Client

from releases.models import Product
from tests.factories import make_cycle, make_product
from tests.web.admin_forms import open_form

pytestmark = pytest.mark.django_db


def address(product: Product) -> str:
    return f"/admin/releases/product/{product.pk}/change/"


def test_rule_is_edited_in_the_form_and_recorded(admin_client: Client) -> None:
    product = make_product()
    for name in ("3", "2", "1"):
        make_cycle(product, name, release="2020-01-01")
    assert "Upgrade rule" in admin_client.get(address(product)).content.decode()
    sent = open_form(admin_client, address(product)) | {
        "rule_kind": "each-cycle",
        "rule_summary": "One by one.",
    }
    assert admin_client.post(address(product), sent).status_code == 302
    product.refresh_from_db()
    assert product.rule_kind == "each-cycle"
    assert product.history.first().rule_kind == "each-cycle"
    html = admin_client.get("/upgrade/django/?from=1").content.decode()
    assert "One by one." in html
    assert 'id="step-2"' in html


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rule_kind": "any", "rule_paths": "x"}, "expected a target and its sources"),
        ({"rule_summary": "x"}, "A rule has a kind"),
        ({"rule_kind": "any", "rule_guide": "javascript:alert(1)"}, "Enter a valid URL."),
    ],
)
def test_bad_rule_is_refused_at_its_field(
    admin_client: Client, values: dict[str, str], message: str
) -> None:
    product = make_product()
    sent = open_form(admin_client, address(product)) | values
    response = admin_client.post(address(product), sent)
    assert response.status_code == 200
    assert message in response.content.decode()


def test_list_filters_by_rule(admin_client: Client) -> None:
    make_product("with", label="With a rule", rule_kind="any")
    make_product("without", label="Without one")
    for value, shown, hidden in (
        ("none", "Without one", "With a rule"),
        ("any", "With a rule", "Without one"),
    ):
        html = admin_client.get(f"/admin/releases/product/?rule={value}").content.decode()
        table = html.partition('id="result_list"')[2].partition("</table>")[0]
        assert shown in table
        assert hidden not in table
    html = admin_client.get("/admin/releases/product/?rule=x").content.decode()
    assert "No rule recorded" in html
