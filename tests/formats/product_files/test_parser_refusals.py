"""Invalid product files are refused with a line, a field path and a sentence."""

from __future__ import annotations

import pytest

from releases.domain import limits
from releases.formats.product_files.parser import decode, read_product
from tests.formats.product_files.acme import CYCLES, HEAD, read, read_cycle, refused

# ---- no text -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "The file is empty."),
        (b" \n\t\r\n", "The file is empty."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "The file is binary, not a text."),
        ("---\ntitle: x\n".encode("utf-16"), "The file is binary, not a text."),
        (b"---\ntitle: Gr\xfc\xdfe\n", "line 2: The file is not UTF-8 text."),
        (b"---\n\n\ntitle: \xed\xa0\x80\n", "line 4: The file is not UTF-8 text."),
        (
            b"x" * (limits.FILE_BYTES + 1),
            "The file has 1,000,001 bytes; at most 1,000,000 are read.",
        ),
    ],
    ids=["empty", "blank", "binary", "UTF-16", "Latin-1", "surrogate", "large"],
)
def test_file_that_is_not_text_is_refused(raw: bytes, problem: str) -> None:
    """Empty, binary, wrongly encoded and too large files are refused."""
    assert refused(lambda: decode(raw)) == [problem]


def test_largest_file_is_decoded() -> None:
    """A file of exactly the maximum size is read."""
    assert len(decode(b"x" * limits.FILE_BYTES)) == limits.FILE_BYTES


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("title: Acme\n", "line 1: The file must begin with a line “---” (YAML front matter)."),
        ("---\ntitle: Acme\n", "line 1: The front matter is not closed by a second line “---”."),
        ("---\n---\n", "line 2: The front matter must be a YAML mapping of keys to values."),
        ("---\na: 1\n- b\n---\n", "line 3: This is not YAML: while parsing a block mapping: "),
        ("---\ntitle: a\ntitle: b\n---\n", "line 3: title: This key is there twice."),
        ("---\na: &a [*a]\n---\n", "line 2: An anchor contains itself."),
        (f"---\na: {'[' * 50_000}\n---\n", "line 2: Nested deeper than 20 levels."),
        ("---\na: x\x07\n---\n", "line 2: This is not YAML: control characters are not allowed."),
        ("---\na: \ud800\n---\n", "line 2: This is not YAML: control characters are not allowed."),
    ],
)
def test_invalid_front_matter_is_refused(text: str, problem: str) -> None:
    (found,) = refused(lambda: read_product(text, "acme"))
    assert found.startswith(problem)


# ---- values of the product ---------------------------------------------------------------------

NO_MAIN = "Expected one of the product's identifiers, such as purl: pkg:pypi/django."
NOT_TEXT = "Expected a text, found {}; put it in quotes."
NO_ADDRESS = "“{}” is not a web address (https://...)."
NO_NAME = "“{}” is not a name (small letters, digits and . _ + - inside it)."
TAKEN = "“{}” is the address of a page of this site."


def refused_value(field: str) -> str:
    """Return the problem, without its line, of a file with this one bad line in its head."""
    (problem,) = refused(lambda: read(f"{HEAD}{field}\n{CYCLES}"))
    assert problem.startswith("line 4: ")
    return problem.removeprefix("line 4: ")


