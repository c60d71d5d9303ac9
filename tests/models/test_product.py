"""Products and what belongs to one: names, aliases, identifiers, own columns, history."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from releases.domain.names import RESERVED
from releases.domain.roadmap.columns import SUPPORT_COLUMNS, Column
from releases.models import Alias, Category, CustomField, Identifier, Product, Source, Tag
from tests.factories import make_custom_field, make_cycle, make_product

pytestmark = pytest.mark.django_db


def complaints(row: Product | Alias | CustomField | Category | Tag) -> dict[str, list[str]]:
    """What validation says, by field."""
    try:
        row.full_clean()
    except ValidationError as error:
        return dict(error.message_dict)
    return {}


def test_a_product_needs_a_name_and_a_title_only() -> None:
    """The rest has defaults: made here, with the usual columns."""
    product = Product(name="acme-os", label="Acme OS")
    assert not complaints(product)
    product.save()
    assert (str(product), product.source) == ("Acme OS", Source.HERE)
    assert product.get_absolute_url() == "/acme-os/"


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_the_addresses_of_pages_are_reserved(name: str) -> None:
    """A product at the address of a page could not be reached."""
    assert complaints(Product(name=name, label="x"))["name"] == [
        f"“{name}” is the address of a page of this site."
    ]


@pytest.mark.parametrize("name", ["roadmap.svg", "robots.txt", "django.json", "feed.atom"])
def test_the_addresses_of_files_are_reserved(name: str) -> None:
    """What is at the root as a file cannot be a product."""
    assert "name" in complaints(Product(name=name, label="x"))


@pytest.mark.parametrize("name", ["Django", "a b", "../x", "-x", "ä", "a/b", "x" * 101, ""])
def test_a_name_is_good_for_an_address(name: str) -> None:
    """Small letters, digits and . _ + - inside it."""
    assert "name" in complaints(Product(name=name, label="x"))


@pytest.mark.parametrize("name", ["django", "node.js", "c++", "amazon_linux", "3ds"])
def test_a_name_may_have_signs_inside(name: str) -> None:
    """Real names hold dots, plus signs, hyphens and underscores."""
    assert not complaints(Product(name=name, label="x"))


def test_a_name_is_unique() -> None:
    """Validation says so, and the database refuses it."""
    make_product("django")
    assert "name" in complaints(Product(name="django", label="x"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.create(name="django", label="x")


def test_name_may_be_an_alias_of_another() -> None:
    """A name in use goes before an alias."""
    postgres = make_product("postgresql", aliases=["postgres"])
    assert not complaints(Product(name="postgres", label="x"))
    postgres.name = "postgres"
    assert not complaints(postgres)


def test_an_alias_is_no_product() -> None:
    """Nor is it the alias of two, nor reserved."""
    postgres = make_product("postgresql", aliases=["postgres"])
    for name in ("postgresql", "postgres", "admin"):
        assert "name" in complaints(Alias(product=postgres, name=name))
    with pytest.raises(IntegrityError), transaction.atomic():
        Alias.objects.create(product=make_product("other"), name="postgres")


def test_an_identifier_is_unique_in_its_product_only() -> None:
    """Two products may share a purl."""
    values = {"type": "purl", "value": "pkg:generic/openjdk"}
    first = make_product("temurin")
    Identifier.objects.create(product=first, **values)
    Identifier.objects.create(product=make_product("corretto"), **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Identifier.objects.create(product=first, **values)


def test_a_custom_field_is_unique_in_its_product_only() -> None:
    """Each product has its own columns."""
    django = make_product("django")
    make_custom_field(django, "python")
    make_custom_field(make_product("wagtail"), "python")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_custom_field(django, "python")


@pytest.mark.parametrize("name", ["supported Python", "1st", "a-b", "a.b"])
def test_a_custom_field_has_a_key_for_a_name(name: str) -> None:
    """Letters, digits and _ only: it is a key in files and in the API."""
    assert "name" in complaints(CustomField(product=make_product(), name=name))


def test_a_custom_field_is_called_by_its_label() -> None:
    """Without one, by its name."""
    assert str(CustomField(name="python", label="Python")) == "Python"
    assert str(CustomField(name="python")) == "python"


@pytest.mark.parametrize("field", ["policy_link", "policy_image", "changelog_template"])
@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//x.test", "x"])
def test_links_are_web_addresses(field: str, address: str) -> None:
    """Nothing else may become a link."""
    assert field in complaints(Product(name="x", label="x", **{field: address}))


@pytest.mark.parametrize("template", ["https://x.test/__LATEST__", "{{'https://x.test'}}"])
def test_a_template_may_begin_with_liquid(template: str) -> None:
    """The link of release notes may be put together by Liquid."""
    assert not complaints(Product(name="x", label="x", changelog_template=template))


def test_featured_products_come_first() -> None:
    """By their position, then by title whatever its capitals, then by name."""
    for name, label, featured in (
        ("z", "beta", None),
        ("y", "Alpha", None),
        ("b", "Same", None),
        ("a", "Same", None),
        ("x", "Zeta", 2),
        ("w", "Eta", 1),
    ):
        make_product(name, label=label, featured=featured)
    assert "".join(product.name for product in Product.objects.all()) == "wxyzab"


def test_columns_are_one_value() -> None:
    """What is shown, and under which label, by column."""
    product = Product()
    assert list(product.columns) == list(SUPPORT_COLUMNS)
    assert {name for name, column in product.columns.items() if column.shown} == {
        name for name, column in SUPPORT_COLUMNS.items() if column.shown
    }
    product.columns = {"eoas": Column(True, "Fixes"), "latest": Column(False)}
    assert (product.show_eoas, product.eoas_label, product.show_latest) == (True, "Fixes", False)


def test_categories_and_tags_have_names_for_addresses() -> None:
    """They have pages, too."""
    assert not complaints(Category(name="os"))
    assert not complaints(Tag(name="linux-distribution"))
    assert "name" in complaints(Category(name="Operating System"))
    assert "name" in complaints(Tag(name="a b"))


def test_a_category_with_products_stays() -> None:
    """Its deletion would leave them without one, unasked."""
    make_product(category="framework")
    with pytest.raises(ProtectedError):
        Category.objects.get().delete()


def test_everything_is_public() -> None:
    """As long as there are no drafts."""
    make_cycle(make_product())
    assert Product.objects.public().count() == 1


def test_every_save_is_kept_in_the_history() -> None:
    """What a product was can be looked up, also after its end."""
    product = make_product(label="Django")
    product.label = "Django web framework"
    product.save()
    product.delete()
    kept = Product.history.values_list("history_type", "label")
    assert list(kept) == [
        ("-", "Django web framework"),
        ("~", "Django web framework"),
        ("+", "Django"),
    ]


def test_the_history_is_of_what_people_edit() -> None:
    """The text of the file and the base of the merge would only make it large."""
    product = make_product(imported={"product": {}}, file_text="---\n", file_digest="0")
    row = product.history.get()
    for name in ("imported", "file_text", "file_digest"):
        assert not hasattr(type(row), name)


def test_custom_fields_have_a_history() -> None:
    """Their labels are edited like those of the product."""
    field = make_custom_field(make_product(), "python", label="Python")
    field.label = "Runs on"
    field.save()
    assert [row.label for row in field.history.all()] == ["Runs on", "Python"]


def test_a_product_takes_all_its_own_along() -> None:
    """Nothing is left of a deleted product but its history."""
    product = make_product(aliases=["x"], tags=["y"])
    make_cycle(product)
    make_custom_field(product, "python")
    product.delete()
    assert not Alias.objects.exists()
    assert not CustomField.objects.exists()
    assert Tag.objects.exists()
