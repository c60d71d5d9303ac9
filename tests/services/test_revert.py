"""Reverting one change, reverting to a point in time, and restoring deleted rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from releases.domain.lifecycle.milestones import format_milestone, parse_milestone
from releases.models import (
    Alias,
    Category,
    CustomField,
    CycleAlias,
    CycleIdentifier,
    Identifier,
    Product,
    Release,
    ReleaseCycle,
    Tag,
    UpgradeNote,
)
from releases.models.history import one_change
from releases.selectors.history.records import State, Subject, changes, moments, state_now
from releases.services.history.plan import RevertPlan, Why, plan_back_to, plan_revert
from releases.services.history.write import OutdatedError, RefusedError, carry_out
from releases.services.imports.import_run import Result
from releases.services.imports.upgrade_notes import import_upgrade_notes
from tests.factories import make_custom_field, make_cycle, make_note, make_product, make_release
from tests.product_files import cycle, import_files, write

pytestmark = pytest.mark.django_db

TABLES = (
    *(Product, Alias, Identifier, CustomField),
    *(ReleaseCycle, CycleAlias, CycleIdentifier, Release, UpgradeNote),
)


def of(row: Any) -> Subject:
    return Subject(type(row), row.pk)


def last_changed(subject: Subject) -> datetime:
    """Return the time of the object's last change."""
    return moments(subject)[0]


def revert(subject: Subject, at: datetime | None = None, reason: str = "back") -> RevertPlan:
    """Revert the last change of an object, or the change at a given time."""

    def plan() -> RevertPlan:
        return plan_revert(subject, changes(subject, [at or moment])[0])

    moment = last_changed(subject)
    return carry_out(plan, plan().digest, reason)


def revert_to(subject: Subject, moment: datetime, reason: str = "back") -> RevertPlan:
    def plan() -> RevertPlan:
        return plan_back_to(subject, moment)

    return carry_out(plan, plan().digest, reason)


def edit(row: Model, **values: object) -> None:
    """Edit a cycle as a form does, with milestones as texts."""
    row = type(row)._default_manager.get(pk=row.pk)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def dump() -> list[object]:
    """Return all rows of the catalogue's tables."""
    return [list(model._default_manager.order_by("pk").values()) for model in TABLES]


def tags_of(product: Product) -> list[str]:
    return sorted(product.tags.values_list("name", flat=True))


@pytest.fixture
def django() -> Product:
    """A product with every kind of related row."""
    with one_change("begun"):
        product = make_product("django", category="framework", tags=["web"], aliases=["dj"])
        alias = Alias.objects.get()
        alias.save()  # the factory writes no history of it
        make_custom_field(product, "python")
        Identifier.objects.create(product=product, type="purl", value="pkg:pypi/django")
        row = make_cycle(
            product, "5.2", release="2025-04-02", eol="2028-04", custom={"python": "3.10"}
        )
        CycleAlias.objects.create(product=product, cycle=row, name="5.x")
        CycleIdentifier.objects.create(cycle=row, type="purl", value="pkg:deb/debian/django5")
        make_release(row, "5.2.1", date=date(2025, 5, 7))
        make_note(product)
    return product


# ---- one change


def test_change_is_reverted(django: Product) -> None:
    """The date gets its former value and precision, and the history records the reason."""
    row = ReleaseCycle.objects.get()
    edit(row, eol=parse_milestone("2029-04-30"))
    plan = revert(of(row), reason="back to before")
    row.refresh_from_db()
    assert format_milestone(row.eol) == "2028-04"
    assert row.history.first().history_change_reason == "back to before"
    assert [each.field for each in plan.effects[0].differences] == ["eol"]


def test_revert_skips_fields_that_were_changed_later(django: Product) -> None:
    row = ReleaseCycle.objects.get()
    edit(row, eol=parse_milestone("2029"), codename="Five")
    moment = last_changed(of(row))
    edit(row, eol=parse_milestone("2030"))
    plan = revert(of(row), moment)
    row.refresh_from_db()
    assert (row.codename, format_milestone(row.eol)) == ("", "2030")
    assert [(each.why, each.change and each.change.field) for each in plan.kept] == [
        (Why.CHANGED, "eol")
    ]


def test_custom_fields_are_reverted_one_by_one(django: Product) -> None:
    row = ReleaseCycle.objects.get()
    edit(row, custom={"python": "3.11", "owner": "Ann"})
    moment = last_changed(of(row))
    edit(row, custom={"python": "3.12", "owner": "Ann"})
    revert(of(row), moment)
    row.refresh_from_db()
    assert row.custom == {"python": "3.12"}


