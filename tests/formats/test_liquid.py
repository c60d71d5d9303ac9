"""Templates of labels and links are as lax as Jekyll's, but bounded, and they report problems."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.formats.liquid import PLACEHOLDERS, Rendered, plain_text, render

VALUES = {
    "__RELEASE_CYCLE__": "5.2",
    "__CODENAME__": "Noble Numbat",
    "__RELEASE_DATE__": "2025-04-02",
    "__LATEST__": "5.2.19",
    "__LATEST_RELEASE_DATE__": "2026-11-03",
}
RELEASE = {"releaseCycle": "5.2", "codename": "Noble Numbat", "eol": "2028-04-30", "eoes": False}

TOO_MUCH = Rendered("", "The template loops too often or writes too much.", fatal=True)


def text(template: str) -> str:
    """Return the result of a template that must work."""
    result = render(template, VALUES, RELEASE)
    assert (result.problem, result.fatal) == ("", False)
    return result.text


def trouble(template: str) -> Rendered:
    return render(template, VALUES, RELEASE)


# ---- success -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("", ""),
        ("Acme", "Acme"),
        ("__RELEASE_CYCLE__ '__CODENAME__'", "5.2 'Noble Numbat'"),
        ("__LATEST_RELEASE_DATE__/__LATEST__/__RELEASE_DATE__", "2026-11-03/5.2.19/2025-04-02"),
        ("__LATEST____LATEST__", "5.2.195.2.19"),
        ("__latest__ __OTHER__ _LATEST_", "__latest__ __OTHER__ _LATEST_"),
        ("{'a': 1} %}", "{'a': 1} %}"),
    ],
)
def test_placeholders_are_replaced(template: str, expected: str) -> None:
    """Nothing else is changed."""
    assert text(template) == expected


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_missing_placeholder_is_empty(placeholder: str) -> None:
    assert render(f"a{placeholder}b", {}, {}) == Rendered("ab")
    assert set(VALUES) == set(PLACEHOLDERS)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        # as the files write it: with and without space, in both kinds of quotes
        ("{{'__LATEST__'|replace:'.','-'}}", "5-2-19"),
        ('{{"__LATEST__" | replace: ".", ""}}', "5219"),
        ("{{'__LATEST__' | replace:'.':'_'}}", "5_2_19"),
        ('{{ "__LATEST__" | replace : "." : "_" | append: "!" }}', "5_2_19!"),
        ("{{'__LATEST__'|drop_zero_patch|replace:'.','_'}}", "5_2_19"),
        ("{{'__RELEASE_CYCLE__'|split:'.'|pop|join:'.'}}", "5"),
        ('{% assign n = "__RELEASE_CYCLE__" | split:"." |first| plus:0 %}{{n}}', "5"),
        ("{%if r.codename %}({{r.codename}}){%endif%}", "(Noble Numbat)"),
        ("{% if '__CODENAME__' != '' %}yes{% else %}no{% endif %}", "yes"),
        ("{% if r.nothing %}yes{% else %}no{% endif %}", "no"),
        ("{% if r.eoes %}yes{% else %}no{% endif %}", "no"),
        ("{{5}}", "5"),
        ("{{ r.nothing }}{{ nothing }}{{ r.a.b.c }}", ""),
        ("{{ r.eol | split: '-' | first }}", "2028"),
        ("{%- if true -%} a {%- endif -%} ", "a"),
        ("{{ '__CODENAME__' | downcase | slugify }}", "noble-numbat"),
        ("{% for i in (1..3) %}{{ i }}{% endfor %}", "123"),
        ("{% for part in r.releaseCycle %}{{ part }}{% endfor %}", "5.2"),
        ("{% case '__RELEASE_CYCLE__' %}{% when '5.2' %}LTS{% endcase %}", "LTS"),
        ("{% comment %}x{% endcomment %}{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ],
)
def test_liquid_runs_after_placeholders(template: str, expected: str) -> None:
    """Liquid sees the replaced placeholders, and the keys of the cycle as `r`."""
    assert text(template) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # endoflife.date's own
        ("'5.0' | drop_zero_patch", "5"),
        ("'5.0.0' | drop_zero_patch", "5.0"),
        ("'5.0.10' | drop_zero_patch", "5.0.10"),
        # Jekyll's
        ("'a.b.c' | split: '.' | pop | join: '.'", "a.b"),
        ("'a.b.c' | split: '.' | pop: 2 | join: '.'", "a"),
        ("'a.b.c' | split: '.' | pop: 9 | join: '.'", ""),
        ("'a.b.c' | split: '.' | shift | join: '.'", "b.c"),
        ("'a.b' | split: '.' | push: 'c' | join: '.'", "a.b.c"),
        ("'a.b' | split: '.' | unshift: 'c' | join: '.'", "c.a.b"),
        ("'a' | split: '.' | array_to_sentence_string", "a"),
        ("'a.b' | split: '.' | array_to_sentence_string", "a and b"),
        ("'a.b.c' | split: '.' | array_to_sentence_string: 'or'", "a, b, or c"),
        ("' Big  News! ' | slugify", "big-news"),
        ("' a \n b ' | normalize_whitespace", "a b"),
        ("' 12px' | to_integer", "12"),
        ("'x' | to_integer", "0"),
        ("'<a>&' | xml_escape", "&lt;a&gt;&amp;"),
        ("'a b&c' | cgi_escape", "a+b%26c"),
        ("'a b/ü?c=d' | uri_escape", "a%20b/%C3%BC?c=d"),
        ("'one two' | number_of_words", "2"),
        # Liquid's own
        ("'a' | append: 'b' | prepend: 'c' | upcase", "CAB"),
        ("'5.2' | remove: '.' | plus: 1", "53"),
        ("'a b' | url_encode", "a+b"),
    ],
)
def test_filter(expression: str, expected: str) -> None:
    """The filters of Liquid, Jekyll and endoflife.date are available."""
    assert text(f"{{{{ {expression} }}}}") == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'__RELEASE_DATE__' | date: '%Y/%m'", "2025/04"),
        ("'__RELEASE_DATE__' | date", "2025-04-02"),
        ("'now' | date: '%Y'", "now"),
        ("'today' | date: '%Y'", "today"),
        ("'5.2' | date: '%Y'", "5.2"),
        ("'10 May' | date: '%Y'", "10 May"),
        ("1234567890 | date: '%Y'", "1234567890"),
    ],
)
def test_date_filter_does_not_read_the_clock(expression: str, expected: str) -> None:
    """A full date is formatted. Values that would need today's date stay as they are."""
    assert text(f"{{{{ {expression} }}}}") == expected


