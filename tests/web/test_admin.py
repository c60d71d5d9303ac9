"""Admin forms and changelists, without a browser."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from releases.admin.forms import CycleForm
from releases.domain.lifecycle.milestones import parse_milestone
from releases.models import ReleaseCycle
from tests.factories import make_custom_field, make_cycle, make_product
from tests.web.admin_forms import open_form

pytestmark = pytest.mark.django_db


def form_of(cycle: ReleaseCycle, **changes: str) -> CycleForm:
    """Return the form as submitted for `cycle`, with some fields changed."""
    form = CycleForm(instance=cycle)
    data = {name: form[name].value() for name in form.fields}
    filled = {name: value for name, value in data.items() if value not in (None, False)}
    return CycleForm(filled | changes, instance=cycle)


@pytest.mark.parametrize("text", ["2028-04-30", "2028-04", "2028-Q2", "2028", "yes", "no", ""])
def test_a_milestone_is_one_field(text: str) -> None:
    """A form shows and accepts a milestone as one text, at any precision."""
    cycle = make_cycle(make_product(), release="2025-04-02")
    form = form_of(cycle, eol=text)
    assert form.is_valid(), form.errors
    form.save()
    cycle.refresh_from_db()
    assert cycle.eol == parse_milestone(text)
    assert CycleForm(instance=cycle)["eol"].value() == text


def test_invalid_milestones_are_reported_at_their_fields() -> None:
    """This includes milestones that are in the wrong order."""
    cycle = make_cycle(make_product(), release="2025-04-02", eol="2028-04-30")
    form = form_of(cycle, eoas="2029", eoes="sometime")
    assert not form.is_valid()
    assert "“sometime” is not a date" in form.errors["eoes"][0]
    form = form_of(cycle, eoas="2029")
    assert form.errors["eol"] == [
        "The end of security support (30 Apr 2028) is before the end of active support (2029)."
    ]
    cycle.refresh_from_db()
    assert cycle.eoas is None


def test_each_custom_field_has_an_input() -> None:
    """Unknown names, long values and several lines are rejected; unsent columns keep values."""
    product = make_product()
    for name in ("python", "notes"):
        make_custom_field(product, name)
    cycle = make_cycle(product, custom={"notes": "none"})
    form = form_of(cycle, **{"own_columns-python": " 3.12 - 3.14 "})
    assert form.is_valid(), form.errors
    assert form.save().custom == {"python": "3.12 - 3.14", "notes": "none"}
    form = form_of(cycle, **{"own_columns-python": "3.12 - 3.14", "own_columns-notes": ""})
    assert form.save().custom == {"python": "3.12 - 3.14"}
    for name, text, problem in (
        ("perl", "5", "no such custom field (it has notes, python)"),
        ("python", "x" * 501, "python: Ensure this value has at most 500 characters"),
        ("python", "3\0", "python: Null characters are not allowed."),
        ("python", "3.12\n3.13", "python: Expected one line."),
    ):
        form = form_of(cycle, **{f"own_columns-{name}": text})
        assert problem in form.errors["own_columns"][0]


def test_own_columns_are_edited_in_the_form_of_their_product(admin_client: Client) -> None:
    """A row of the product's form has an input for each custom field, with its label."""
    product = make_product()
    make_custom_field(product, "python", label="Python", description="Supported versions")
    cycle = make_cycle(product, custom={"python": "3.12"})
    address = reverse("admin:releases_product_change", args=[product.pk])
    html = admin_client.get(address).text
    assert '<label for="id_cycles-0-own_columns_python">Python</label>' in html
    assert "Supported versions" in html
    sent = open_form(admin_client, address)
    assert sent["cycles-0-own_columns-python"] == ["3.12"]
    sent["cycles-0-own_columns-python"] = ["3.13"]
    assert admin_client.post(address, sent).status_code == 302
    cycle.refresh_from_db()
    assert cycle.custom == {"python": "3.13"}


def test_duplicate_cycle_name_is_a_form_error() -> None:
    """The error comes from the form, not from the database."""
    product = make_product()
    make_cycle(product, "5.1")
    form = form_of(make_cycle(product, "5.2"), name="5.1")
    assert "The product has a cycle of this name already." in str(form.errors)