@pytest.mark.parametrize(
    ("field", "path", "found"),
    [
        ("category: 5", "category", "the number 5"),
        ("category: [a]", "category", "a list"),
        ("category: {a: b}", "category", "keys and values"),
        ("iconSlug: true", "iconSlug", "true"),
        ("versionCommand: no", "versionCommand", "false"),
        ("LTSLabel: 2028-04-30", "LTSLabel", "the date 2028-04-30"),
        ("releaseLabel: 5.10", "releaseLabel", "the number 5.1"),
        ("releasePolicyLink: 5", "releasePolicyLink", "the number 5"),
        ("changelogTemplate: [a]", "changelogTemplate", "a list"),
        ("tags: 5", "tags", "the number 5"),
        ("tags: [a, 5]", "tags", "the number 5"),
        ("tags: {a: b}", "tags", "keys and values"),
        ("eolColumn: 5", "eolColumn", "the number 5"),
        ("eolColumn: [a]", "eolColumn", "a list"),
        ("alternate_urls: [5]", "alternate_urls[0]", "the number 5"),
        ("identifiers: [{purl: 5}]", "identifiers[0].purl", "the number 5"),
        ("customFields: [{name: a, label: 5}]", "customFields[0].label", "the number 5"),
    ],
)
def test_value_that_is_not_a_text_is_refused(field: str, path: str, found: str) -> None:
    """The message asks for quotes."""
    assert refused_value(field) == f"{path}: {NOT_TEXT.format(found)}"


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ("alternate_urls: /x", "alternate_urls: Expected a list, found the text “/x”."),
        ("alternate_urls: {a: b}", "alternate_urls: Expected a list, found keys and values."),
        ("customFields: true", "customFields: Expected a list, found true."),
        ("identifiers: [x]", "identifiers[0]: Expected keys and values, found the text “x”."),
        ("customFields: [~]", "customFields[0]: Expected keys and values, found nothing."),
        ("addedAt: yes", "addedAt: Expected a date such as 2028-04-30, found true."),
        ("addedAt: '1'", "addedAt: Expected a date such as 2028-04-30, found the text “1”."),
        ("checkedOn: 7", "checkedOn: Expected a date such as 2028-04-30, found the number 7."),
        ("patchesOnlyFix: 1", "patchesOnlyFix: Expected true or false, found the number 1."),
        ("extendedTerms: gratis", "extendedTerms: Expected one of free, paid, contract."),
        ("featured: first", "featured: Expected a whole number, found the text “first”."),
        ("featured: 1.5", "featured: Expected a whole number, found the number 1.5."),
        ("featured: -1", "featured: Expected a whole number, found the number -1."),
        ("featured: true", "featured: Expected a whole number, found true."),
        ("featured: .inf", "featured: Expected a whole number, found the number inf."),
        ("featured: 1000000", "featured: Expected a whole number, found the number 1000000."),
        ("vendorLink: acme", "vendorLink: “acme” is not a web address (https://...)."),
        ("mainIdentifier: pkg:a/b", f"mainIdentifier: {NO_MAIN}"),
        ("mainIdentifier: {purl: pkg:a/b}", f"mainIdentifier: {NO_MAIN}"),
        ("addedAt: 2027-02-29", "addedAt: “2027-02-29” is not a day of the calendar."),
        (
            "addedAt: 2028-04-30 12:00:00",
            "addedAt: “2028-04-30 12:00:00” has a time of day; expected a date such as 2028-04-30.",
        ),
    ],
)
def test_wrong_type_is_refused(field: str, problem: str) -> None:
    """A list, a date or a number is expected."""
    assert refused_value(field) == problem


@pytest.mark.parametrize(
    ("field", "path", "name"),
    [
        ("category: Frame Work", "category", "Frame Work"),
        ("tags: web Web", "tags", "Web"),
        ("tags: [a b]", "tags", "a b"),
        ("alternate_urls: [/a/b]", "alternate_urls[0]", "a/b"),
        ("alternate_urls: [/x, //y]", "alternate_urls[1]", "/y"),
        ("alternate_urls: [../x]", "alternate_urls[0]", "../x"),
        ("alternate_urls: ['a?b']", "alternate_urls[0]", "a?b"),
        ("alternate_urls: ['javascript:x']", "alternate_urls[0]", "javascript:x"),
    ],
)
def test_bad_name_is_refused(field: str, path: str, name: str) -> None:
    """Categories, tags and aliases are parts of addresses."""
    assert refused_value(field) == f"{path}: {NO_NAME.format(name)}"


@pytest.mark.parametrize("name", ["admin", "static", "api", "acme.svg", "robots.txt"])
def test_reserved_alias_is_refused(name: str) -> None:
    """An alias cannot be the address of a page of the site."""
    problem = refused_value(f"alternate_urls: [/x, /{name}]")
    assert problem == f"alternate_urls[1]: {TAKEN.format(name)}"