def test_revert_can_be_reverted(django: Product) -> None:
    row = ReleaseCycle.objects.get()
    edit(row, eol=parse_milestone("2029"))
    revert(of(row))
    revert(of(row))
    row.refresh_from_db()
    assert format_milestone(row.eol) == "2029"


def test_revert_of_a_creation_deletes_the_row(django: Product) -> None:
    """Rows that depend on it and were added later prevent the deletion."""
    new = make_cycle(django, "6.0")
    moment = last_changed(of(django))
    later = make_release(new, "6.0.1")
    plan = plan_revert(of(django), changes(of(django), [moment])[0])
    assert plan.effects == ()
    assert [each.why for each in plan.kept] == [Why.OWNS]
    later.delete()
    revert(of(django), moment)
    assert not ReleaseCycle.objects.filter(name="6.0").exists()


def test_revert_does_not_restore_a_row_deleted_later(django: Product) -> None:
    row = ReleaseCycle.objects.get()
    edit(row, codename="Five")
    moment = last_changed(of(django))
    row.delete()
    plan = plan_revert(of(django), changes(of(django), [moment])[0])
    assert (plan.effects, [each.why for each in plan.kept]) == ((), [Why.DELETED])


# ---- former names of cycles


def test_former_name_is_deleted_and_restored_with_its_change(django: Product) -> None:
    before, subject = dump(), of(django)
    CycleAlias.objects.all().delete()
    assert [key[0] for key in state_now(subject) if key[0] is CycleAlias] == []
    revert(subject)
    assert dump() == before


def test_former_name_under_the_product_that_a_cycle_left_is_restored_with_either() -> None:
    """The name belongs to the cycle and to the product under whose address it was."""
    old, new = make_product("old"), make_product("new")
    row = make_cycle(new, "5")
    CycleAlias.objects.create(product=old, cycle=row, name="5")
    before = dump()
    for owner in (old, row):
        subject = of(owner)
        type(owner)._default_manager.filter(pk=owner.pk).delete()
        assert not CycleAlias.objects.exists()
        revert(subject)
        assert dump() == before


def test_former_name_does_not_come_back_before_its_cycle() -> None:
    old, new = make_product("old"), make_product("new")
    CycleAlias.objects.create(product=old, cycle=make_cycle(new, "5"), name="5")
    subject = of(old)
    old.delete()
    new.delete()
    revert(subject)
    assert not CycleAlias.objects.exists()


def test_product_with_a_later_former_name_stays_when_its_creation_is_reverted() -> None:
    """Deleting the product would delete the former name, which was added later."""
    new = make_product("new")
    old = make_product("old")
    CycleAlias.objects.create(product=old, cycle=make_cycle(new, "5"), name="5")
    subject = of(old)
    revert(subject, min(moments(subject)))
    assert set(Product.objects.all()) == {old, new}


# ---- deleted rows


def test_deleted_cycle_is_restored(django: Product) -> None:
    """Its releases are restored with their primary keys."""
    before = dump()
    row = ReleaseCycle.objects.get()
    subject = of(row)
    row.delete()
    revert(subject)
    assert dump() == before


def test_deleted_product_is_restored_with_related_rows(django: Product) -> None:
    """Its tags are included."""
    before, subject = dump(), of(django)
    Product.objects.all().delete()
    assert not any(dump())
    revert(subject)
    assert dump() == before
    assert tags_of(Product.objects.get()) == ["web"]


def test_cycle_is_not_restored_before_its_product(django: Product) -> None:
    subject = of(ReleaseCycle.objects.get())
    django.delete()
    plan = plan_revert(subject, changes(subject, [last_changed(subject)])[0])
    assert plan.effects == ()
    assert {each.why for each in plan.kept} == {Why.OWNER}


def test_existing_row_is_not_restored_twice(django: Product) -> None:
    row = ReleaseCycle.objects.get()
    subject = of(row)
    row.delete()
    moment = last_changed(subject)
    revert(subject)
    plan = plan_revert(subject, changes(subject, [moment])[0])
    assert (plan.effects, {each.why for each in plan.kept}) == ((), {Why.BACK})


def test_restore_is_rejected_if_the_name_is_in_use(django: Product) -> None:
    """The error is a sentence, and nothing is written."""
    subject = of(django)
    django.delete()
    make_product("django")
    before, rows = dump(), Product.history.count()
    with pytest.raises(RefusedError) as refused:
        revert(subject)
    (problem,) = refused.value.problems
    assert (problem.field, problem.message) == ("name", "Product with this Address already exists.")
    assert (dump(), Product.history.count()) == (before, rows)