# ---- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ 'x' | leftpad: 5 }}", "unknown filter 'leftpad'"),
        ("{{ 'x' | jsonify }}", "unknown filter 'jsonify'"),
        ("{% assign x = 'x' | leftpad %}", "unknown filter 'leftpad'"),
        ("{% if true %}{{ 'x' | leftpad }}{% endif %}", "unknown filter 'leftpad'"),
        ("{% link x %}", "unexpected tag 'link'"),
        ("{% include x.html %}", "unexpected tag 'include'"),
        ("{% render 'x' %}", "unexpected tag 'render'"),
        ("{% tablerow i in r %}{% endtablerow %}", "unexpected tag 'tablerow'"),
    ],
)
def test_unknown_filter_or_tag_is_fatal(template: str, problem: str) -> None:
    """Lax Liquid would ignore it, but the template can never work."""
    result = trouble(template)
    assert result.problem == f"The template has an error: {problem}."
    assert result.fatal


@pytest.mark.parametrize(
    "template",
    [
        "{{",
        "{{ r.codename",
        "{% if",
        "{% if true %}",
        "{{ 'x }}",
        "{{ 'x' | replace: '.', ''' }}",
        "{{ 1 | divided_by: 0 }}",
        "{{ 'a' | pop }}",
        "{{ 'inf' | plus: 1 | floor }}",
        "{{ r | compact: 'x' }}",
        "{% assign = 5 %}",
        "{% for %}{% endfor %}",
        "{% break %}",
    ],
)
def test_other_error_is_reported(template: str) -> None:
    """The template may work for other cycles."""
    result = trouble(template)
    assert result.problem.startswith("The template has an error: ")
    assert result.problem.endswith(".")
    assert "\n" not in result.problem
    assert not result.fatal