@pytest.mark.parametrize(
    ("field", "path", "address"),
    [
        ("releasePolicyLink: javascript:alert(1)", "releasePolicyLink", "javascript:alert(1)"),
        ("releasePolicyLink: ' JavaScript:x '", "releasePolicyLink", "JavaScript:x"),
        ("releasePolicyLink: /policy", "releasePolicyLink", "/policy"),
        ("releasePolicyLink: http://a b", "releasePolicyLink", "http://a b"),
        ("releasePolicyLink: https://", "releasePolicyLink", "https://"),
        ("releasePolicyImage: data:image/png,x", "releasePolicyImage", "data:image/png,x"),
        ("changelogTemplate: javascript:__LATEST__", "changelogTemplate", "javascript:__LATEST__"),
        ("changelogTemplate: 'data:text/html,{{5}}'", "changelogTemplate", "data:text/html,{{5}}"),
        ("changelogTemplate: //acme.test/", "changelogTemplate", "//acme.test/"),
        ("customFields: [{name: a, link: 'vbscript:x'}]", "customFields[0].link", "vbscript:x"),
    ],
)
def test_bad_address_is_refused(field: str, path: str, address: str) -> None:
    """A link must begin with http or https."""
    assert refused_value(field) == f"{path}: {NO_ADDRESS.format(address)}"


NO_FIELD_NAME = "A custom field needs a name of letters and digits."
DISPLAYS = "api-only, after-release-column, before-latest-column, after-latest-column"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ("{label: a}", f"[0].name: {NO_FIELD_NAME}"),
        ("{name: a b}", f"[0].name: {NO_FIELD_NAME}"),
        ("{name: a}, {name: a}", "[1].name: There are two custom fields “a”."),
        ("{name: a, display: left}", f"[0].display: Expected one of {DISPLAYS}."),
    ],
)
def test_bad_custom_field_is_refused(fields: str, problem: str) -> None:
    """A custom field has a unique name and a known place."""
    assert refused_value(f"customFields: [{fields}]") == f"customFields{problem}"


CONTROL = "The text has control characters."


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ('category: "a\\0b"', f"category: {CONTROL}"),
        ('versionCommand: "a\\x1bb"', f"versionCommand: {CONTROL}"),
        ('iconSlug: "\\x7f"', f"iconSlug: {CONTROL}"),
        ('identifiers: [{"a\\x01": b}]', f"identifiers[0]: {CONTROL}"),
        (f"LTSLabel: {'x' * 201}", "LTSLabel: The text has 201 characters; at most 200 fit."),
        (f"iconSlug: {'x' * 101}", "iconSlug: The text has 101 characters; at most 100 fit."),
        (
            f"releaseLabel: {'x' * 501}",
            "releaseLabel: The text has 501 characters; at most 500 fit.",
        ),
        (
            f"versionCommand: {'x' * 5001}",
            "versionCommand: The text has 5,001 characters; at most 5,000 fit.",
        ),
        (
            f"alternate_urls: [{'/x, ' * 501}]",
            "alternate_urls: The list has 501 entries; at most 500 fit.",
        ),
    ],
)
def test_text_that_does_not_fit_is_refused(field: str, problem: str) -> None:
    """Long texts and control characters are refused."""
    assert refused_value(field) == problem


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        (
            "changelogTemplate: https://a.test/{{'__LATEST__' | leftpad}}",
            "changelogTemplate: The template has an error: unknown filter 'leftpad'.",
        ),
        (
            "changelogTemplate: https://a.test/{% include x %}",
            "changelogTemplate: The template has an error: unexpected tag 'include'.",
        ),
        (
            "releaseLabel: '{% for i in (1..100000000) %}x{% endfor %}'",
            "releaseLabel: The template loops too often or writes too much.",
        ),
    ],
)
def test_template_that_can_never_work_is_refused(field: str, problem: str) -> None:
    """Unknown filters and tags and endless loops are errors."""
    assert refused_value(field) == problem