def test_restore_skips_an_alias_that_is_now_a_product(django: Product) -> None:
    subject = of(django)
    django.delete()
    make_product("dj")
    with pytest.raises(RefusedError) as refused:
        revert(subject)
    assert [each.message for each in refused.value.problems] == ["There is a product “dj”."]
    assert not Product.objects.filter(name="django").exists()


def test_restore_skips_deleted_tags_and_categories(django: Product) -> None:
    """The plan reports them."""
    subject = of(django)
    django.delete()
    Tag.objects.all().delete()
    Category.objects.all().delete()
    plan = revert(subject)
    assert sorted(each.change.field for each in plan.kept if each.change) == ["category", "tags"]
    product = Product.objects.get()
    assert (product.category, tags_of(product)) == (None, [])


# ---- revert to a point in time


def test_revert_to_a_time_undoes_all_later_changes(django: Product) -> None:
    """Changed, added and deleted rows are all reverted."""
    before, moment = dump(), last_changed(of(django))
    edit(django, label="DJANGO")
    django.tags.set([])
    ReleaseCycle.objects.all().delete()
    make_release(make_cycle(django, "6.0"), "6.0.1")
    UpgradeNote.objects.update(title="other")
    edit(UpgradeNote.objects.get(), title="another")
    revert_to(of(django), moment)
    assert dump() == before
    assert tags_of(django) == ["web"]


def test_row_without_history_stays(django: Product) -> None:
    """A row that is older than the history was not added later."""
    moment = last_changed(of(django))
    Identifier.objects.bulk_create([Identifier(product=django, type="cpe", value="x")])
    assert plan_back_to(of(django), moment).effects == ()


def test_cycle_moves_back_to_its_former_product(django: Product) -> None:
    """Its interim address moves with it. The interim product's history excludes the time before."""
    other, row = make_product("python"), ReleaseCycle.objects.get()
    before, moment = dump(), last_changed(of(django))
    edit(row, product=other, codename="Five")
    revert_to(of(django), moment)
    CycleAlias.objects.get(product=other, cycle=row, name="5.2").delete()
    assert dump() == before
    edit(row, codename="Six")
    edit(other, label="Py")
    revert_to(of(other), last_changed(of(other)))
    row.refresh_from_db()
    assert row.codename == "Six"


def test_swapped_names_are_reverted(django: Product) -> None:
    make_cycle(django, "6.0")
    moment = last_changed(of(django))
    first, second = ReleaseCycle.objects.order_by("pk")
    edit(first, name="aside")
    edit(second, name="5.2")
    edit(first, name="6.0")
    revert_to(of(django), moment)
    assert list(ReleaseCycle.objects.order_by("pk").values_list("name", flat=True)) == [
        "5.2",
        "6.0",
    ]


def test_revert_that_breaks_the_date_order_is_rejected(django: Product) -> None:
    """The error is reported at the field."""
    row = ReleaseCycle.objects.get()
    edit(row, eoas=parse_milestone("2026"))
    moment = last_changed(of(row))
    edit(row, release=parse_milestone("2024-01-01"))
    first = last_changed(of(row))
    edit(row, eoas=parse_milestone("2024-06-01"))
    with pytest.raises(RefusedError) as refused:
        revert(of(row), first)
    (problem,) = refused.value.problems
    assert problem.field == "eoas"
    assert problem.message.endswith("is before the release (2 Apr 2025).")
    row.refresh_from_db()
    assert format_milestone(row.release) == "2024-01-01"
    revert_to(of(row), moment)
    row.refresh_from_db()
    assert format_milestone(row.eoas) == "2026"


def test_outdated_plan_is_rejected(django: Product) -> None:
    """A change between the preview and the click is not overwritten."""
    row = ReleaseCycle.objects.get()
    moment = last_changed(of(row))
    edit(row, eol=parse_milestone("2029"))
    seen = plan_back_to(of(row), moment).digest
    edit(row, eol=parse_milestone("2030"))
    with pytest.raises(OutdatedError):
        carry_out(lambda: plan_back_to(of(row), moment), seen, "")
    row.refresh_from_db()
    assert format_milestone(row.eol) == "2030"


# ---- permissions


def test_required_permissions(django: Product) -> None:
    """Restoring rows needs add, deleting rows needs delete, and showing rows needs publish."""
    moment = last_changed(of(django))
    row = ReleaseCycle.objects.get()
    make_cycle(django, "6.0", draft=True)
    row.delete()
    assert plan_back_to(of(django), moment).rights == {
        "change_product",
        "add_cyclealias",
        "add_cycleidentifier",
        "add_release",
        "add_releasecycle",
        "publish_releasecycle",
        "delete_releasecycle",
    }
    edit(django, draft=True)
    assert plan_revert(of(django), changes(of(django), [last_changed(of(django))])[0]).rights == {
        "change_product",
        "publish_product",
    }


