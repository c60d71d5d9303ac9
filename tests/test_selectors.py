"""Selectors of the pages: results, query counts and filters."""

from __future__ import annotations

from datetime import date
from importlib import import_module

import pytest
from pytest_django import DjangoAssertNumQueries

from releases import selectors
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Identifier, Product, ReleaseCycle
from tests.conftest import ON
from tests.factories import make_custom_field, make_cycle, make_note, make_product, make_release

pytestmark = pytest.mark.django_db

ROADMAP_QUERIES = (
    "names and titles of products, if they are not too many",
    "categories, tags and the products that were asked for",
    "counts and days of the answer line",
    "next release",
    "how many products match",
    "products of the page",
    "their cycles",
    "the releases of those",
)
TEXT_QUERIES = ("revision", "all names, if they may have changed")
PRODUCT_QUERIES = (
    "product with its category",
    "tags",
    "aliases",
    "custom fields",
    "identifiers",
    "cycles",
    "releases",
)


def roadmap(**params: str | list[str]) -> selectors.Roadmap:
    """Return the roadmap for query parameters."""
    lists = {key: value if isinstance(value, list) else [value] for key, value in params.items()}
    return selectors.roadmap(RoadmapQuery.parse(lists, ON))


def products(found: selectors.Roadmap) -> list[str]:
    return [rows.product.name for rows in found.rows]


def cycles(found: selectors.Roadmap) -> list[str]:
    return [cycle.name for rows in found.rows for cycle in rows.cycles]


def problems(found: selectors.Roadmap) -> list[tuple[str, str]]:
    return [(problem.name, problem.message) for problem in found.problems]