def test_error_removes_only_its_own_part() -> None:
    result = trouble("a{{ 1 | divided_by: 0 }}b")
    assert (result.text, result.fatal) == ("ab", False)


def test_worst_problem_is_reported() -> None:
    """A fatal error takes precedence over earlier ones."""
    result = trouble("{{ 1 | divided_by: 0 }}{{ 'x' | leftpad }}")
    assert (result.problem, result.fatal) == (
        "The template has an error: unknown filter 'leftpad'.",
        True,
    )


def test_errors_do_not_leak_into_the_next_template() -> None:
    trouble("{{ 'x' | leftpad }}")
    assert text("{{ 'x' }}") == "x"


@pytest.mark.parametrize(
    "template",
    [
        # loops
        "{% for i in (1..1000000000) %}x{% endfor %}",
        "{% for i in (1..1000000000) reversed %}x{% endfor %}",
        "{% for i in (1..999) %}{% for j in (1..999) %}x{% endfor %}{% endfor %}",
        "{% assign n = 1000000000 %}{% for i in (1..n) %}x{% endfor %}",
        "{% for i in ('1'..'1000000000') %}x{% endfor %}",
        "{% for i in ((1..2)..1000000000) %}x{% endfor %}",
        # large ranges without a loop
        "{{ (1..1000000000) | join: '' | size }}",
        "{{ (1..1000000000) | sum }}",
        "{% assign x = (1..1000000000) %}{{ x | reverse | first }}",
        "{% if (1..1000000000) contains 'x' %}x{% endif %}",
        # texts, lists and numbers that multiply
        "{{ 'a'" + " | replace: 'a', 'aaaaaaaaaaaaaaaaaaaa'" * 12 + " }}",
        "{{ 'aaaaaaaaaaaaaaaaaaaa'" + " | replace: '', 'aaaaaaaaaaaaaaaaaaaa'" * 12 + " }}",
        "{% assign a = 'aaaa' %}{% for i in (1..99) %}{% assign a = a | append: a %}{% endfor %}",
        "{% assign a = 9 %}{% for i in (1..99) %}{% assign a = a | times: a %}{% endfor %}{{ a }}",
        "{% assign a = 'a b' | split: ' ' %}"
        "{% for i in (1..99) %}{% assign a = a | concat: a %}{% endfor %}",
        # endless text
        "{% for i in (1..999) %}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{% endfor %}",
        "{% capture a %}{% for i in (1..999) %}xxxxxxxxxxxxxxxxxxxx{% endfor %}{% endcapture %}",
        "__LATEST__" * 400 + "{{ 5 }}",
        # deep nesting
        "{%if r%}" * 60 + "{%endif%}" * 60,
    ],
)
def test_template_without_bounds_is_fatal(template: str) -> None:
    """Loops and values that grow without limit are stopped at once."""
    assert trouble(template) == TOO_MUCH


@pytest.mark.parametrize(
    "template", ["(LTS) {{ r.codename }}", "{{ '(a)..(b)' }} {{ r.x }}..", "{{ 'a..b' }} (c)"]
)
def test_dots_and_parentheses_are_no_range(template: str) -> None:
    """Only dots after an opening parenthesis may be a large range."""
    result = trouble(template)
    assert (result == TOO_MUCH) is ("(a)..(b)" in template)