def test_history_records_user_and_old_value(admin_client: Client) -> None:
    cycle = make_cycle(make_product(), release="2025-04-02", eol="2028-04-30")
    form = form_of(cycle, eol="2029-04-30")
    data = dict(form.data) | {"releases-TOTAL_FORMS": 0, "releases-INITIAL_FORMS": 0}
    for prefix in ("aliases", "identifiers"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    address = reverse("admin:releases_releasecycle_change", args=[cycle.pk])
    assert admin_client.post(address, data).status_code == 302
    newest, oldest = cycle.history.all()
    assert newest.history_user.username == "admin"
    assert str(oldest.eol_date) == "2028-04-30"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=security", ["5.2"]),
        ("status=eol", ["5.1"]),
        ("status=soon", ["6.0"]),
        ("lts=1", ["5.2"]),
    ],
)
def test_cycle_changelist_filters(admin_client: Client, query: str, expected: list[str]) -> None:
    """The changelist filters by today's status and by LTS."""
    product = make_product()
    make_cycle(product, "6.0", release="2025-01-01", eol="2026-12-31")
    make_cycle(product, "5.2", release="2025-01-01", eoas="2025-12-03", eol="2028-04-30", lts="yes")
    make_cycle(product, "5.1", release="2024-01-01", eol="2025-12-03")
    response = admin_client.get(f"{reverse('admin:releases_releasecycle_changelist')}?{query}")
    assert [cycle.name for cycle in response.context["cl"].queryset] == expected


def test_changelists_defer_large_columns(admin_client: Client) -> None:
    """Files and descriptions of products are not loaded for a changelist."""
    make_cycle(make_product())
    products = admin_client.get(reverse("admin:releases_product_changelist")).context["cl"]
    cycles = admin_client.get(reverse("admin:releases_releasecycle_changelist")).context["cl"]
    large = {"imported", "file_text"}
    assert large <= products.result_list[0].get_deferred_fields()
    assert large | {"description"} <= cycles.result_list[0].product.get_deferred_fields()


def test_cycles_are_ordered_by_product_title_and_position(admin_client: Client) -> None:
    """The order ignores case, as on the roadmap."""
    for title in ("beta", "Alpha", "alpine"):
        product = make_product(title.lower(), label=title)
        make_cycle(product, "2")
        make_cycle(product, "1")
    found = admin_client.get(reverse("admin:releases_releasecycle_changelist")).context["cl"]
    assert [f"{cycle.product} {cycle}" for cycle in found.queryset] == [
        *("Alpha 2", "Alpha 1", "alpine 2", "alpine 1", "beta 2", "beta 1")
    ]


@pytest.mark.parametrize("most", [2, 1])
def test_product_filter_is_left_out_if_there_are_too_many(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """The link from a product's form to its cycles works nevertheless."""
    monkeypatch.setattr("releases.admin.filters.MAX_CHOICES", most)
    cycle = make_cycle(make_product())
    make_cycle(make_product("python"))
    address = reverse("admin:releases_releasecycle_changelist")
    every = admin_client.get(address).context["cl"]
    of_one = admin_client.get(f"{address}?product__id__exact={cycle.product_id}").context["cl"]
    assert ("product" in [each.title for each in every.filter_specs]) == (most == 2)
    assert list(of_one.queryset) == [cycle]
    assert "product" in [each.title for each in of_one.filter_specs]


def test_product_of_a_cycle_is_an_autocomplete_field(admin_client: Client) -> None:
    """The form does not list all products; the search covers titles, names and aliases."""
    make_product("postgresql", label="PostgreSQL", aliases=["postgres"])
    cycle = make_cycle(make_product())
    address = reverse("admin:releases_releasecycle_change", args=[cycle.pk])
    assert "PostgreSQL" not in admin_client.get(address).content.decode()
    query = {"app_label": "releases", "model_name": "releasecycle", "field_name": "product"}
    for term in ("postgr", "PostgreSQL"):
        found = admin_client.get(reverse("admin:autocomplete"), query | {"term": term}).json()
        assert [each["text"] for each in found["results"]] == ["PostgreSQL"]


@pytest.mark.parametrize("key", ["9" * 40, "x", "", "٣", "999999"])
def test_unknown_product_of_a_new_cycle_is_an_error_at_its_field(
    admin_client: Client, key: str
) -> None:
    """The form of a new cycle reads product and custom fields by the key that was sent."""
    address = reverse("admin:releases_releasecycle_add")
    answer = admin_client.post(address, open_form(admin_client, address) | {"product": [key]})
    assert answer.status_code == 200
    assert "product" in answer.context["adminform"].form.errors
    assert admin_client.get(f"{address}?product={key}").status_code == 200