@pytest.fixture
def django() -> Product:
    """A product with a cycle of each status, not in the order of their dates."""
    product = make_product("django", category="framework", tags=["python", "web"], aliases=["dj"])
    make_cycle(product, "6.2", release="2027-04", eoas="2027-12", eol="2030-04", lts="yes")
    make_cycle(product, "6.1", release="2026-08-05", eoas="2027-04-30", eol="2027-12-31")
    make_cycle(product, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30", lts="yes")
    make_cycle(product, "5.1", release="2024-08-07", eoas="2025-04-02", eol="2025-12-03")
    make_cycle(product, "5.0", release="2023-12-04", eol="2025-04-02")
    make_cycle(product, "4.2", release="2023-04-03", eol="2026-04-07", eoes="2027-01-31")
    return product


@pytest.fixture
def python() -> Product:
    product = make_product("python", label="CPython", category="lang", tags=["web"])
    make_cycle(product, "3.14", release="2025-10-07", eol="2030-10-31")
    make_cycle(product, "3.10", release="2021-10-04", eol="2026-12-31")
    return product


# ---- query counts


@pytest.mark.parametrize("count", [3, 40])
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"status": "active", "lts": "1", "ends": "soon"},
        {"q": "a 5", "category": "os", "tag": "x", "product": ["p1", "alias-2"], "all": "p1"},
        {"sort": "-eol"},
    ],
)
def test_roadmap_takes_eight_queries(
    count: int,
    params: dict[str, str | list[str]],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """The count depends neither on the number of products nor on the filters, except for a text."""
    for number in range(count):
        product = make_product(
            f"p{number}", category="os", tags=["x", "y"], aliases=[f"alias-{number}"]
        )
        make_cycle(product, release="2025-01-01", eol="2027-01-01", lts="yes")
        make_cycle(product, "6.0", release="2027-01-01")
    expected = [*ROADMAP_QUERIES, *(TEXT_QUERIES if "q" in params else ())]
    with django_assert_num_queries(len(expected)):
        found = roadmap(**params)
        [str(cycle.lifecycle) + rows.product.label for rows in found.rows for cycle in rows.cycles]
        _ = found.answer.next_release and found.answer.next_release.product.label


@pytest.mark.parametrize("count", [1, 100])
def test_product_page_takes_seven_queries(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The count does not depend on the number of cycles."""
    product = make_product(category="os", tags=["x", "y"], aliases=["a", "b"])
    make_custom_field(product, "python")
    Identifier.objects.create(product=product, type="purl", value="pkg:pypi/django")
    for number in range(count):
        make_cycle(product, str(number))
    with django_assert_num_queries(len(PRODUCT_QUERIES)):
        found = selectors.product_page("django")
        assert len(found.cycles.all()) == count
        assert str(found.category) == "os"
        for related in (found.tags, found.aliases, found.custom_fields, found.identifiers):
            assert related.all()


def test_old_url_takes_at_most_four_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """The product by name and by alias; the cycle by name and by former name."""
    make_cycle(make_product("postgresql", aliases=["postgres"]), "18", aliases=["18.x"])
    for names, now, queries in (
        (("postgres",), ("postgresql", ""), 2),
        (("postgres", "18.x"), ("postgresql", "18"), 4),
        (("postgres", "18"), ("postgresql", "18"), 3),
        (("postgresql", "18"), None, 2),
        (("oracle",), None, 2),
        (("\x00", "18"), None, 0),
    ):
        with django_assert_num_queries(queries):
            assert selectors.present_names(*names) == now


def test_verdict_takes_two_queries(
    django: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Former names of cycles and releases, in addition to the product."""
    make_release(django.cycles.get(name="6.1"), "6.1.1", kind="security", date=date(2026, 9, 2))
    product = selectors.product_with_cycles("django")
    assert product.category
    with django_assert_num_queries(2):
        selectors.verdict(product, "6.1", ON)


def test_devices_are_not_upgraded() -> None:
    assert selectors.is_installed(make_product("a", category="framework"))
    assert selectors.is_installed(make_product("b"))
    assert not selectors.is_installed(make_product("c", category="device"))


@pytest.mark.parametrize("count", [1, 40])
def test_plan_takes_ten_queries(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Six for the product and four for its runtime, which may be found by an alias."""
    product = make_product()
    make_custom_field(product, "supportedNodeVersions")
    Identifier.objects.create(product=product, type="purl", value="pkg:npm/x")
    runtime = make_product("node", aliases=["nodejs"])
    for number in range(count):
        make_cycle(product, str(number))
        make_cycle(runtime, str(number))
        make_note(product, str(number))
    with django_assert_num_queries(10):
        found = selectors.product_to_upgrade("django")
        for related in (found.identifiers, found.upgrade_notes, found.cycles):
            assert related.all()
        runs_on = selectors.surroundings_of(found).runtime
        assert runs_on
        assert (runs_on.product.name, runs_on.columns) == ("node", ("supportedNodeVersions",))
        assert len(runs_on.product.cycles.all()) == count


def test_product_without_a_runtime(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """It has no such column, or one for a product that does not exist."""
    product = make_product()
    make_custom_field(product, "owner")
    read = selectors.product_to_upgrade("django")
    with django_assert_num_queries(0):
        assert selectors.surroundings_of(read) == selectors.Surroundings()
    make_custom_field(product, "supportedPhpVersions")
    assert selectors.surroundings_of(product) == selectors.Surroundings()


def test_first_existing_runtime_is_used() -> None:
    product = make_product()
    for column in ("supportedVueVersions", "minReactVersion", "maxReactVersion"):
        make_custom_field(product, column)
    make_product("react")
    found = selectors.surroundings_of(product).runtime
    assert found
    assert found.product.name == "react"
    assert found.columns == ("minReactVersion", "maxReactVersion")


def test_databases_are_no_runtime() -> None:
    product = make_product()
    for column in ("minPostgresqlVersion", "supportedPythonVersions", "minMysqlVersion"):
        make_custom_field(product, column)
    for name in ("postgresql", "mysql"):
        make_product(name, category="database")
    around = selectors.surroundings_of(product)
    assert around.runtime is None
    assert [each.product.name for each in around.databases] == ["postgresql", "mysql"]
    make_product("python", category="lang")
    runtime = selectors.surroundings_of(product).runtime
    assert runtime
    assert runtime.product.name == "python"


def test_roadmap_defers_large_columns(django: Product) -> None:
    """The rows need neither the file of a product, its description nor its upgrade rule."""
    product = roadmap().rows[0].product
    large = {"imported", "file_text", "description", "rule_summary", "rule_preconditions"}
    assert large <= product.get_deferred_fields()


# ---- rows


def test_supported_planned_extended_and_last_ended_cycles_are_shown(django: Product) -> None:
    """They are in this order, and the total counts all."""
    found = roadmap()
    assert cycles(found) == ["6.1", "5.2", "6.2", "4.2", "5.1"]
    assert found.rows[0].total == 6


def test_all_cycles_of_a_product_are_shown_on_request(django: Product, python: Product) -> None:
    found = roadmap(all="django")
    assert cycles(found) == ["3.14", "3.10", "6.1", "5.2", "6.2", "4.2", "5.1", "5.0"]


def test_group_has_at_most_twelve_rows() -> None:
    """All of them are shown on request, and the total counts all."""
    product = make_product()
    for number in range(15):
        make_cycle(product, f"{number:02}")
        make_cycle(product, f"next-{number:02}", release=f"{2030 + number}-01-01")
    found = roadmap()
    assert cycles(found) == [
        *(f"{number:02}" for number in range(12)),
        *(f"next-{number:02}" for number in range(12)),
    ]
    assert found.rows[0].total == 30
    assert len(cycles(roadmap(all="django"))) == 30
    assert len(cycles(roadmap(status="active"))) == 12


def test_the_cycle_that_ended_last_is_shown() -> None:
    """It is not the first one in the order of the product."""
    product = make_product()
    make_cycle(product, "3", release="2025-01-01", eol="no")
    make_cycle(product, "2", release="2024-01-01", eol="2026-01-01")
    make_cycle(product, "1", release="2020-01-01", eol="2026-11-01")
    assert cycles(roadmap()) == ["3", "1"]


@pytest.mark.parametrize(("eol", "expected"), [("2025-11-20", ["3", "1"]), ("2025-11-19", ["3"])])
def test_cycle_that_ended_more_than_a_year_ago_is_left_out(eol: str, expected: list[str]) -> None:
    product = make_product()
    make_cycle(product, "3", release="2025-01-01", eol="no")
    make_cycle(product, "1", release="2020-01-01", eol=eol)
    assert cycles(roadmap()) == expected


def test_product_without_supported_cycles_shows_the_one_that_ended_last() -> None:
    product = make_product()
    make_cycle(product, "2", release="2004-01-01", eol="2006-01-01")
    make_cycle(product, "1", release="2000-01-01", eol="2002-01-01")
    assert cycles(roadmap()) == ["2"]


def test_planned_cycles_are_in_the_order_of_their_dates() -> None:
    """Those without a date come last."""
    product = make_product()
    make_cycle(product, "never", release="no")
    make_cycle(product, "late", release="2028-01-01")
    make_cycle(product, "next", release="2027-01-01")
    assert cycles(roadmap()) == ["next", "late", "never"]


def test_product_without_cycles_is_shown() -> None:
    """It has no rows, because it is about to be filled."""
    make_product()
    found = roadmap()
    assert (products(found), cycles(found), found.rows[0].total) == (["django"], [], 0)
    assert products(roadmap(status="active")) == []


def test_products_are_paginated() -> None:
    """Featured products first, then by title; a page past the end shows the last one."""
    for number in range(60):
        make_product(f"p{number:02}", featured=1 if number == 59 else None)
    first, last = roadmap(), roadmap(page="3")
    assert (first.count, first.pages) == (60, 3)
    assert products(first) == ["p59", *(f"p{number:02}" for number in range(19))]
    assert products(last) == [f"p{number:02}" for number in range(39, 59)]
    assert products(roadmap(page="99")) == products(last)


def test_empty_catalogue_has_one_page() -> None:
    found = roadmap()
    assert (found.rows, found.count, found.pages) == ([], 0, 1)
    assert (found.answer.supported, found.answer.ends_soon) == (0, 0)
    assert (found.answer.next_release, found.answer.checked_on) == (None, None)


def test_answer_line(django: Product, python: Product) -> None:
    """Counts of supported and soon ending cycles, the next release, and the date of the data."""
    Product.objects.filter(name="django").update(checked_on=date(2026, 11, 20))
    Product.objects.filter(name="python").update(checked_on=date(2026, 8, 22))
    answer = roadmap().answer
    assert (answer.supported, answer.ends_soon) == (4, 1)
    assert str(answer.next_release) == "6.2"
    assert answer.checked_on == date(2026, 11, 20)


def test_answer_line_covers_matching_products(django: Product, python: Product) -> None:
    """It counts all of their cycles, regardless of a status filter."""
    answer = roadmap(product="python", status="planned").answer
    assert (answer.supported, answer.ends_soon, answer.next_release) == (2, 1, None)


def test_filter_choices(django: Product, python: Product) -> None:
    """Products with their titles, and the categories and tags that products have."""
    make_product("empty", category="os").delete()
    choices = roadmap(q="nothing of this kind").choices
    assert choices.products == {"python": "CPython", "django": "Django"}
    assert (choices.categories, choices.tags) == (["framework", "lang"], ["python", "web"])


# ---- filters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DJANGO", ["django"]),
        ("cpy", ["python"]),
        ("pyth", ["python"]),
        ("dj", ["django"]),
        ("3.1", ["python"]),
        ("5.", ["django"]),
        ("python 3.14", ["python"]),
        ("python 5.2", ["python"]),
        ("is django 5.2 still supported?", ["django"]),
        ("djnago", ["django"]),
        ("web", ["python", "django"]),
        ("lang", ["python"]),
        ("dj 5.2, cpython", ["python", "django"]),
        ("nothing of this kind", []),
        ("%", []),
        ("_", []),
    ],
)
def test_text_search_finds_products(
    django: Product, python: Product, text: str, expected: list[str]
) -> None:
    """The same names find them as on the search page; a version alone begins names of cycles."""
    assert products(roadmap(q=text)) == expected


@pytest.mark.parametrize(
    ("params", "shown"),
    [
        ({"q": "django"}, False),
        ({"q": "django 5.0"}, True),
        ({"q": "is dj 5.0.6 supported"}, True),
        ({"q": "djnago 5.0"}, True),
        ({"q": "web 5.0", "tag": "python"}, True),
        ({"q": "5.0"}, True),
        ({"q": "django, cpython"}, False),
        ({"q": "django 5.0, cpython"}, True),
        ({"q": "django 5.0", "group": "none"}, True),
        ({"q": "django 5.0", "status": "planned"}, False),
        ({"q": "django 6.0", "status": "eol"}, True),
    ],
)
def test_cycle_that_the_text_names_is_shown(
    django: Product, python: Product, params: dict[str, str | list[str]], shown: bool
) -> None:
    """It is shown although it ended long ago, unless another filter hides it."""
    found = roadmap(**params)
    assert ("5.0" in {cycle.name for _, cycle in found.cycles}) is shown


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("django", ()),
        ("nothing of this kind", ()),
        ("djnago", ("Nothing is called “djnago”. Similar names are shown.",)),
        ("django, zzzzzz, 5.0", ("Nothing is called “zzzzzz”.",)),
        (",".join(map(str, range(21))), ("Only the first 20 entries are searched.",)),
    ],
)
def test_view_tells_what_was_not_found(
    django: Product, python: Product, text: str, notes: tuple[str, ...]
) -> None:
    """A misspelled or missing name is not passed over in silence."""
    assert roadmap(q=text).text_notes == notes


def test_cycle_that_the_text_names_is_shown_beyond_the_limit(django: Product) -> None:
    """It is added to the first rows of a product with many cycles."""
    product = make_product("many")
    for number in range(20, 0, -1):
        make_cycle(product, str(number), release="2026-01-01")
    assert cycles(roadmap(q="many 2")) == [*map(str, range(20, 8, -1)), "2"]
    assert cycles(roadmap(q="many")) == [*map(str, range(20, 8, -1))]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["python"], ["python"]),
        (["dj"], ["django"]),
        (["DJANGO", "dj", "python"], ["python", "django"]),
        (["python", "nothing"], ["python"]),
    ],
)
def test_filter_by_name_or_alias(
    django: Product, python: Product, names: list[str], expected: list[str]
) -> None:
    """Products are in the order of the catalogue, each once."""
    assert products(roadmap(product=names)) == expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"category": "lang"}, ["python"]),
        ({"tag": "python"}, ["django"]),
        ({"tag": "web"}, ["python", "django"]),
        ({"tag": "web", "category": "framework"}, ["django"]),
        ({"tag": "python", "category": "lang"}, []),
    ],
)
def test_filter_by_category_and_tag(
    django: Product, python: Product, params: dict[str, str | list[str]], expected: list[str]
) -> None:
    """Both must match."""
    assert products(roadmap(**params)) == expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"status": "planned"}, ["6.2"]),
        ({"status": "active"}, ["3.14", "3.10", "6.1"]),
        ({"status": "security"}, ["5.2"]),
        ({"status": "extended"}, ["4.2"]),
        ({"status": "eol"}, ["5.1", "5.0"]),
        ({"status": ["planned", "extended"]}, ["6.2", "4.2"]),
        ({"lts": "1"}, ["5.2", "6.2"]),
        ({"lts": "1", "status": "security"}, ["5.2"]),
        ({"ends": "soon"}, ["3.10"]),
        ({"ends": "soon", "lts": "1"}, []),
        ({"status": "security", "on": "2028-01-01"}, ["6.2", "5.2"]),
    ],
)
def test_filter_by_status(
    django: Product, python: Product, params: dict[str, str | list[str]], expected: list[str]
) -> None:
    """Only matching cycles are shown, and only products that have some."""
    assert cycles(roadmap(**params)) == expected


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("product", "djagno", "There is no product “djagno” here."),
        ("category", "os", "There is no category “os” here."),
        ("tag", "x", "There is no tag “x” here."),
    ],
)
def test_unknown_name_matches_nothing_and_is_reported(
    django: Product, name: str, value: str, message: str
) -> None:
    """Calendars and feeds of the view are empty, too."""
    found = roadmap(**{name: value})
    assert products(found) == []
    assert problems(found) == [(name, message)]
    assert selectors.cycles_in_view(RoadmapQuery.parse({name: [value]}, ON)) == []


def test_unknown_product_among_others_is_reported(django: Product) -> None:
    found = roadmap(product=["djagno", "django"])
    assert products(found) == ["django"]
    assert [name for name, _ in problems(found)] == ["product"]


def test_category_without_products_is_unknown(django: Product) -> None:
    """It is not among the choices."""
    make_product("old", category="os").delete()
    assert [name for name, _ in problems(roadmap(category="os"))] == ["category"]


def test_unknown_product_raises_does_not_exist() -> None:
    """An alias is not accepted as a name."""
    make_product("postgresql", aliases=["postgres"])
    with pytest.raises(Product.DoesNotExist):
        selectors.product_page("postgres")


# ---- pins, groups, order


@pytest.fixture
def two_products() -> None:
    one = make_product("one", label="One", aliases=["first"])
    two = make_product("two", label="Two")
    make_cycle(one, "1.1", release="2026-01-01", eol="2028-01-01")
    make_cycle(one, "1.0", release="2025-01-01", eol="2026-01-01")
    make_cycle(two, "2.1", release="2027-01-01")
    make_cycle(two, "2.0", release="2024-01-01", eoas="2025-01-01", eol="2027-06-30", lts="yes")


def names(cycles: list[ReleaseCycle]) -> list[str]:
    return [cycle.name for cycle in cycles]


@pytest.mark.usefixtures("two_products")
def test_pinned_cycles(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """They are in the order of the query, aliases are accepted, and filters do not apply.

    An unknown name may be a former name, which takes another query.
    """
    pins = ["two:2.0", "first:1.0", "one:9", "nope:1", "two:2.0"]
    with django_assert_num_queries(10):
        found = roadmap(pin=pins, status="planned")
    assert names(found.pinned) == ["2.0", "1.0"]
    assert [problem.message for problem in found.problems] == [
        f"There is no release cycle “{pin}” here." for pin in ("one:9", "nope:1")
    ]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"group": "none"}, ["1.1", "2.1", "2.0"]),
        ({"group": "status"}, ["2.1", "1.1", "2.0"]),
        ({"group": "none", "sort": "eol"}, ["2.0", "1.1", "2.1"]),
        ({"group": "none", "sort": "-eol"}, ["1.1", "2.0", "2.1"]),
        ({"group": "none", "sort": "release"}, ["2.0", "1.1", "2.1"]),
        ({"group": "none", "sort": "-release"}, ["2.1", "1.1", "2.0"]),
        ({"group": "none", "status": "eol"}, ["1.0"]),
        ({"group": "status", "lts": "1"}, ["2.0"]),
    ],
)
@pytest.mark.usefixtures("two_products")
def test_groups_and_sorting(
    params: dict[str, str | list[str]],
    expected: list[str],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Rows of all products are sorted together; ended cycles are excluded unless requested."""
    # names, categories and tags, counts, next release, number of rows, rows with products, releases
    with django_assert_num_queries(7):
        found = roadmap(**params)
        assert [product.label for product, _ in found.cycles]
    assert (names(found.flat), found.rows) == (expected, [])


@pytest.mark.usefixtures("two_products")
def test_sorting_within_products() -> None:
    """If rows are grouped by product, the order applies within each product."""
    found = roadmap(sort="release")
    assert [names(rows.cycles) for rows in found.rows] == [["1.0", "1.1"], ["2.0", "2.1"]]


def test_ungrouped_rows_are_paginated() -> None:
    product = make_product()
    for number in range(101):
        make_cycle(product, f"{number}", release="2025-01-01")
    assert len(roadmap(group="none").flat) == 100
    assert names(roadmap(group="none", page="2").flat) == ["100"]


# ---- large catalogues

MODULE = import_module("releases.selectors.roadmap.page")  # the package has a function of this name


@pytest.fixture
def low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than two choices are too many, and counting stops after three."""
    monkeypatch.setattr(MODULE, "MAX_CHOICES", 2)
    monkeypatch.setattr(MODULE, "MAX_COUNTED", 3)


@pytest.mark.usefixtures("low_limits")
def test_many_products_are_no_choices(two_products: None) -> None:
    """Products are still found by name and by alias."""
    assert roadmap().choices.products == {"one": "One", "two": "Two"}
    make_product("three")
    found = roadmap(product=["first", "nope"], pin=["two:2.0", "first:1.0"])
    assert found.choices.products == {}
    assert products(found) == ["one"]
    assert names(found.pinned) == ["2.0", "1.0"]
    assert [name for name, _ in problems(found)] == ["product"]


@pytest.mark.usefixtures("low_limits")
@pytest.mark.parametrize("count", [3, 5])
def test_counting_stops_at_the_limit(count: int) -> None:
    """One more row than the limit stands for all others; counts of selected products are exact."""
    product = make_product()
    for number in range(count):
        make_cycle(product, str(number), release="2020-01-01", eol="2026-12-31")
    answer = roadmap().answer
    assert (answer.supported, answer.ends_soon) == (min(count, 4), min(count, 4))
    assert roadmap(product="django").answer.supported == count
    found = roadmap(group="none")
    assert (found.count, found.uncounted) == (min(count, 101), count > 3)


@pytest.mark.usefixtures("low_limits")
def test_pages_beyond_the_counting_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page links to the next one if there is one."""
    monkeypatch.setattr(MODULE, "PRODUCTS_A_PAGE", 2)
    for number in range(9):
        make_product(f"p{number}")
    shown, pages = [], []
    for page in range(1, 6):
        found = roadmap(page=str(page))
        shown += products(found)
        pages.append(found.pages)
    assert shown == [f"p{number}" for number in range(9)]
    assert pages == [2, 3, 4, 5, 5]
    assert products(roadmap(page="99")) == ["p8"]


def test_first_and_last_day(django: Product, python: Product) -> None:
    """The range of all cycles, and that of the cycles of some products."""
    answer, of_one = roadmap().answer, roadmap(product="python").answer
    assert (answer.first_day, answer.last_day) == (date(2021, 10, 4), date(2030, 10, 31))
    assert (of_one.first_day, of_one.last_day) == (date(2021, 10, 4), date(2030, 10, 31))
    of_one = roadmap(product="django").answer
    assert (of_one.first_day, of_one.last_day) == (date(2023, 4, 3), date(2030, 4, 30))