@pytest.mark.parametrize(
    ("head", "problems"),
    [
        ("permalink: /acme", ["line 2: title: The product has no title."]),
        ("permalink: /acme\ntitle:", ["line 3: title: The product has no title."]),
        ("permalink: /acme\ntitle: '  '", ["line 3: title: The product has no title."]),
        (
            "permalink: /acme\ntitle: 7",
            ["line 3: title: Expected a text, found the number 7; put it in quotes."],
        ),
        ("title: x\npermalink: /admin", [f"line 3: permalink: {TAKEN.format('admin')}"]),
        ("title: x\npermalink: /Static", [f"line 3: permalink: {TAKEN.format('static')}"]),
        ("title: x\npermalink: /a/b", [f"line 3: permalink: {NO_NAME.format('a/b')}"]),
        ("title: x\npermalink: ' '", [f"line 3: permalink: {NO_NAME.format(' ')}"]),
        (
            "title: x\npermalink: 5",
            ["line 3: permalink: Expected a text, found the number 5; put it in quotes."],
        ),
    ],
)
def test_bad_title_or_address_is_refused(head: str, problems: list[str]) -> None:
    """A product needs a title, and an address that is not reserved."""
    assert refused(lambda: read(f"{head}\nreleases: []")) == problems


@pytest.mark.parametrize("permalink", ["", "permalink:", "permalink: ''", "permalink: /"])
def test_product_without_an_address_is_refused(permalink: str) -> None:
    """Neither the file nor its name has an address."""
    (problem,) = refused(lambda: read(f"title: x\n{permalink}\nreleases: []", file_name=""))
    expected = "permalink: The file does not say its product's address (permalink: /name)."
    assert problem.endswith(expected)


def test_reserved_file_name_is_refused() -> None:
    problems = refused(lambda: read("title: x\nreleases: []", file_name="API"))
    assert problems == [f"line 2: permalink: {TAKEN.format('api')}"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("title: x", "line 2: releases: The file has no list of releases."),
        ("title: x\nreleases:", "line 3: releases: The file has no list of releases."),
        ("title: x\nreleases: none", "line 3: releases: Expected a list, found the text “none”."),
        (
            "title: x\nreleases:\n  - '1.0'",
            "line 4: releases[0]: Expected keys and values, found the text “1.0”.",
        ),
        (
            f"title: x\nreleases: [{'{}, ' * 2_001}]",
            "line 3: releases: The list has 2,001 entries; at most 2,000 fit.",
        ),
    ],
)
def test_bad_list_of_cycles_is_refused(text: str, problem: str) -> None:
    """A product needs a list of cycles that are mappings."""
    assert refused(lambda: read(text)) == [problem]


def test_problem_below_the_front_matter_has_its_line() -> None:
    """It is the line of the first control character."""
    problems = refused(lambda: read(f"{HEAD}releases: []", body="One\n\nTwo \x07\n\x07"))
    assert problems == ["line 8: The text has control characters."]


def test_long_body_is_refused() -> None:
    problems = refused(lambda: read(f"{HEAD}releases: []", body="x" * (limits.BODY + 1)))
    assert problems == ["line 6: The text below the front matter has 200,001 characters; at most"
                        " 200,000 fit."]  # fmt: skip


# ---- values of a cycle -------------------------------------------------------------------------

