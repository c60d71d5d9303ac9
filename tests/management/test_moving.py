"""`dumpdata` and `loaddata` move an installation with its history, as `docs/deploying.md` says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core import serializers
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from releases.domain import limits
from releases.models import (
    ApiToken,
    Category,
    Identifier,
    Product,
    Release,
    ReleaseCycle,
    Revision,
    Tag,
    Upload,
    Upstream,
)
from releases.models.history import set_change_reason
from releases.models.revision import bump_revision
from releases.models.subscription import Channel, Message, Notice, Subscription
from tests.conftest import NOON, ON
from tests.factories import make_custom_field, make_cycle, make_note, make_product, make_release
from tests.product_files import cycle, import_files, write

pytestmark = pytest.mark.django_db

GUIDE: Final = Path(__file__).parents[2] / "docs" / "deploying.md"
COMMANDS: Final = [
    shlex.split(each)
    for each in re.findall(
        r"^    manage\.py (.+)$", GUIDE.read_text().partition("## Moving to another")[2], re.M
    )
]
LEFT: Final = (Revision, Upload)
"""The tables of the app that are not moved."""
NASTY: Final = " \r\n\x0b ]]> <b>&amp;</b> “ä”\u2028\ud83d\ude00".encode("utf-16", "surrogatepass")
TEXT: Final = f"{NASTY.decode('utf-16')} \t\n"
"""A text that XML excludes or changes."""


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of all tables of the app, with the names of users instead of their keys."""
    names = dict(User.objects.values_list("pk", "username"))
    found = {}
    for model in apps.get_app_config("releases").get_models(include_auto_created=True):
        if model in LEFT:
            continue
        users = {each.attname for each in model._meta.concrete_fields if each.related_model is User}
        of_table = [
            {
                name: names[value] if name in users and value else value
                for name, value in row.items()
                # Django numbers the rows of relations anew.
                if not (model._meta.auto_created and name == "id")
            }
            for row in model._base_manager.order_by("pk").values()
        ]
        found[model._meta.label] = sorted(of_table, key=repr)
    return found


def users() -> list[tuple[Any, ...]]:
    return [
        (
            *(each.username, each.password, each.email, each.is_superuser, each.date_joined),
            sorted(each.groups.values_list("name", flat=True)),
            sorted(each.user_permissions.values_list("codename", flat=True)),
        )
        for each in User.objects.order_by("username")
    ]


def groups() -> dict[str, list[str]]:
    return {
        each.name: sorted(each.permissions.values_list("codename", flat=True))
        for each in Group.objects.all()
    }


def move(folder: Path, form: str) -> None:
    """Run the commands of the guide in a folder, with the extension of another format."""
    connection.check_constraints()  # PostgreSQL truncates no table whose checks are deferred
    for name, *arguments in COMMANDS:
        given = [
            each.replace("roadmap.json", str(folder / f"roadmap.{form}")) for each in arguments
        ]
        options = {"format": form} if name == "dumpdata" else {}
        call_command(name, *given, verbosity=0, **options)