def test_making_a_row_visible_requires_publish(django: Product) -> None:
    """A note can be hidden by its cycle, and a cycle by its product."""
    make_cycle(django, "6.0", draft=True)
    note = UpgradeNote.objects.get()
    edit(note, to_cycle="6.0")
    assert _permissions_to_revert(note) == {"change_upgradenote", "publish_upgradenote"}
    revert(of(note))
    assert _permissions_to_revert(note) == {"change_upgradenote"}
    row = ReleaseCycle.objects.get(name="5.2")
    edit(row, product=make_product("secret", draft=True))
    assert _permissions_to_revert(row) == {"change_releasecycle", "publish_releasecycle"}


def _permissions_to_revert(row: Any) -> set[str]:
    return plan_revert(of(row), changes(of(row), [last_changed(of(row))])[0]).rights


# ---- together with imports


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    cycles = cycle("2.0", eol=date(2029, 4, 30)), cycle("1.0", eol=date(2028, 4, 30), owner="Ann")
    path = write(
        tmp_path / "acme.md",
        *cycles,
        cycle("0.9"),
        tags="a b",
        category="os",
        alternate_urls=["/acme-os"],
        identifiers=[{"purl": "pkg:generic/acme"}],
        customFields=[{"name": "owner", "label": "Owner", "display": "api-only"}],
        body="# Acme\n",
    )
    import_files(path)
    return path


def delete_and_restore() -> None:
    product = Product.objects.get()
    subject = of(product)
    product.delete()
    revert(subject)


def edits() -> None:
    """Apply the edits that people make between imports."""
    edit(Product.objects.get(), label="Our Acme")
    edit(ReleaseCycle.objects.get(name="1.0"), eol=parse_milestone("2030"), custom={"owner": "Bob"})
    ReleaseCycle.objects.get(name="0.9").delete()
    make_cycle(Product.objects.get(), "ours")


def test_import_after_delete_and_restore_changes_nothing(acme: Path) -> None:
    """Local edits stay."""
    edits()
    before = dump()
    delete_and_restore()
    outcome = import_files(acme)[0]
    assert (outcome.result, list(outcome.changes)) == (Result.UPDATED, [])
    assert sorted(outcome.local_edits) == [
        "custom of 1.0",
        "deletion of 0.9",
        "eol of 1.0",
        "label",
    ]
    assert dump() == before


def test_import_after_restore_merges_a_new_file(acme: Path) -> None:
    """Local edits stay, and all other values follow the file."""
    edits()
    delete_and_restore()
    new = cycle("2.0", eol=date(2031, 1, 1)), cycle("1.0", eol=date(2027, 4, 30), owner="Eve")
    outcome = import_files(write(acme, *new, title="ACME", tags="a c"))[0]
    assert {"eol of 2.0", "tags"} <= set(outcome.changes)
    assert {"label", "eol of 1.0", "custom of 1.0"} <= set(outcome.local_edits)
    assert ReleaseCycle.objects.get(name="1.0").custom == {"owner": "Bob"}


def test_restored_base_combines_several_imports(acme: Path) -> None:
    """The base has the last value of each import."""
    new = cycle("2.0", eol=date(2031, 1, 1)), cycle("1.0", eol=date(2028, 4, 30), owner="Eve")
    import_files(write(acme, cycle("3.0"), *new, tags="c"))
    before = Product.objects.get().imported
    delete_and_restore()
    after = Product.objects.get().imported
    assert before is not None
    assert after is not None
    assert after["product"] == before["product"]
    assert after["cycles"] == before["cycles"]
    assert after["order"] == [*before["order"], "0.9"]  # which the file no longer has


def test_restored_note_follows_its_file(django: Product, tmp_path: Path) -> None:
    """Local edits stay, and all other values follow the file."""
    Product.objects.update(source="file")
    text = "---\nnotes:\n  - key: five\n    title: To 5.0\n    to: '5.0'\n    text: Text.\n---\n"
    (tmp_path / "django.md").write_text(text)
    list(import_upgrade_notes(tmp_path))
    note = UpgradeNote.objects.exclude(key="note").get()
    imported, subject = note.imported, of(note)
    edit(note, title="Ours")
    note.delete()
    revert(subject)
    assert UpgradeNote.objects.get(pk=subject.pk).imported == imported


