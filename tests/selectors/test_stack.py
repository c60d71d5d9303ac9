"""The stack check: matched products, versions and query counts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pytest_django import DjangoAssertNumQueries

from releases import selectors
from releases.domain.ranges import Range
from releases.domain.stack import MAX_PARTS, Part, Place
from releases.formats.stack import LIMITS, Component, read_stack
from releases.models import Identifier, Product, ReleaseCycle
from releases.selectors import StackCheck
from tests.conftest import ON
from tests.factories import make_cycle, make_product, make_release

pytestmark = pytest.mark.django_db

COMPONENT_QUERIES = (
    "identifiers of cycles",
    "identifiers with their products",
    "products called so",
    "their aliases",
    "cycles",
    "former names of cycles",
    "releases",
)
PART_QUERIES = (
    "products of these names or aliases",
    "their aliases",
    "cycles",
    "former names of cycles",
    "releases",
)


def make_known(name: str, *purls: str, aliases: Sequence[str] = ()) -> Product:
    """Create a product with package URLs."""
    product = make_product(name, category="lang", aliases=aliases)
    Identifier.objects.bulk_create(
        Identifier(product=product, type="purl", value=purl) for purl in purls
    )
    return product


def check(text: str) -> StackCheck:
    """Return the result for the components of a file."""
    return selectors.check_components(read_stack(text).components, ON)


def parts(found: StackCheck) -> list[str]:
    return [str(item.part) for item in found.items]


def unversioned(found: StackCheck) -> list[tuple[str, str]]:
    return [(each.component.name, product.name) for each, product in found.unversioned]


def unknown(found: StackCheck) -> list[str]:
    return [str(component) for component in found.unknown]


def verdicts(found: StackCheck) -> list[object]:
    return [(item.parts, item.verdict) for item in found.items]


@pytest.fixture
def django() -> Product:
    product = make_known("django", "pkg:pypi/django")
    make_cycle(product, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30", lts="yes")
    make_cycle(product, "4.2", release="2023-04-03", eol="2026-04-07")
    return product


@pytest.fixture
def python() -> Product:
    product = make_known("python", "pkg:docker/bitnami/python", "pkg:generic/python")
    make_cycle(product, "3.14", release="2025-10-07", eol="2030-10-31")
    make_cycle(product, "3.12", release="2023-10-02", eoas="2025-04-02", eol="2028-10-31")
    return product


@pytest.fixture
def ubuntu() -> Product:
    product = make_product("ubuntu")
    make_cycle(product, "26.04", codename="Resolute Raccoon", release="2026-04-23", eol="2031-05")
    make_cycle(product, "24.04", codename="Noble Numbat", release="2024-04-25", eol="2029-05-31")
    return product


# ---- query counts


@pytest.mark.parametrize("count", [1, 60])
def test_file_takes_seven_queries(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The numbers of components, products and cycles do not matter."""
    for number in range(count):
        product = make_known(f"p{number}", f"pkg:npm/p{number}", aliases=[f"a{number}"])
        image = make_product(f"image{number}", category="os", aliases=[f"alias{number}"])
        for cycle in (make_cycle(each, str(n)) for each in (product, image) for n in range(3)):
            make_release(cycle, f"{cycle.name}.1", date=ON)
    components = [
        each
        for number in range(count)
        for each in (
            Component(f"p{number}", "1.0", f"pkg:npm/p{number}"),
            Component(f"alias{number}", "2", f"pkg:docker/library/alias{number}"),
            Component(f"nothing{number}", "2", f"pkg:docker/library/nothing{number}"),
            Component(f"none{number}", "2", ""),
        )
    ]
    with django_assert_num_queries(len(COMPONENT_QUERIES)):
        found = selectors.check_components(components, ON)
        [f"{item.product.category} {item.verdict}" for item in found.items]
    assert (len(found.items), len(found.unknown)) == (2 * count, 2 * count)