FILTERS = [
    *["abs", "append", "array_to_sentence_string", "at_least", "at_most", "base64_decode"],
    *["base64_encode", "capitalize", "ceil", "cgi_escape", "compact", "concat", "date", "default"],
    *["divided_by", "downcase", "drop_zero_patch", "escape", "escape_once", "find", "first"],
    *["floor", "has", "join", "last", "lstrip", "map", "minus", "modulo", "newline_to_br"],
    *["normalize_whitespace", "number_of_words", "plus", "pop", "prepend", "push", "reject"],
    *["remove", "remove_first", "remove_last", "replace", "replace_first", "replace_last"],
    *["reverse", "round", "rstrip", "safe", "shift", "size", "slice", "slugify", "sort"],
    *["sort_natural", "split", "squish", "strip", "strip_html", "strip_newlines", "sum", "times"],
    *["to_integer", "truncate", "truncatewords", "uniq", "unshift", "upcase", "uri_escape"],
    *["url_decode", "url_encode", "where", "xml_escape", "base64_url_safe_decode", "escapejs"],
    *["base64_url_safe_encode", "find_index"],
]
pieces = st.sampled_from(
    [
        *["{{", "}}", "{%", "%}", "{%-", "-}}", "'", '"', " ", "|", ":", ",", ".", "..", "(", ")"],
        *["[", "]", "r", "r.eol", "r.codename", "__LATEST__", "__CODENAME__", "5", "-1", "9" * 400],
        *["assign x = ", "if ", "elsif ", "else", "endif", "for i in ", "endfor", "case ", "when "],
        *["endcase", "capture x", "endcapture", "cycle ", "break", "increment x", "unless "],
        *["echo ", "liquid ", "raw", "endraw", "doc", "enddoc", "ifchanged", "# ", "x", "é", "\n"],
        *["replace", "split", "join", "append", "times", "divided_by", "round", "date", "slice"],
        *["truncate", "first", "last", "sort", "map", "where", "sum", "compact", "uniq", "floor"],
        *["pop", "push", "size", "default", "escape", "nope", "contains", "==", "and", "'inf'"],
    ]
)
arguments = st.lists(
    st.sampled_from(["'a'", "''", "5", "-1", "r", "1e9", "'inf'", "r.x", "true"]), max_size=3
)
calls = st.builds(" | {}: {}".format, st.sampled_from(FILTERS), arguments.map(", ".join))


@settings(deadline=timedelta(seconds=2))
@given(st.lists(pieces, max_size=25).map("".join) | st.text(st.characters(exclude_categories=())))
def test_any_template_is_rendered(template: str) -> None:
    """The result is a text, with a sentence if there was a problem."""
    result = trouble(template)
    assert isinstance(result.text, str)
    assert result.fatal <= bool(result.problem)


@settings(deadline=timedelta(seconds=2))
@given(
    st.sampled_from(["'5.2.0'", "r", "r.eol", "5", "1.5", "nothing", "true", "(1..3)"]),
    st.lists(calls, max_size=4).map("".join),
)
def test_any_filter_takes_any_value(value: str, calls: str) -> None:
    """A filter accepts any value, or reports the error in a sentence."""
    result = trouble(f"{{{{ {value}{calls} }}}}")
    assert isinstance(result.text, str)
    assert result.problem == "" or result.problem.endswith(".")


# ---- labels without markup ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("LTS", "LTS"),
        ("<abbr title='Long Term'>LT</abbr>", "LT"),
        ("a < b & c > d", "a < b & c > d"),
        ("R&amp;D", "R&D"),
        ("AT&T", "AT&T"),
        ("<b>5</b><br/>.2", "5.2"),
        ("a<script>alert(1)</script>b", "ab"),
        ("<!-- x -->a", "a"),
        ("<img src=x onerror=alert(1)>", ""),
    ],
)
def test_plain_text(html: str, expected: str) -> None:
    """A label loses its markup and keeps its text."""
    assert plain_text(html) == expected