@pytest.fixture
def catalogue(tmp_path: Path) -> None:
    """Fill every table of the app, by imports and by people, with changes and deletions."""
    Group.objects.create(name="auditors").permissions.add(
        Permission.objects.get(codename="view_product")
    )
    User.objects.create_user("gone").delete()
    ann = User.objects.create_user("ann", "ann@example.org", "secret", is_superuser=True)
    ann.groups.add(*Group.objects.all())
    path = write(
        tmp_path / "acme.md",
        cycle("1.0", eol=date(2030, 1, 1), precision={"eol": "quarter"}, identifiers=[{"cpe": "x"}])
        | {"releases": [{"version": "1.0.1", "kind": "patch"}], "formerNames": ["one"]},
        body="\n# About\n",
        tags="web",
        category="os",
        vendor="Acme",
        identifiers=[{"purl": "pkg:generic/acme"}],
        mainIdentifier={"purl": "pkg:generic/acme"},
        alternate_urls=["/ac"],
        customFields=[{"name": "host"}],
    )
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    import_files(path)
    product = make_product("django", label="Django", category="framework", tags=["web", "lost"])
    product.description = TEXT
    edited: Any = product
    edited._history_user = ann
    set_change_reason(product, TEXT).save()
    make_custom_field(product, "python", description="json: text")
    row = make_cycle(product, lts="yes", eol="2028-04", custom={"python": TEXT}, draft=True)
    row.publish_on = ON + timedelta(days=1)
    row.versions = "vers:pypi/>=5.2|<6.0"
    row.save()
    make_release(row, "5.2.1", date=ON)
    make_note(product, text=TEXT)
    with bump_revision():
        make_cycle(product, "4.2", aliases=["4"]).delete()
        make_note(product, "other").delete()
    Tag.objects.get(name="lost").delete()
    renamed = Category.objects.get(name="os")
    renamed.name = "system"
    renamed.save()
    Upstream.objects.create(address="https://example.org/", etag='"1"')
    Upload.objects.create(user=ann, files={"a.md": "text"})
    token = ApiToken.objects.create(owner=ann, purpose="bot", key="k", digest="d", expires_on=ON)
    token.products.add(product)
    subscription = Subscription.objects.create(
        channel=Channel.EMAIL, address="ann@example.org", view="/django/", secret=TEXT[:50]
    )
    message = Message.objects.create(subscription=subscription, created_at=NOON)
    Notice.objects.create(
        subscription=subscription,
        message=message,
        key=UUID(int=1),
        facts={"text": TEXT},
        noticed_at=NOON,
        due_at=NOON,
    )


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("form", ["json", "xml"])
def test_every_row_is_moved(tmp_path: Path, form: str) -> None:
    before = rows(), users(), groups()
    assert [name for name, of_table in before[0].items() if not of_table] == []
    token = Revision.objects.get().token
    move(tmp_path, form)
    assert (rows(), users(), groups()) == before
    assert Revision.objects.get().token != token
    assert not Upload.objects.exists()


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("form", ["json", "xml"])
def test_moved_catalogue_is_edited_on(tmp_path: Path, form: str) -> None:
    """New rows of every table get keys that no moved row has."""
    move(tmp_path, form)
    product = make_product("new", tags=["web"], aliases=["newer"])
    product.tags.set(Tag.objects.all())
    row = make_cycle(product, "1", aliases=["one"])
    row.identifiers.create(type="purl", value="pkg:pypi/new")
    make_release(row, "1.0")
    make_custom_field(product, "host")
    note = make_note(product)
    Identifier.objects.create(product=product, type="purl", value="pkg:pypi/new")
    User.objects.create_user("bob")
    created: list[Any] = [product, row, Release.objects.get(cycle=row), note]
    assert [each.history.filter(history_type="+").count() for each in created] == [1] * 4
    assert "new" in Client().get("/new/").content.decode()


@pytest.mark.usefixtures("catalogue")
def test_import_after_the_move_changes_nothing(tmp_path: Path) -> None:
    before = rows()
    move(tmp_path, "xml")
    (outcome,) = import_files(tmp_path / "acme.md")
    assert (outcome.problems, outcome.effect.changes) == ([], {})
    assert rows() == before


def test_revision_of_a_fixture_is_not_taken_over(tmp_path: Path) -> None:
    """Pages of the dumped site may be cached under it, and may differ from those of this site."""
    make_product()
    file = tmp_path / "all.json"
    call_command("dumpdata", "releases", output=str(file), verbosity=0)
    token = Revision.objects.get().token
    make_product("python")
    call_command("loaddata", str(file), verbosity=0)
    assert Revision.objects.get().token != token


def loaded(form: str, objects: Iterable[Model]) -> list[Any]:
    text = serializers.serialize(form, objects)
    return [each.object for each in serializers.deserialize(form, text)]


TEXTS: Final = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\r\n\t\x0b ]>&<"), max_size=50
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
@given(text=TEXTS | TEXTS.map("json:{}".format), form=st.sampled_from(["json", "xml"]))
def test_text_comes_back_as_it_was(text: str, form: str) -> None:
    product = Product(pk=1, name="a", label=text[: limits.LABEL], description=text)
    row = ReleaseCycle(pk=2, product=product, name="1", position=0, custom={"own": text})
    found = loaded(form, [product]) + loaded(form, [row])
    assert (found[0].label, found[0].description) == (product.label, text)
    assert found[1].custom == {"own": text}
    assert (product.description, product.label) == (text, text[: limits.LABEL])