@pytest.mark.parametrize("count", [1, 60])
def test_url_takes_five_queries(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The number of components does not matter."""
    for number in range(count):
        product = make_product(f"p{number}", category="os", aliases=[f"a{number}"])
        make_release(make_cycle(product, "1"), "1.1", date=ON)
    wanted = [Part(f"{'pa'[number % 2]}{number}", "1.0") for number in range(count)]
    with django_assert_num_queries(len(PART_QUERIES)):
        found = selectors.stack([*wanted, Part("nothing", "1")], ON)
        [f"{item.product.category} {item.verdict}" for item in found.items]
    assert (len(found.items), found.missing) == (count, [Part("nothing", "1")])


@pytest.mark.usefixtures("django")
def test_largest_file_fits_into_one_query() -> None:
    """The database accepts every form of every package URL at once."""
    components = [
        Component(f"n{number}", "1", f"pkg:oci/n{number}?repository_url=a%2Fb")
        for number in range(LIMITS.components - 1)
    ]
    components.append(Component("Django", "5.2", "pkg:pypi/django"))
    found = selectors.check_components(components, ON)
    assert (parts(found), len(found.unknown)) == (["django:5.2.0"], LIMITS.components - 1)


def test_large_columns_are_deferred(django: Product, ubuntu: Product) -> None:
    """This holds for products found by identifier and by name."""
    found = check('[project]\ndependencies = ["django==5.2"]\n').items
    found += check("FROM ubuntu:24.04").items
    for item in found:
        assert {"imported", "file_text"} <= item.product.get_deferred_fields()


# ---- which product is meant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Django==5.2.1", ["django:5.2.1"]),
        ("DJANGO==5.2.1", ["django:5.2.1"]),
        ("FROM python:3.12-slim", ["python:3.12"]),
        ("FROM bitnami/python:3.12", ["python:3.12"]),
        ("FROM acme/python:3.12", []),
        ("FROM ubuntu:noble-20240101", ["ubuntu:24.04"]),
        ("FROM ubuntu:24.04", ["ubuntu:24.04"]),
        ("python-3.12.4", ["python:3.12.4"]),
    ],
)
@pytest.mark.usefixtures("django", "python", "ubuntu")
def test_products_are_found_by_package_url_or_name(text: str, expected: list[str]) -> None:
    """Only official images are found by the name of their product."""
    assert parts(check(text)) == expected


@pytest.mark.parametrize("stored", ["pkg:npm/%40angular/core", "pkg:npm/@angular/core"])
def test_npm_scope_matches_every_spelling(stored: str) -> None:
    make_cycle(make_known("angular", stored), "20")
    lock = '{"lockfileVersion": 3, "packages": {"node_modules/@angular/core": {"version": "20.1"}}}'
    assert parts(check(lock)) == ["angular:20.1"]


def test_pypi_names_match_every_spelling() -> None:
    make_cycle(make_known("airflow", "pkg:pypi/apache-airflow"), "3")
    assert parts(check("Apache_Airflow==3.0.1")) == ["airflow:3.0.1"]
    assert parts(check("apache.airflow==3.0.1")) == ["airflow:3.0.1"]


def test_image_of_another_registry_is_found_only_by_its_identifier() -> None:
    make_cycle(make_known("deno", "pkg:oci/deno?repository_url=ghcr.io/denoland"), "2.1")
    assert parts(check("FROM ghcr.io/denoland/deno:2.1.0")) == ["deno:2.1.0"]
    assert parts(check("FROM ghcr.io/somebody/deno:2.1.0")) == []


def test_official_image_is_found_by_an_alias() -> None:
    make_cycle(make_product("postgresql", aliases=["postgres"]), "17")
    assert parts(check("FROM postgres:17-alpine")) == ["postgresql:17"]


def test_identifier_wins_over_name() -> None:
    """An image may contain something other than its name suggests."""
    make_cycle(make_product("mongo"), "8")
    make_cycle(make_known("mongodb", "pkg:docker/library/mongo"), "8")
    assert parts(check("FROM mongo:8")) == ["mongodb:8"]


def test_package_is_not_found_by_the_name_of_a_product() -> None:
    """The package redis is a client of Redis."""
    make_cycle(make_product("redis"), "5")
    assert unknown(check("redis==5.0.1")) == ["redis 5.0.1"]


def test_shared_identifier_prefers_products_with_the_version() -> None:
    """All that have it are found, or the first by name if none has."""
    old, new = make_known("angularjs", "pkg:npm/angular"), make_known("angular", "pkg:npm/angular")
    make_cycle(old, "1.8")
    make_cycle(new, "20")
    for product in (old, new):
        make_cycle(product, "1.2")

    def found(version: str) -> list[str]:
        component = Component("angular", version, "pkg:npm/angular")
        return parts(selectors.check_components([component], ON))

    assert found("1.8.3") == ["angularjs:1.8.3"]
    assert found("20.1.0") == ["angular:20.1.0"]
    assert found("1.2.3") == ["angular:1.2.3", "angularjs:1.2.3"]
    assert found("7.0.0") == ["angular:7.0.0"]


@pytest.mark.usefixtures("django")
def test_drafts_are_not_found() -> None:
    Product.objects.all().delete()
    assert unknown(check("Django==5.2.1")) == ["Django 5.2.1"]


def test_component_is_found_by_cpe_name() -> None:
    """Its package URL comes first; the two forms of a CPE name are the same."""
    nginx = make_product("nginx")
    Identifier.objects.create(product=nginx, type="cpe", value="cpe:/a:f5:nginx")
    make_cycle(nginx, "1.18", release="2020-04-21", eol="2021-04-20")
    make_cycle(make_known("freenginx", "pkg:generic/freenginx"), "1.18")
    cpe = "cpe:2.3:a:f5:nginx:1.18.0:*:*:*:*:*:*:*"
    only = Component("nginx", "1.18.0", "", cpes=(cpe,))
    other = Component("freenginx", "1.18.0", "pkg:generic/freenginx", cpes=(cpe,))
    third = Component("nginx", "1.18.0", "pkg:generic/nothing", cpes=(cpe,))
    for component, expected in ((only, "nginx"), (other, "freenginx"), (third, "nginx")):
        found = selectors.check_components([component], ON)
        assert parts(found) == [f"{expected}:1.18.0"]


# ---- ranges


def in_range(text: str, scheme: str = "pypi") -> StackCheck:
    component = Component("Django", "", "pkg:pypi/django", (3,), wanted=Range(scheme, text))
    return selectors.check_components([component], ON)


@pytest.mark.usefixtures("django")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (">=5.2,<5.3", ["django:5.2"]),
        (">=4.2,<5.0", ["django:4.2"]),
        (">=4.2,<5.3", []),
        (">=4", []),
    ],
)
def test_range_is_the_only_cycle_that_fits(text: str, expected: list[str]) -> None:
    """A range that leaves several open is not pinned."""
    found = in_range(text)
    assert parts(found) == expected
    assert len(found.unversioned) == (not expected)


@pytest.mark.usefixtures("django")
def test_range_and_pin_of_a_cycle_are_one_item() -> None:
    components = [
        Component("Django", "", "pkg:pypi/django", (3,), wanted=Range("pypi", ">=5.2,<5.3")),
        Component("Django", "5.2.1", "pkg:pypi/django", (9,)),
    ]
    (item,) = selectors.check_components(components, ON).items
    assert item.versions == ("5.2", "5.2.1")
    assert [place.line for place in item.places] == [3, 9]


# ---- results


@pytest.mark.usefixtures("django", "python", "ubuntu")
def test_most_urgent_component_comes_first() -> None:
    """The order of the file does not matter, and duplicates are removed."""
    components = [
        Component("python", "3.14", "pkg:generic/python", moving=True),
        Component("Django", "5.2.1", "pkg:pypi/django"),
        Component("Django", "4.2", "pkg:pypi/django"),
        Component("django", "4.2", "pkg:pypi/django"),
        Component("django", "9", "pkg:pypi/django"),
    ]
    found = selectors.check_components(components, ON)
    assert parts(found) == ["django:4.2.0", "django:5.2.1", "python:3.14", "django:9"]
    assert found.items[-1].verdict.cycle is None


@pytest.mark.usefixtures("django")
def test_item_has_the_versions_and_places_of_its_cycle() -> None:
    """It is judged by the version with the most urgent verdict, here one that misses a release."""
    cycle = ReleaseCycle.objects.get(name="5.2")
    cycle.latest, cycle.latest_date = "5.2.3", ON
    cycle.save()
    make_release(cycle, "5.2.3", kind="security", date=ON)
    files = [
        ("b/requirements.txt", [Component("Django", "5.2.3", "pkg:pypi/django", (4, 8))]),
        ("a.txt", [Component("Django", "5.2.2", "pkg:pypi/django", (7,))]),
        ("c.txt", [Component("django", "5.2.3", "pkg:pypi/django")]),
        ("a.txt", [Component("flask", "1", "pkg:pypi/flask", (2,))]),
        ("c.txt", [Component("flask", "1", "pkg:pypi/flask", (9,))]),
    ]
    found = selectors.check_files(files, ON)
    (item,) = found.items
    assert (item.version, item.versions) == ("5.2.2", ("5.2.2", "5.2.3"))
    assert [str(place) for place in item.places] == [
        "a.txt:7",
        "b/requirements.txt:4",
        "b/requirements.txt:8",
        "c.txt",
    ]
    (other,) = found.unknown
    assert other.places == (Place("a.txt", 2), Place("c.txt", 9))


@pytest.mark.usefixtures("django", "python", "ubuntu")
def test_component_without_a_version_is_listed_with_its_product() -> None:
    """A tag need not be a version or a codename."""
    found = check("FROM ubuntu:latest\nFROM python:slim\nFROM bitnami/python\n")
    assert unversioned(found) == [
        ("ubuntu", "ubuntu"),
        ("python", "python"),
        ("bitnami/python", "python"),
    ]
    assert (found.items, found.unknown) == ([], [])


@pytest.mark.usefixtures("python")
def test_component_with_a_version_in_another_file_is_not_unversioned() -> None:
    """A project declares its supported Python versions, and its Dockerfile the one in use."""
    components = [
        Component("python", "", "pkg:generic/python"),
        Component("python", "3.12", "pkg:docker/library/python", moving=True),
    ]
    found = selectors.check_components(components, ON)
    assert (parts(found), found.unversioned) == (["python:3.12"], [])


@pytest.mark.usefixtures("django")
def test_unknown_components_are_listed_in_file_order() -> None:
    """Components without a valid package URL are included."""
    components = [
        Component("b", "1", "pkg:pypi/b"),
        Component("a", "", ""),
        Component("c", "2", "pkg:docker/library/C%00"),
        Component("d", "3", "pkg:generic/%ff"),
    ]
    found = selectors.check_components(components, ON)
    assert unknown(found) == ["b 1", "a", "c 2", "d 3"]
    assert (found.items, found.unversioned) == ([], [])


@pytest.mark.usefixtures("django")
def test_excess_components_are_counted() -> None:
    components = [
        Component("Django", f"5.2.{number}", "pkg:pypi/django") for number in range(MAX_PARTS + 7)
    ]
    found = selectors.check_components(components, ON)
    (item,) = found.items
    assert (len(item.versions), found.left_out) == (MAX_PARTS, 7)


def test_empty_stack() -> None:
    assert selectors.check_components([], ON) == StackCheck([])
    assert selectors.stack([], ON) == StackCheck([])


# ---- URLs


@pytest.mark.usefixtures("django")
def test_alias_in_a_url_leads_to_the_product() -> None:
    """The same component under two names counts once."""
    make_cycle(make_product("postgresql", aliases=["postgres"]), "17")
    found = selectors.stack([Part("postgres", "17"), Part("postgresql", "17")], ON)
    assert parts(found) == ["postgresql:17"]


@pytest.mark.usefixtures("django")
def test_url_gives_the_verdicts_of_its_file() -> None:
    checked = check("Django==4.2.7\nDjango==4.2.8")
    (item,) = checked.items
    assert verdicts(selectors.stack(item.parts, ON)) == verdicts(checked)


# ---- pins and tags


@pytest.mark.usefixtures("django", "python")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Django==5.2", "django:5.2.0"),
        ("Django==5.2.*", "django:5.2"),
        ("Django~=5.2.1", "django:5.2"),
        ("Django>=5,<6", "django:5.2"),
        ("FROM python:3", "python:3.x"),
        ("FROM python:3.12", "python:3.12"),
        ("FROM python:3.12.4-slim", "python:3.12.4"),
    ],
)
def test_pins_and_tags_in_a_url(text: str, expected: str) -> None:
    """A pin is one release, a tag moves. The verdicts are those of the file."""
    checked = check(text)
    assert parts(checked) == [expected]
    assert verdicts(selectors.stack([item.part for item in checked.items], ON)) == verdicts(checked)


@pytest.mark.usefixtures("django")
@pytest.mark.parametrize("text", ["Django>=4.2", "Django>=4.2,<6", "Django!=4.2.1"])
def test_range_of_several_supported_cycles_is_not_pinned(text: str) -> None:
    found = check(f"{text}\n")
    assert (found.items, unversioned(found)) == ([], [("Django", "django")])


@pytest.mark.usefixtures("django")
def test_pin_misses_later_releases() -> None:
    cycle = ReleaseCycle.objects.get(name="5.2")
    cycle.latest, cycle.latest_date = "5.2.1", ON
    cycle.save()
    make_release(cycle, "5.2.1", kind="security", date=ON)
    (pinned,) = check("Django==5.2").items
    assert [each.version for each in pinned.verdict.missed] == ["5.2.1"]
    (moving,) = check("Django==5.2.*").items
    assert moving.verdict.missed == ()


@pytest.mark.usefixtures("python")
def test_moving_tag_is_the_newest_cycle_of_its_line() -> None:
    (item,) = check("FROM python:3").items
    assert item.verdict.cycle
    assert (item.verdict.cycle.name, item.verdict.moving) == ("3.14", True)
