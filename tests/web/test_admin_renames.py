"""Renaming in the admin keeps old URLs as aliases, which are reported and can be removed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from releases.models import Alias, CycleAlias, Product, ReleaseCycle
from releases.models.history import one_change
from releases.selectors.history.records import Subject, moments
from releases.services.editing.publishing import publish_products
from releases.web import clock
from tests.factories import make_custom_field, make_cycle, make_note, make_product
from tests.web.admin_forms import open_form, rendered_form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on")]


@pytest.fixture
def product() -> Product:
    with one_change("begun"):
        product = make_product("node")
        make_cycle(product, "14.x", release="2025-04-02", eol="2028-04-30")
    return product


@pytest.fixture
def cycle(product: Product) -> ReleaseCycle:
    return product.cycles.get()


def form(row: Product | ReleaseCycle) -> str:
    return reverse(f"admin:releases_{row._meta.model_name}_change", args=[row.pk])


def save(client: Client, row: Product | ReleaseCycle, **fields: str) -> Any:
    """Open the form of a row, change fields and save."""
    sent = open_form(client, form(row)) | {
        name.replace("__", "-"): [fields[name]] for name in fields
    }
    answer = client.post(form(row), sent | {"_save": ["Save"]})
    assert answer.status_code == 302, rendered_form(answer)
    return answer


def message_text(answer: Any) -> str:
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


def redirect_target(client: Client, address: str) -> str:
    """Return the target of a permanent redirect; it needs no further redirect."""
    answer = client.get(address)
    assert answer.status_code == 301, address
    path = str(answer["Location"])
    assert client.get(path).status_code == 200, path
    return path


def test_form_explains_that_old_urls_are_kept(admin_client: Client, cycle: ReleaseCycle) -> None:
    for row in (cycle, cycle.product):
        assert b"the old addresses stay" in admin_client.get(form(row)).content
    add = reverse("admin:releases_product_add")
    assert b"the old addresses stay" not in admin_client.get(add).content


def test_renamed_product_keeps_its_url(admin_client: Client, product: Product) -> None:
    answer = save(admin_client, product, name="nodejs")
    assert (
        f'The old address /node/ stays: it leads to <a href="{form(product)}'
        not in message_text(answer)
    )
    assert "The old address /node/ stays: it leads to /nodejs/" in message_text(answer)
    assert f'<a href="{form(product)}#aliases-0">remove “node”</a>' in message_text(answer)
    assert b'id="aliases-0"' in admin_client.get(form(product)).content
    assert redirect_target(admin_client, "/node/") == "/nodejs/"
    assert (
        redirect_target(admin_client, "/node/14.x/?on=2026-01-01") == "/nodejs/14.x/?on=2026-01-01"
    )


def test_renamed_cycle_keeps_its_url(admin_client: Client, cycle: ReleaseCycle) -> None:
    answer = save(admin_client, cycle, name="14")
    assert "The old address /node/14.x/ stays: it leads to /node/14/" in message_text(answer)
    assert f'<a href="{form(cycle)}#aliases-0">' in message_text(answer)
    assert b'id="aliases-0"' in admin_client.get(form(cycle)).content
    assert redirect_target(admin_client, "/node/14.x/") == "/node/14/"


def test_cycle_renamed_in_product_form_keeps_its_url(
    admin_client: Client, product: Product
) -> None:
    """This also works if the product is renamed in the same save."""
    answer = save(admin_client, product, name="nodejs", cycles__0__name="14")
    assert "/node/ stays" in message_text(answer)
    assert "/nodejs/14.x/ stays: it leads to /nodejs/14/" in message_text(answer)
    assert redirect_target(admin_client, "/node/14.x/") == "/nodejs/14/"


def test_chain_of_renames_redirects_to_the_latest_name(
    admin_client: Client, product: Product, cycle: ReleaseCycle
) -> None:
    for name in ("node.js", "nodejs"):
        save(admin_client, product, name=name)
    for name in ("14-lts", "14"):
        save(admin_client, cycle, name=name)
    for old in ("node", "node.js", "nodejs"):
        for old_cycle in ("14.x", "14-lts"):
            assert redirect_target(admin_client, f"/{old}/{old_cycle}/") == "/nodejs/14/"


def test_reused_name_is_no_longer_an_alias(
    admin_client: Client, product: Product, cycle: ReleaseCycle
) -> None:
    for name in ("nodejs", "node"):
        save(admin_client, product, name=name)
    for name in ("14", "14.x"):
        save(admin_client, cycle, name=name)
    assert [each.name for each in Alias.objects.all()] == ["nodejs"]
    assert [each.name for each in CycleAlias.objects.all()] == ["14"]
    assert admin_client.get("/node/14.x/").status_code == 200


def test_alias_redirects_to_the_row_that_had_the_name_last(
    admin_client: Client, product: Product
) -> None:
    """Two cycles are named 14.x, one after the other."""
    first = product.cycles.get()
    save(admin_client, first, name="14")
    second = make_cycle(product, "14.x", release="2026-01-01")
    save(admin_client, second, name="14-next")
    assert redirect_target(admin_client, "/node/14.x/") == "/node/14-next/"


def test_alias_can_be_removed_in_the_form(
    admin_client: Client, product: Product, cycle: ReleaseCycle
) -> None:
    save(admin_client, product, name="nodejs")
    save(admin_client, cycle, name="14")
    save(admin_client, product, aliases__0__DELETE="on")
    save(admin_client, cycle, aliases__0__DELETE="on")
    assert admin_client.get("/node/").status_code == 404
    assert admin_client.get("/nodejs/14.x/").status_code == 404


def test_name_that_was_never_public_is_not_kept_as_alias(
    admin_client: Client, product: Product
) -> None:
    """This covers drafts and cycles of draft products; names that were public once are kept."""
    tomorrow = clock.today() + timedelta(days=1)
    draft = make_cycle(product, "15.x", draft=True, publish_on=tomorrow)
    assert "stays" not in message_text(save(admin_client, draft, name="15"))
    of_draft = make_cycle(make_product("secret", draft=True), "1")
    save(admin_client, of_draft.product, name="secrets")
    save(admin_client, of_draft, name="2")
    assert not Alias.objects.exists()
    assert not CycleAlias.objects.exists()
    cycle = product.cycles.get(name="14.x")
    cycle.draft = True
    cycle.save()
    save(admin_client, cycle, name="14")
    assert CycleAlias.objects.get().name == "14.x"


def test_moved_cycle_keeps_its_url(admin_client: Client, cycle: ReleaseCycle) -> None:
    """Its former names move along; custom values without a column are reported."""
    save(admin_client, cycle, name="14")
    cycle.refresh_from_db()
    make_custom_field(cycle.product, "npm")
    make_custom_field(cycle.product, "v8")
    cycle.custom = {"npm": "6.14", "v8": "8.4"}
    cycle.save()
    deno = make_product("deno")
    make_custom_field(deno, "v8")
    sent = open_form(admin_client, form(cycle)) | {"product": [str(deno.pk)]}
    preview = admin_client.post(form(cycle), sent | {"_preview": ["1"]})
    words = preview.content.decode()
    lost = "Deno has no column “npm”: “6.14” is kept, but shown nowhere."
    assert lost in words
    assert "“14” becomes a former name" in words
    assert CycleAlias.objects.count() == 1
    answer = save(admin_client, cycle, product=str(deno.pk))
    assert "The old address /node/14/ stays: it leads to /deno/14/" in message_text(answer)
    assert lost in message_text(answer)
    assert "v8" not in message_text(answer)
    for old in ("/node/14/", "/node/14.x/", "/badges/node/14.svg"):
        assert redirect_target(admin_client, old).startswith(("/deno/14", "/badges/deno/14"))
    assert ReleaseCycle.objects.get().custom == {"npm": "6.14", "v8": "8.4"}


def test_upgrade_notes_follow_a_renamed_cycle(
    admin_client: Client, product: Product, cycle: ReleaseCycle
) -> None:
    make_note(product, "up", from_cycle="14.x")
    make_note(product, "down", to_cycle="14.x")
    make_note(product, "other", from_cycle="13")
    save(admin_client, cycle, name="14")
    notes = {note.key: (note.from_cycle, note.to_cycle) for note in product.upgrade_notes.all()}
    assert notes == {"up": ("14", ""), "down": ("", "14"), "other": ("13", "")}


@pytest.mark.parametrize("way", ["added", "renamed", "published"])
def test_product_can_use_an_alias_as_its_name(
    admin_client: Client, product: Product, way: str
) -> None:
    """A name in use takes precedence over an alias, and the form names the former target."""
    save(admin_client, product, name="nodejs", label="Node.js")
    if way == "added":
        add = reverse("admin:releases_product_add")
        sent = open_form(admin_client, add) | {"name": ["node"], "label": ["Node"]}
        answer = admin_client.post(add, sent | {"_save": ["Save"]})
    elif way == "renamed":
        answer = save(admin_client, make_product("other", label="Node"), name="node")
    else:
        draft = make_product("node", label="Node", draft=True)
        assert redirect_target(admin_client, "/node/") == "/nodejs/"
        sent = open_form(admin_client, form(draft))
        del sent["draft"]
        answer = admin_client.post(form(draft), sent | {"_save": ["Save"]})
    assert "/node/ led to Node.js until now. It is the address of Node now." in message_text(answer)
    assert not Alias.objects.filter(name="node").exists()
    assert admin_client.get("/node/").context["product"].label == "Node"


def test_product_published_from_changelist_takes_over_an_alias(
    admin_client: Client, product: Product
) -> None:
    save(admin_client, product, name="nodejs")
    draft = make_product("node", label="Node", draft=True)
    publish_products([draft.pk], drafts=True, reason="ready")
    assert not Alias.objects.filter(name="node").exists()
    assert admin_client.get("/node/").status_code == 200


def test_reverted_rename_keeps_the_url_used_in_between(
    admin_client: Client, cycle: ReleaseCycle
) -> None:
    save(admin_client, cycle, name="14")
    moment = moments(Subject(ReleaseCycle, cycle.pk))[0]
    name = "admin:releases_releasecycle_revert"
    address = reverse(name, args=[cycle.pk, moment.strftime("%Y-%m-%dT%H:%M:%S.%f")])
    page = admin_client.get(address)
    answer = admin_client.post(address, {"seen": page.context["seen"], "reason": ""})
    assert answer.status_code == 302
    assert "The old address /node/14/ stays: it leads to /node/14.x/" in message_text(answer)
    assert redirect_target(admin_client, "/node/14/") == "/node/14.x/"
    assert CycleAlias.objects.get().name == "14"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("14.x", "There is a release cycle “14.x”."),
        ("13", "“13” is a former name of “12” already."),
        ("a/b", "A cycle's name stands in addresses and cannot hold /"),
    ],
)
def test_invalid_former_name_is_rejected(
    admin_client: Client, cycle: ReleaseCycle, name: str, problem: str
) -> None:
    make_cycle(cycle.product, "12", aliases=["13"])
    sent = open_form(admin_client, form(cycle))
    sent |= {"aliases-TOTAL_FORMS": ["1"], "aliases-0-name": [name]}
    answer = admin_client.post(form(cycle), sent | {"_save": ["Save"]})
    assert problem in answer.content.decode().replace("&#x27;", "'")


def test_former_name_can_be_added_by_hand(admin_client: Client, cycle: ReleaseCycle) -> None:
    sent = open_form(admin_client, form(cycle))
    sent |= {"aliases-TOTAL_FORMS": ["1"], "aliases-0-name": ["fourteen"]}
    assert admin_client.post(form(cycle), sent | {"_save": ["Save"]}).status_code == 302
    assert redirect_target(admin_client, "/node/fourteen/") == "/node/14.x/"
    assert CycleAlias.history.get().history_type == "+"
