"""Upgrade rules in the admin: the section of a product's form, its history and the filter."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from releases.models import Identifier, Product
from releases.models.upgrade_rule import RULE_COLUMNS
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


# ---- what is not recorded


def found(client: Client, query: str) -> list[str]:
    answer = client.get(f"/admin/releases/product/?{query}")
    return sorted(product.name for product in answer.context["cl"].result_list)


def test_products_are_filtered_by_what_they_lack(admin_client: Client) -> None:
    """A kind of extended support is missing only where there is extended support."""
    full = make_product(
        "full",
        extended_terms="free",
        vendor="Full Ltd",
        policy_link="https://example.org/",
        version_command="full --version",
        changelog_template="https://example.org/__LATEST__",
        rule_kind="any",
        rule_basis="documented",
        rule_source="https://example.org/",
    )
    Identifier.objects.create(product=full, type="purl", value="pkg:pypi/full")
    bare = make_product("bare", rule_kind="any")
    make_cycle(bare, eoes="2030")
    make_cycle(full, eoes="2030")
    make_cycle(make_product("plain"), eol="2030")
    for lacks, names in {
        "terms": ["bare"],
        "vendor": ["bare", "plain"],
        "policy": ["bare", "plain"],
        "command": ["bare", "plain"],
        "notes": ["bare", "plain"],
        "identifiers": ["bare", "plain"],
        "basis": ["bare"],
        "source": ["bare"],
        "nonsense": ["bare", "full", "plain"],
    }.items():
        assert found(admin_client, f"lacks={lacks}") == names, lacks


def test_products_are_filtered_by_the_kind_of_extended_support(admin_client: Client) -> None:
    make_product("free", extended_terms="free")
    make_product("unrecorded")
    assert found(admin_client, "terms=free") == ["free"]
    assert found(admin_client, "terms=none") == ["unrecorded"]
    assert found(admin_client, "terms=nonsense") == ["free", "unrecorded"]


def test_each_field_of_a_rule_has_a_help_text(admin_client: Client) -> None:
    """The terms of extended support name an example of each kind."""
    fields: list[Any] = [Product._meta.get_field(column) for column in RULE_COLUMNS.values()]
    assert [field.name for field in fields if not field.help_text] == []
    html = admin_client.get(address(make_product())).content.decode()
    assert "Debian LTS" in " ".join(html.split())
