"""Copies, merges, and quick ways to a row: proposed addresses, jumps and a forgiving search."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from releases.models import Product, ReleaseCycle
from releases.services.editing.roles import EDITOR, RELEASE_MANAGER, VIEWER
from tests.factories import make_custom_field, make_cycle, make_note, make_product, make_release
from tests.web.admin_forms import open_form
from tests.web.logins import log_in

pytestmark = pytest.mark.django_db


def url(row: Any, page: str) -> str:
    return reverse(f"admin:releases_{row._meta.model_name}_{page}", args=[row.pk])


def text_of(answer: Any) -> str:
    return unescape(answer.content.decode())


# ---- copies


@pytest.fixture
def django() -> Product:
    product = make_product(category="framework", tags=["web"], aliases=["dj"])
    product.checked_on = date(2026, 1, 1)
    product.save()
    make_custom_field(product, "python")
    cycle = make_cycle(product, eol="2028-04", custom={"python": "3.12"}, latest="5.2.1")
    cycle.versions = "vers:pypi/>=5.2|<6.0"
    cycle.save()
    cycle.identifiers.create(type="cpe", value="cpe:/a:djangoproject:django:5.2")
    make_release(cycle, "5.2.1")
    return product


def test_product_is_copied_as_a_draft(django: Product) -> None:
    """What identifies the product, and its releases, stay with it."""
    client = log_in(EDITOR)
    assert url(django, "copy") in text_of(client.get(url(django, "change")))
    sent = {"label": "Our Django", "name": "", "cycles": "on"}
    answer = client.post(url(django, "copy"), sent, follow=True)
    new = Product.objects.get(name="our-django")
    assert answer.redirect_chain == [(url(new, "change"), 302)]
    assert "The product “Our Django” is a draft" in text_of(answer)
    assert (new.draft, new.checked_on, new.category) == (True, None, django.category)
    assert [tag.name for tag in new.tags.all()] == ["web"]
    assert not new.aliases.exists()
    cycle = new.cycles.get()
    assert (cycle.name, str(cycle.eol), cycle.custom) == ("5.2", "Apr 2028", {"python": "3.12"})
    assert (cycle.draft, cycle.latest, cycle.releases.count()) == (True, "", 0)
    assert (cycle.versions, cycle.identifiers.count()) == ("", 0)
    assert new.custom_fields.get().name == "python"
    for row in (cycle, new.custom_fields.get()):
        assert row.history.get().history_change_reason == "copy of Django"
    django.refresh_from_db()
    assert (django.cycles.count(), django.tags.count(), django.draft) == (1, 1, False)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"label": "Django", "name": "django"}, "Product with this Address already exists."),
        ({"label": "Search"}, "“search” is the address of a page of this site."),
        ({"label": "", "name": "x"}, "This field is required."),
    ],
)
def test_copy_with_a_bad_name_is_refused(
    django: Product, sent: dict[str, str], sentence: str
) -> None:
    assert sentence in text_of(log_in(EDITOR).post(url(django, "copy"), sent))
    assert Product.objects.count() == 1


def test_cycle_is_copied_on_top_of_its_product(django: Product) -> None:
    row, client = django.cycles.get(), log_in(EDITOR)
    assert "The product has a cycle of this name already." in text_of(
        client.post(url(row, "copy"), {"name": "5.2"})
    )
    answer = client.post(url(row, "copy"), {"name": "5.2 LTS"}, follow=True)
    new = django.cycles.get(name="5.2 LTS")
    assert answer.redirect_chain == [(url(new, "change"), 302)]
    assert (str(new.eol), new.latest, new.draft) == ("Apr 2028", "", True)
    assert (new.versions, new.identifiers.count()) == ("", 0)
    assert new.position < row.position


# ---- merges


def test_merge_is_shown_before_it_is_done(django: Product) -> None:
    other = make_product("djnago", label="Djnago")
    for name in ("5.2", "4.2"):
        make_cycle(other, name)
    make_note(other, title="Mind the gap")
    client = log_in(RELEASE_MANAGER)
    assert url(django, "merge") in text_of(client.get(url(django, "change")))
    html = text_of(client.post(url(django, "merge"), {"other": "Djnago", "show": "1"}))
    for text in ("Moves to Django", "Deleted: Django has its own", "Mind the gap", "/djnago/"):
        assert text in html, text
    assert Product.objects.count() == 2
    seen = html.partition('name="seen" value="')[2].partition('"')[0]
    sent = {"other": "djnago", "seen": seen, "apply": "1", "reason": "a typing mistake"}
    answer = client.post(url(django, "merge"), sent, follow=True)
    assert "Djnago merged into Django. To undo it, revert this change" in text_of(answer)
    assert sorted(each.name for each in django.cycles.all()) == ["4.2", "5.2"]
    record = ReleaseCycle.objects.get(name="4.2").history.first()
    assert record.history_change_reason == "Djnago merged into Django: a typing mistake"
    assert record.history_user.username == RELEASE_MANAGER
    history = text_of(client.get(url(django, "history")))
    assert "Revert" in history


def test_merge_that_was_not_shown_is_shown_first(django: Product) -> None:
    make_product("djnago")
    sent = {"other": "djnago", "seen": "", "apply": "1"}
    html = text_of(log_in(RELEASE_MANAGER).post(url(django, "merge"), sent))
    assert "Something changed meanwhile." in html
    assert Product.objects.count() == 2


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ("postgrs", "There is no other product “postgrs”. Similar: postgres."),
        ("qqqq", "There is no other product “qqqq”."),
        ("django", "A product cannot be merged into itself."),
        ("", "This field is required."),
    ],
)
def test_unknown_product_is_not_merged(django: Product, other: str, sentence: str) -> None:
    make_product("postgres")
    assert sentence in text_of(log_in(RELEASE_MANAGER).post(url(django, "merge"), {"other": other}))


# ---- addresses


@pytest.mark.parametrize(
    ("label", "name", "expected"),
    [
        ("Apache Kafka", "", "apache-kafka"),
        ("Node.js", " ", "nodejs"),
        ("Django", "dj", "dj"),
    ],
)
def test_address_is_made_from_the_title(label: str, name: str, expected: str) -> None:
    client, add = log_in(EDITOR), reverse("admin:releases_product_add")
    sent = open_form(client, add) | {"label": [label], "name": [name]}
    assert client.post(add, sent).status_code == 302
    assert Product.objects.get().name == expected


def test_title_without_letters_needs_an_address() -> None:
    client, add = log_in(EDITOR), reverse("admin:releases_product_add")
    sent = open_form(client, add) | {"label": ["東京"], "name": [""]}
    answer = client.post(add, sent)
    assert "This field is required." in text_of(answer)


def test_address_of_a_product_is_not_emptied_silently(django: Product) -> None:
    client = log_in(EDITOR)
    sent = open_form(client, url(django, "change")) | {"name": [""]}
    assert "This field is required." in text_of(client.post(url(django, "change"), sent))


# ---- jumps


@pytest.mark.parametrize("text", ["5.2", "5.2.1", "Fir", "fir"])
def test_typed_cycle_opens_its_form(django: Product, text: str) -> None:
    """A name, a codename or a version is enough; drafts are found, too."""
    row = django.cycles.get()
    row.codename, row.draft = "Fir", True
    row.save()
    client = log_in(VIEWER)
    html = text_of(client.get(url(django, "change")))
    assert '<option value="5.2"></option>' in html
    assert f'action="{url(django, "find_cycle")}"' in html
    answer = client.get(url(django, "find_cycle"), {"cycle": text})
    assert answer["Location"] == url(row, "change")


@pytest.mark.parametrize("text", ["9.9", "", "x" * 1000, "\x00"])
def test_unknown_cycle_leads_back_to_the_product(django: Product, text: str) -> None:
    answer = log_in(VIEWER).get(url(django, "find_cycle"), {"cycle": text}, follow=True)
    assert answer.redirect_chain == [(url(django, "change"), 302)]
    assert "Django has no release cycle" in text_of(answer)


# ---- search


def results(client: Client, model: str, text: str) -> list[str]:
    answer = client.get(reverse(f"admin:releases_{model}_changelist"), {"q": text})
    return [str(row) for row in answer.context["cl"].result_list]


@pytest.mark.parametrize(
    ("model", "text", "expected"),
    [
        ("product", "djnago", ["Django"]),
        ("product", "postgresq", ["PostgreSQL"]),
        ("product", "kubernets", ["Kubernetes"]),
        ("product", "qqqqqq", []),
        ("releasecycle", "djnago", ["5.2", "4.2"]),
        ("releasecycle", "djnago 4.2", ["4.2"]),
        ("releasecycle", "django 4.2", ["4.2"]),
        ("upgradenote", "djagno", ["Mind the gap"]),
    ],
)
def test_search_forgives_typing_mistakes(model: str, text: str, expected: list[str]) -> None:
    """Drafts are found, too."""
    product = make_product("django")
    for name in ("5.2", "4.2"):
        make_cycle(product, name)
    make_note(product, title="Mind the gap")
    make_product("postgresql", label="PostgreSQL")
    make_product("kubernetes", draft=True)
    assert results(log_in(VIEWER), model, text) == expected


def test_exact_text_finds_no_similar_names() -> None:
    make_product("django")
    make_product("django-cms")
    assert results(log_in(VIEWER), "product", "django-cms") == ["Django-Cms"]


@pytest.mark.parametrize(("text", "told"), [("djnago", True), ("django", False), ("qqq", False)])
def test_list_of_similar_names_is_called_one(text: str, told: bool) -> None:
    make_product("django")
    address = reverse("admin:releases_product_changelist")
    html = text_of(log_in(VIEWER).get(address, {"q": text}))
    assert (f"Nothing is called “{text}”. Similar names are shown." in html) is told