# ---- any edits


Edit = Callable[[Product], None]
names = st.sampled_from(["1", "2", "3"])
dates = st.sampled_from(["", "2020", "2025-04", "2030-01-01", "yes", "no"])


def some_cycle(product: Product, name: str) -> ReleaseCycle | None:
    return product.cycles.filter(name=name).first()


def rename(product: Product, name: str, to: str) -> None:
    row = some_cycle(product, name)
    if row and not some_cycle(product, to):
        edit(row, name=to)


def add(product: Product, name: str) -> None:
    if not some_cycle(product, name):
        make_release(make_cycle(product, name, release="2020"), "a")


def delete(product: Product, name: str) -> None:
    product.cycles.filter(name=name).delete()


def date_cycle(product: Product, name: str, eol: str) -> None:
    if row := some_cycle(product, name):
        edit(row, eol=parse_milestone(eol), custom={"a": eol, "b": "x"} if eol else {})


def tag(product: Product, names: set[str]) -> None:
    product.tags.set([Tag.objects.get_or_create(name=name)[0] for name in names])


def relabel(product: Product, label: str) -> None:
    edit(product, label=label, draft=label == "2")
    Alias.objects.filter(product=product).delete()
    Alias.objects.create(product=product, name=f"{product.name}-{label}")


some_edits = st.one_of(
    st.builds(lambda a, b: lambda product: rename(product, a, b), names, names),
    st.builds(lambda a: lambda product: add(product, a), names),
    st.builds(lambda a: lambda product: delete(product, a), names),
    st.builds(lambda a, b: lambda product: date_cycle(product, a, b), names, dates),
    st.builds(lambda a: lambda product: tag(product, a), st.sets(names)),
    st.builds(lambda a: lambda product: relabel(product, a), names),
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(some_edits, min_size=1, max_size=7), st.data())
def test_revert_to_any_time_restores_that_state(edits: list[Edit], data: st.DataObject) -> None:
    """Reverting the last change restores the state before it.

    Interim names remain as former names.
    """

    def state_without_former_names() -> State:
        return {key: row for key, row in state_now(subject).items() if key[0] is not CycleAlias}

    product = make_product(f"p{Product.history.count()}")
    subject = of(product)
    states: list[tuple[datetime, State]] = [(last_changed(subject), state_now(subject))]
    for each in edits:
        with one_change():
            each(Product.objects.get(pk=product.pk))
        if last_changed(subject) != states[-1][0]:
            states.append((last_changed(subject), state_now(subject)))
    if len(states) > 1:
        revert(subject)
        assert state_without_former_names() == states[-2][1]
    moment, state = data.draw(st.sampled_from(states))
    revert_to(subject, moment)
    assert state_without_former_names() == state


# ---- query counts


def test_query_count_does_not_depend_on_the_number_of_rows(
    django: Product, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """The test restores a product with 50 cycles and 100 releases."""
    for number in range(50):
        row = make_cycle(django, f"{number}")
        make_release(row, "a")
        make_release(row, "b")
    subject = of(django)
    django.delete()
    with django_assert_max_num_queries(130):
        revert(subject)
    assert ReleaseCycle.objects.count() == 51


# ---- main identifiers and version ranges


def chosen() -> list[str]:
    return list(Identifier.objects.filter(main=True).values_list("value", flat=True))


def test_revert_restores_the_main_identifier(django: Product) -> None:
    purl = Identifier.objects.get()
    edit(purl, main=True)
    Identifier.objects.create(product=django, type="cpe", value="cpe:/a:x:django", main=True)
    assert chosen() == ["cpe:/a:x:django"]
    revert(of(django))
    assert chosen() == ["pkg:pypi/django"]
    revert(of(django))
    assert chosen() == ["cpe:/a:x:django"]


def test_restored_identifier_does_not_replace_the_main_one(django: Product) -> None:
    edit(Identifier.objects.get(), main=True)
    Identifier.objects.all().delete()
    moment = last_changed(of(django))
    Identifier.objects.create(product=django, type="cpe", value="cpe:/a:x:django", main=True)
    revert(of(django), moment)
    assert chosen() == ["cpe:/a:x:django"]
    assert Identifier.objects.count() == 2


def test_range_and_identifiers_of_a_cycle_are_reverted(django: Product) -> None:
    row = ReleaseCycle.objects.get()
    before = dump()
    with one_change("widened"):
        edit(row, versions="vers:pypi/>=5.2|<6.0")
        CycleIdentifier.objects.all().delete()
    assert dump() != before
    revert(of(row))
    assert dump() == before
