"""The query grammar of the roadmap: parsing, ignored values, and serialization."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.history.changes import ChangeKind
from releases.domain.lifecycle.status import Status
from releases.domain.roadmap.query import (
    MAX_VALUES,
    Group,
    Pin,
    QueryProblem,
    RoadmapQuery,
    Sort,
    View,
)
from releases.domain.roadmap.timeline import Window, default_window
from tests.domain.strategies import few

TODAY = date(2026, 11, 21)
DEFAULT = RoadmapQuery(today=TODAY, on=TODAY)

Params = dict[str, list[str]]


def read(text: str) -> RoadmapQuery:
    """Return the roadmap query of a URL's query string."""
    return RoadmapQuery.parse(parse_qs(text, keep_blank_values=True), TODAY)


def grouped(pairs: list[tuple[str, str]]) -> Params:
    params: Params = {}
    for name, value in pairs:
        params.setdefault(name, []).append(value)
    return params


# ---- the usual case ------------------------------------------------------------------------------


def test_empty_query_has_all_defaults() -> None:
    """The defaults are not serialized."""
    query = read("")
    assert query == DEFAULT
    assert (query.params(), query.url(), query.problems) == ([], "?", ())


FULL = (
    "product=django&product=python&kind=added&kind=moved&pin=django%3A5.2&status=active&status=eol&lts=1"
    "&category=framework&tag=web&q=dja&group=status&sort=-eol&from=2025-01&to=2028-06"
    "&on=2027-02-28&known_on=2026-11-20&ends=soon&all=django&page=3&view=present"
)


def test_every_parameter_is_parsed() -> None:
    assert read(FULL) == RoadmapQuery(
        today=TODAY,
        on=date(2027, 2, 28),
        q="dja",
        products=("django", "python"),
        kinds=(ChangeKind.ADDED, ChangeKind.MOVED),
        pins=(Pin("django", "5.2"),),
        group=Group.STATUS,
        sort=Sort.EOL_DOWN,
        category="framework",
        tag="web",
        statuses=(Status.ACTIVE, Status.END_OF_LIFE),
        lts=True,
        ends_soon=True,
        start=date(2025, 1, 1),
        last=date(2028, 6, 30),
        known_on=date(2026, 11, 20),
        expanded=("django",),
        page=3,
        view=View.PRESENT,
    )