QUOTES = "A cycle's name must be a text: put it in quotes (YAML reads it as {})."


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("5.10", QUOTES.format("the number 5.1")),
        ("22:04", QUOTES.format("the number 1324")),
        ("2028", QUOTES.format("the number 2028")),
        ("010", QUOTES.format("the number 8")),
        ("1e3", None),
        ("2028-04-30", QUOTES.format("the date 2028-04-30")),
        ("yes", QUOTES.format("true")),
        ("off", QUOTES.format("false")),
        ("[1]", QUOTES.format("a list")),
        ("{a: 1}", QUOTES.format("keys and values")),
        ("''", "A release cycle needs a name."),
        ("' 1'", "A cycle's name is a plain text without space around it."),
        ('"a\\tb"', "A cycle's name is a plain text without space around it."),
        ("'..'", "A cycle's name is a plain text without space around it."),
        ("a/b", "A cycle's name stands in addresses and cannot hold /"),
        ("x" * 101, "A cycle's name has at most 100 characters."),
    ],
)
def test_bad_cycle_name_is_refused(name: str, problem: str | None) -> None:
    """A cycle's name is a text, in quotes where YAML needs them, and fits into an address."""
    text = f"{HEAD}releases:\n  - eol: true\n    releaseCycle: {name}"
    if problem is None:
        assert read(text).cycles[0].name == name
    else:
        assert refused(lambda: read(text)) == [f"line 6: releases[0].releaseCycle: {problem}"]


@pytest.mark.parametrize("name", ["", "    releaseCycle: ~\n", "    cycle: '1'\n"])
def test_cycle_without_a_name_is_refused(name: str) -> None:
    problems = refused(lambda: read(f"{HEAD}releases:\n  - eol: true\n{name}"))
    assert problems == ["line 5: releases[0]: The cycle has no name (releaseCycle)."]


def test_duplicate_cycle_is_refused() -> None:
    """The message has the line of the first one."""
    problems = refused(lambda: read(f"{HEAD}{CYCLES}  - releaseCycle: '1.0'\n    eol: true"))
    expected = "releases[1].releaseCycle: The cycle “1.0” is there twice (first in line 5)."
    assert problems == [f"line 6: {expected}"]


