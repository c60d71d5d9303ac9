"""Products and their rows: names, aliases, identifiers, custom fields, history."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from pytest_django import DjangoAssertNumQueries

from releases.domain.names import RESERVED
from releases.domain.roadmap.columns import SUPPORT_COLUMNS, Column
from releases.models import Alias, Category, CustomField, Identifier, Product, Source, Tag
from tests.factories import make_custom_field, make_cycle, make_product

pytestmark = pytest.mark.django_db


def complaints(row: Product | Alias | CustomField | Category | Tag) -> dict[str, list[str]]:
    """Return the messages of validation by field."""
    try:
        row.full_clean()
    except ValidationError as error:
        return dict(error.message_dict)
    return {}


def test_only_name_and_title_are_required() -> None:
    """The other fields have defaults."""
    product = Product(name="acme-os", label="Acme OS")
    assert not complaints(product)
    product.save()
    assert (str(product), product.source) == ("Acme OS", Source.HERE)
    assert product.get_absolute_url() == "/acme-os/"


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_urls_of_pages_are_reserved(name: str) -> None:
    """A product at the URL of a page would be unreachable."""
    assert complaints(Product(name=name, label="x"))["name"] == [
        f"“{name}” is the address of a page of this site."
    ]


@pytest.mark.parametrize("name", ["roadmap.svg", "robots.txt", "django.json", "feed.atom"])
def test_urls_of_files_are_reserved(name: str) -> None:
    assert "name" in complaints(Product(name=name, label="x"))


@pytest.mark.parametrize("name", ["Django", "a b", "../x", "-x", "ä", "a/b", "x" * 101, ""])
def test_name_that_breaks_a_url_is_rejected(name: str) -> None:
    """Lower-case letters and digits are allowed, with . _ + - inside."""
    assert "name" in complaints(Product(name=name, label="x"))


@pytest.mark.parametrize("name", ["django", "node.js", "c++", "amazon_linux", "3ds"])
def test_name_may_contain_punctuation(name: str) -> None:
    """Real names have dots, plus signs, hyphens and underscores."""
    assert not complaints(Product(name=name, label="x"))


def test_name_is_unique() -> None:
    """Both validation and the database check it."""
    make_product("django")
    assert "name" in complaints(Product(name="django", label="x"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.create(name="django", label="x")


def test_name_may_equal_an_alias_of_another_product() -> None:
    """The name takes precedence over the alias."""
    postgres = make_product("postgresql", aliases=["postgres"])
    assert not complaints(Product(name="postgres", label="x"))
    postgres.name = "postgres"
    assert not complaints(postgres)


def test_alias_is_rejected_if_in_use() -> None:
    """It may not be a product, an alias of another product, or a reserved name."""
    postgres = make_product("postgresql", aliases=["postgres"])
    for name in ("postgresql", "postgres", "admin"):
        assert "name" in complaints(Alias(product=postgres, name=name))
    with pytest.raises(IntegrityError), transaction.atomic():
        Alias.objects.create(product=make_product("other"), name="postgres")


def test_identifier_is_unique_per_product() -> None:
    """Two products may share a package URL."""
    values = {"type": "purl", "value": "pkg:generic/openjdk"}
    first = make_product("temurin")
    Identifier.objects.create(product=first, **values)
    Identifier.objects.create(product=make_product("corretto"), **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Identifier.objects.create(product=first, **values)


def test_custom_field_is_unique_per_product() -> None:
    django = make_product("django")
    make_custom_field(django, "python")
    make_custom_field(make_product("wagtail"), "python")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_custom_field(django, "python")


@pytest.mark.parametrize("name", ["supported Python", "1st", "a-b", "a.b"])
def test_name_of_a_custom_field_is_a_key(name: str) -> None:
    """Files and the API use it, so it has letters, digits and _ only."""
    assert "name" in complaints(CustomField(product=make_product(), name=name))


def test_custom_field_is_shown_with_its_label() -> None:
    """Without a label it is shown with its name."""
    assert str(CustomField(name="python", label="Python")) == "Python"
    assert str(CustomField(name="python")) == "python"


@pytest.mark.parametrize("field", ["policy_link", "policy_image", "changelog_template"])
@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//x.test", "x"])
def test_links_are_web_urls(field: str, address: str) -> None:
    assert field in complaints(Product(name="x", label="x", **{field: address}))


@pytest.mark.parametrize("template", ["https://x.test/__LATEST__", "{{'https://x.test'}}"])
def test_template_may_begin_with_liquid(template: str) -> None:
    """Liquid may compose the link of release notes."""
    assert not complaints(Product(name="x", label="x", changelog_template=template))


def test_featured_products_come_first() -> None:
    """The order is position, title without regard to case, and name."""
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


def test_columns_have_their_labels() -> None:
    """A hidden column is False."""
    product = Product()
    assert list(product.columns) == list(SUPPORT_COLUMNS)
    assert {name for name, column in product.columns.items() if column.shown} == {
        name for name, column in SUPPORT_COLUMNS.items() if column.shown
    }
    product.columns = {"eoas": Column(True, "Fixes"), "latest": Column(False)}
    assert (product.show_eoas, product.eoas_label, product.show_latest) == (True, "Fixes", False)


def test_categories_and_tags_have_names_for_urls() -> None:
    """They have pages, too."""
    assert not complaints(Category(name="os"))
    assert not complaints(Tag(name="linux-distribution"))
    assert "name" in complaints(Category(name="Operating System"))
    assert "name" in complaints(Tag(name="a b"))


def test_category_with_products_cannot_be_deleted() -> None:
    """Its products would silently lose it."""
    make_product(category="framework")
    with pytest.raises(ProtectedError):
        Category.objects.get().delete()


def test_products_without_drafts_are_public() -> None:
    make_cycle(make_product())
    assert Product.objects.public().count() == 1


def test_every_save_is_recorded_in_the_history() -> None:
    """Earlier values can be read even after a deletion."""
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


def test_history_omits_large_columns() -> None:
    """The text of the file and the base of the merge are not edited by people."""
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


def test_deleting_a_product_deletes_its_rows() -> None:
    """Only the history remains."""
    product = make_product(aliases=["x"], tags=["y"])
    make_cycle(product)
    make_custom_field(product, "python")
    product.delete()
    assert not Alias.objects.exists()
    assert not CustomField.objects.exists()
    assert Tag.objects.exists()


def test_first_purl_is_the_main_identifier_unless_one_is_chosen() -> None:
    product = make_product()
    assert product.main_identifier is None
    product.identifiers.create(type="cpe", value="cpe:/a:djangoproject:django")
    assert product.main_identifier is None
    for value in ("pkg:pypi/django", "pkg:deb/debian/python-django"):
        product.identifiers.create(type="purl", value=value)
    assert str(product.main_identifier) == "purl: pkg:pypi/django"
    chosen = product.identifiers.last()
    assert chosen
    chosen.main = True
    chosen.save()
    assert str(product.main_identifier) == "purl: pkg:deb/debian/python-django"


def test_next_main_identifier_takes_the_place_of_the_former_one() -> None:
    product, other = make_product(), make_product("python")
    former = product.identifiers.create(type="purl", value="pkg:pypi/django", main=True)
    other.identifiers.create(type="purl", value="pkg:generic/python", main=True)
    chosen = Identifier(product=product, type="cpe", value="cpe:/a:x:django", main=True)
    chosen.full_clean()
    chosen.save()
    chosen.save()
    former.refresh_from_db()
    assert not former.main
    assert [row.main for row in Identifier.history.filter(id=former.pk)] == [False, True]
    assert Identifier.objects.filter(main=True).count() == 2


def test_product_has_one_main_identifier_at_most() -> None:
    product = make_product()
    rows = [Identifier(product=product, type="purl", value=v, main=True) for v in "ab"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Identifier.objects.bulk_create(rows)


def test_vendor_link_is_a_web_address() -> None:
    product = Product(name="x", label="x", vendor="Acme Inc.", vendor_link="javascript:alert(1)")
    assert "vendor_link" in complaints(product)


def test_ranges_of_versions_are_recorded_or_by_rule(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    product = make_product()
    make_cycle(product, "6.0", latest="6.0.1")
    make_cycle(product, "5.2", latest="5.2.19", versions="vers:pypi/>=5.2|<6.0")
    make_cycle(product, "trunk")
    assert product.version_ranges == {
        "6.0": "vers:generic/>=6.0|<6.1",
        "5.2": "vers:pypi/>=5.2|<6.0",
    }
    product.identifiers.create(type="purl", value="pkg:pypi/django")
    product = Product.objects.prefetch_related("cycles", "identifiers").get()
    with django_assert_num_queries(0):
        assert [each.vers for each in product.cycles.all()] == [
            "vers:pypi/>=6.0|<6.1",
            "vers:pypi/>=5.2|<6.0",
            "",
        ]