def test_parameters_are_serialized_in_a_fixed_order() -> None:
    """Every view therefore has one URL."""
    assert read(FULL).url() == f"?{FULL}"
    mixed = "&".join(sorted(FULL.split("&")))
    assert read(mixed).url() == f"?{FULL}"


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("product=Django", "products", ("django",)),
        ("product=django&product=DJANGO", "products", ("django",)),
        ("product=+django+&product=", "products", ("django",)),
        ("product=c%2B%2B", "products", ("c++",)),
        ("category=a&category=b", "category", "b"),
        ("q=+two++words+", "q", "two  words"),
        ("q=%26%3D%3F", "q", "&=?"),
        ("lts=0", "lts", False),
        ("on=2026-11-21", "on", TODAY),
        ("on=2027-1-2", "on", date(2027, 1, 2)),
        ("known_on=2026-11-21", "known_on", TODAY),
        ("known_on=", "known_on", None),
        ("from=2027-2", "start", date(2027, 2, 1)),
        ("to=2028-02", "last", date(2028, 2, 29)),
        ("page=1", "page", 1),
        ("page=007", "page", 7),
        ("page=100000", "page", 100_000),
        ("unknown=1&utm_source=x", "problems", ()),
    ],
)
def test_value_variants_are_accepted(text: str, field: str, value: object) -> None:
    """The last of repeated single values wins, and unknown parameters are ignored."""
    query = read(text)
    assert getattr(query, field) == value
    assert query.problems == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("on=soon", QueryProblem("on", "“soon” is ignored: expected a day such as 2028-01-31.")),
        (
            "known_on=2026-11-22",
            QueryProblem(
                "known_on", "“2026-11-22” is ignored: expected a day that is not to come."
            ),
        ),
        (
            "known_on=2026",
            QueryProblem("known_on", "“2026” is ignored: expected a day such as 2028-01-31."),
        ),
        ("on=2028", QueryProblem("on", "“2028” is ignored: expected a day such as 2028-01-31.")),
        ("on=yes", QueryProblem("on", "“yes” is ignored: expected a day such as 2028-01-31.")),
        (
            "on=2027-02-29",
            QueryProblem("on", "“2027-02-29” is ignored: expected a day such as 2028-01-31."),
        ),
        (
            "on=1949-12-31",
            QueryProblem("on", "“1949-12-31” is ignored: expected a date from 1950 to 2199."),
        ),
        (
            "on=2200-01-01",
            QueryProblem("on", "“2200-01-01” is ignored: expected a date from 1950 to 2199."),
        ),
        (
            "from=2028-01-01",
            QueryProblem("from", "“2028-01-01” is ignored: expected a month such as 2028-01."),
        ),
        (
            "to=2028-Q1",
            QueryProblem("to", "“2028-Q1” is ignored: expected a month such as 2028-01."),
        ),
        (
            "to=2028-13",
            QueryProblem("to", "“2028-13” is ignored: expected a month such as 2028-01."),
        ),
        (
            "status=dead",
            QueryProblem(
                "status",
                "“dead” is ignored: expected one of planned, active, security,"
                " extended-free, extended, eol.",
            ),
        ),
        ("lts=yes", QueryProblem("lts", "“yes” is ignored: expected 1.")),
        ("ends=never", QueryProblem("ends", "“never” is ignored: expected soon.")),
        ("view=x", QueryProblem("view", "“x” is ignored: expected one of present.")),
        ("page=0", QueryProblem("page", "“0” is ignored: expected a page from 1 to 100000.")),
        ("page=-1", QueryProblem("page", "“-1” is ignored: expected a page from 1 to 100000.")),
        ("page=²", QueryProblem("page", "“²” is ignored: expected a page from 1 to 100000.")),
        ("page=٣", QueryProblem("page", "“٣” is ignored: expected a page from 1 to 100000.")),
        (
            "page=100001",
            QueryProblem("page", "“100001” is ignored: expected a page from 1 to 100000."),
        ),
        (
            "product=a/b",
            QueryProblem("product", "“a/b” is ignored: expected a name such as django."),
        ),
        ("all=ſ", QueryProblem("all", "“ſ” is ignored: expected a name such as django.")),
        ("tag=aİ", QueryProblem("tag", "“aİ” is ignored: expected a name such as django.")),
        (
            "q=%00",
            QueryProblem("q", "“\x00” is ignored: expected a text of at most 100 characters."),
        ),
        ("from=2028-02&to=2028-01", QueryProblem("from", "The window must end after it starts.")),
        ("from=1950-01&to=2050-01", QueryProblem("from", "A window holds at most 100 years.")),
    ],
)
def test_invalid_value_is_ignored_and_reported(text: str, problem: QueryProblem) -> None:
    """The sentence names the expected values."""
    query = read(text)
    assert query.problems == (problem,)
    assert query == DEFAULT


@pytest.mark.parametrize("page", ["000000001" + "9" * 30, "9" * 5_000, "0" * 5_000 + "1"])
def test_huge_page_number_is_ignored(page: str) -> None:
    """No database could count to it."""
    query = read(f"page={page}")
    (problem,) = query.problems
    assert query.page == 1
    assert problem.message.endswith("is ignored: expected a page from 1 to 100000.")


def test_invalid_value_in_a_list_keeps_the_others() -> None:
    query = read("product=django&product=a/b&product=python&status=x&lts=1&on=x")
    assert (query.products, query.lts, query.on) == (("django", "python"), True, TODAY)
    assert [problem.name for problem in query.problems] == ["on", "product", "status"]