MILESTONE = "Expected a date such as 2028-04-30{}, true or false, found {}."


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        # milestones
        ("eol: soon", f"eol: {MILESTONE.format(' (without quotes)', 'the text “soon”')}"),
        (
            "eol: '2028-04-30'",
            f"eol: {MILESTONE.format(' (without quotes)', 'the text “2028-04-30”')}",
        ),
        ("eol: 2028-04", f"eol: {MILESTONE.format(' (without quotes)', 'the text “2028-04”')}"),
        ("eol: 2028", f"eol: {MILESTONE.format('', 'the number 2028')}"),
        ("releaseDate: [a]", f"releaseDate: {MILESTONE.format('', 'a list')}"),
        ("lts: {a: b}", f"lts: {MILESTONE.format('', 'keys and values')}"),
        ("eol: 2028-02-30", "eol: “2028-02-30” is not a day of the calendar."),
        (
            "eol: 2028-04-30T00:00:00Z",
            "eol: “2028-04-30T00:00:00Z” has a time of day; expected a date such as 2028-04-30.",
        ),
        (
            "eol: 2020-01-01\nreleaseDate: 2021-01-01",
            "eol: The end of security support (1 Jan 2020) is before the release (1 Jan 2021).",
        ),
        (
            "eoas: 2021-01-02\neol: 2021-01-01",
            "eol: The end of security support (1 Jan 2021) is before the end of active support"
            " (2 Jan 2021).",
        ),
        (
            "eoas: 2022-01-01\neol: 2021-12-31\nprecision: {eoas: year, eol: year}",
            "eol: The end of security support (2021) is before the end of active support (2022).",
        ),
        # precision
        ("precision: month", "precision: Expected keys and values (eol: month)."),
        (
            "precision: {eol: week}",
            "precision.eol: Expected one of day, month, quarter, year.",
        ),
        ("precision: {eol: [month]}", "precision.eol: Expected one of day, month, quarter, year."),
        (
            "precision: {release: month}",
            "precision.release: Expected one of releaseDate, lts, eoas, eol, eoes, discontinued.",
        ),
        (
            "versionRange: '>=5.2'",
            "versionRange: Expected a version range such as vers:pypi/>=5.2|<5.3.",
        ),
        ("identifiers: [x]", "identifiers[0]: Expected keys and values, found the text “x”."),
        # texts
        ("codename: 5", f"codename: {NOT_TEXT.format('the number 5')}"),
        ("latest: 5.10", f"latest: {NOT_TEXT.format('the number 5.1')}"),
        ("latest: 2028-04-30", f"latest: {NOT_TEXT.format('the date 2028-04-30')}"),
        (f"latest: {'x' * 201}", "latest: The text has 201 characters; at most 200 fit."),
        (
            "latestReleaseDate: '5.2'",
            "latestReleaseDate: Expected a date such as 2028-04-30, found the text “5.2”.",
        ),
        (
            "staleReleaseThresholdDays: 1.5",
            "staleReleaseThresholdDays: Expected a whole number, found the number 1.5.",
        ),
        # links and labels
        ("link: javascript:alert(1)", f"link: {NO_ADDRESS.format('javascript:alert(1)')}"),
        ("link: ' JavaScript:x'", f"link: {NO_ADDRESS.format('JavaScript:x')}"),
        ("link: 'vbscript:{{5}}'", f"link: {NO_ADDRESS.format('vbscript:{{5}}')}"),
        ("link: true", f"link: {NOT_TEXT.format('true')}"),
        (
            "link: https://a.test/{{'__LATEST__' | nope}}",
            "link: The template has an error: unknown filter 'nope'.",
        ),
        (
            "releaseLabel: '{% nope %}'",
            "releaseLabel: The template has an error: unexpected tag 'nope'.",
        ),
        # releases
        ("releases: 5", "releases: Expected a list, found the number 5."),
        ("releases: [x]", "releases[0]: Expected keys and values, found the text “x”."),
        (
            "releases: [{kind: patch}]",
            "releases[0].version: A release needs a version of its own.",
        ),
        (
            "releases: [{version: '1', kind: patch}, {version: '1', kind: patch}]",
            "releases[1].version: A release needs a version of its own.",
        ),
        (
            "releases: [{version: '1'}]",
            "releases[0].kind: Expected one of alpha, beta, rc, final, patch, security.",
        ),
        (
            "releases: [{version: '1', kind: big}]",
            "releases[0].kind: Expected one of alpha, beta, rc, final, patch, security.",
        ),
        (
            "releases: [{version: '1', kind: patch, date: soon}]",
            "releases[0].date: Expected a date such as 2028-04-30, found the text “soon”.",
        ),
        (
            "releases: [{version: '1', kind: patch, date: 2028-01-01, precision: week}]",
            "releases[0].precision: Expected one of day, month, quarter, year.",
        ),
    ],
)
def test_bad_value_of_a_cycle_is_refused(keys: str, problem: str) -> None:
    (found,) = refused(lambda: read_cycle(keys))
    line, _, message = found.partition(": ")
    assert message == f"releases[0].{problem}"
    key = problem.partition(":")[0].partition(".")[0].partition("[")[0]
    lines = [number for number, text in enumerate(keys.splitlines(), 6) if text.startswith(key)]
    assert line == f"line {lines[0]}"


def test_custom_value_must_be_plain() -> None:
    """A custom field has a single value."""
    fields = "customFields:\n  - name: a\n"
    problems = refused(lambda: read(f"{HEAD}{fields}{CYCLES}    a: [1]"))
    assert problems == ["line 8: releases[0].a: Expected a text, found a list."]


def test_all_problems_are_named_in_the_order_of_the_file() -> None:
    text = f"releases:\n  - releaseCycle: 5.10\n    eol: soon\n{HEAD}category: 5\nfeatured: x"
    lines = [problem.partition(":")[0] for problem in refused(lambda: read(text))]
    assert lines == ["line 3", "line 4", "line 7", "line 8"]


def test_template_that_fails_for_one_cycle_is_a_warning() -> None:
    """It may work for another cycle."""
    product = read(f"{HEAD}changelogTemplate: https://a.test/{{{{'__LATEST__' | }}}}\n{CYCLES}")
    (warning,) = product.warnings
    assert (warning.line, warning.path) == (4, "changelogTemplate")
    assert warning.message.startswith("The template has an error: ")