def test_long_text_is_ignored_and_quoted_in_part() -> None:
    """A text of more than 100 characters is ignored, and quoted with the first 100."""
    query = read(f"q={'x' * 101}")
    expected = f"“{'x' * 100}…” is ignored: expected a text of at most 100 characters."
    assert (query.q, query.problems) == ("", (QueryProblem("q", expected),))
    assert read(f"q={'x' * 100}").q == "x" * 100


def test_only_the_first_50_values_of_a_list_count() -> None:
    query = read("&".join(f"product=p{number}" for number in range(60)))
    assert query.products == tuple(f"p{number}" for number in range(MAX_VALUES))
    assert query.problems == (QueryProblem("product", "at most 50 values are read"),)


# ---- the window --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("", date(2024, 1, 1), date(2031, 1, 1)),
        ("on=2028-02-29", date(2026, 1, 1), date(2033, 1, 1)),
        ("from=2020-03", date(2020, 3, 1), date(2031, 1, 1)),
        ("to=2027-02", date(2024, 1, 1), date(2027, 3, 1)),
        ("to=2027-12", date(2024, 1, 1), date(2028, 1, 1)),
        ("from=2027-02&to=2027-02", date(2027, 2, 1), date(2027, 3, 1)),
        ("from=1950-01&to=2049-12", date(1950, 1, 1), date(2050, 1, 1)),
        ("to=2199-12&from=2199-12", date(2199, 12, 1), date(2200, 1, 1)),
    ],
)
def test_window(text: str, start: date, end: date) -> None:
    """The window has the given months, or seven years around `on`."""
    query = read(text)
    assert query.window == Window(start, end)
    assert query.problems == ()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("from=2040-01", "start", date(2040, 1, 1)), ("to=2010-12", "last_day", date(2010, 12, 31))],
)
def test_distant_end_moves_the_whole_window(text: str, first: str, last: date) -> None:
    window = read(text).window
    assert getattr(window, first) == last
    assert window.days == default_window(TODAY).days


# ---- links to other views ------------------------------------------------------------------------


def test_change_of_a_filter_leads_to_the_first_page() -> None:
    """A link to a page keeps the filters."""
    query = read("q=x&page=3")
    assert query.url(lts=True) == "?lts=1&q=x"
    assert query.url(page=4) == "?q=x&page=4"
    assert query.url() == "?q=x&page=3"


def test_default_value_is_not_serialized() -> None:
    query = read("q=x&lts=1&status=active&on=2027-01-01")
    assert query.url(q="", lts=False, statuses=(), on=TODAY) == "?"


def test_url_quotes_what_it_must() -> None:
    """Texts and names are quoted for a URL."""
    assert read("q=a%26b+c&product=c%2B%2B").url() == "?product=c%2B%2B&q=a%26b+c"


@pytest.mark.parametrize(
    ("text", "narrowed", "filters_cycles", "what_if"),
    [
        ("", False, False, False),
        ("q=x", True, False, False),
        ("product=django", True, False, False),
        ("category=os", True, False, False),
        ("tag=os", True, False, False),
        ("status=active", True, True, False),
        ("lts=1", True, True, False),
        ("ends=soon", True, True, False),
        ("from=2027-01&to=2027-02&page=2&all=django", False, False, False),
        ("on=2027-01-01", False, False, True),
        ("on=2026-11-21", False, False, False),
    ],
)
def test_query_knows_its_filters_and_day(
    text: str, narrowed: bool, filters_cycles: bool, what_if: bool
) -> None:
    query = read(text)
    found = (query.narrowed, query.filters_cycles, query.what_if)
    assert found == (narrowed, filters_cycles, what_if)


# ---- properties for any query --------------------------------------------------------------------

texts = st.text(max_size=12) | st.text("aK-İſ ız09+._\x00", max_size=8)
months = st.dates(date(1940, 1, 1), date(2210, 1, 1)).map(lambda day: f"{day:%Y-%m}")
values = {
    "product": texts | st.sampled_from(["django", "Django", "c++", "a/b"]),
    "pin": texts | st.sampled_from(["django:5.2", "Django: a:b ", "x:", ":1", "x:é"]),
    "status": texts | st.sampled_from(Status),
    "group": texts | st.sampled_from(Group),
    "sort": texts | st.sampled_from(Sort),
    "lts": texts | st.sampled_from(["0", "1"]),
    "category": texts | st.just("framework"),
    "tag": texts | st.just("web"),
    "q": texts,
    "from": texts | months,
    "to": texts | months,
    "on": texts | st.dates().map(str),
    "known_on": texts | st.dates(max_value=TODAY).map(str),
    "ends": texts | st.just("soon"),
    "all": texts | st.just("django"),
    "page": texts | st.integers(-1, 10**12).map(str),
}
likely_params = st.fixed_dictionaries(
    {}, optional={name: st.lists(value, max_size=3) for name, value in values.items()}
)
any_text = st.text(st.characters(exclude_categories=()), max_size=30)
any_params = st.dictionaries(any_text | st.sampled_from(sorted(values)), st.lists(any_text))


@given(likely_params)
def test_every_query_survives_a_round_trip_through_its_url(params: Params) -> None:
    """No problem is reported."""
    query = RoadmapQuery.parse(params, TODAY)
    again = RoadmapQuery.parse(grouped(query.params()), TODAY)
    assert (again, again.problems) == (query, ())
    assert read(query.url().removeprefix("?")) == query


@given(any_params)
def test_any_query_string_is_parsed(params: Params) -> None:
    """The result has a window and a sentence for each problem."""
    query = RoadmapQuery.parse(params, TODAY)
    assert query.window.days > 0
    assert all(problem.name and problem.message for problem in query.problems)


@few
@given(likely_params)
def test_window_has_at_most_100_years(params: Params) -> None:
    assert RoadmapQuery.parse(params, TODAY).window.months <= 1_200


@pytest.mark.parametrize("pin", ["django", "django:", ":5.2", "a b:1", "x:" + "5" * 300])
def test_invalid_pins_are_reported(pin: str) -> None:
    """A pin has a product and a cycle."""
    query = RoadmapQuery.parse({"pin": [pin]}, TODAY)
    assert query.pins == ()
    assert "expected a product and a cycle" in query.problems[0].message


@given(likely_params, st.booleans())
def test_moved_window_is_valid(params: Params, later: bool) -> None:
    """It keeps its length to about a month."""
    query = RoadmapQuery.parse(params, TODAY)
    start, last = query.shifted(later=later)
    moved = RoadmapQuery.parse(grouped(query.params(start=start, last=last)), TODAY)
    assert moved.problems == ()
    assert abs(moved.window.months - query.window.months) <= 1


@given(st.dates(date(1960, 1, 1), date(2180, 1, 1)), st.sampled_from([1, 3, 7]))
def test_presets(on: date, years: int) -> None:
    """A preset has its length and contains the day; 7 years are the default."""
    query = RoadmapQuery(today=TODAY, on=on)
    start, last = query.preset(years)
    moved = RoadmapQuery.parse(grouped(query.params(start=start, last=last)), TODAY)
    assert moved.problems == ()
    assert moved.window.months == 12 * years
    assert on in moved.window


@given(st.dates(date(1900, 1, 1), date(2300, 1, 1)), st.dates(date(1900, 1, 1), date(2300, 1, 1)))
def test_window_of_all_dates_is_valid(one: date, other: date) -> None:
    """It contains the last date."""
    first, last = sorted((one, other))
    start, end = DEFAULT.months_of(first, last)
    query = RoadmapQuery.parse(grouped(DEFAULT.params(start=start, last=end)), TODAY)
    assert query.problems == ()
    assert query.window.start <= query.window.last_day
