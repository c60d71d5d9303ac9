"""The Liquid of a body: tables of the cycles' fields; everything else is removed outside of
code."""

from __future__ import annotations

import re
from datetime import date

import pytest

from releases.formats.markdown.html import description_html
from releases.formats.markdown.liquid_tables import MAX_CELLS, MAX_TAGS
from releases.formats.product_files.records import CycleRecord, ProductRecord
from tests.formats.markdown.html_check import Parsed
from tests.lifecycles import make_lifecycle


def cycle(name: str, *, eol: str = "", latest_date: date | None = None, **java: str) -> CycleRecord:
    return CycleRecord(name, make_lifecycle(eol=eol), latest_date=latest_date, custom=java)


CYCLES = [
    cycle("3.10", eol="2030-04", java="17"),
    cycle("3.9", eol="2028-04-30", java="17", end="2029-01-31"),
    cycle("3", eol="no", latest_date=date(2020, 1, 2), java="<b>8</b>"),
    cycle("2", eol="2020-Q2"),
]
ACME = ProductRecord(name="acme", label="Acme", cycle_label="Acme __RELEASE_CYCLE__")


def include(fields: str, *, labels: str = "", types: str = "", rows: str = "page.releases") -> str:
    return (
        '{% include table.html\n   labels="' + labels + '"\n   fields="' + fields + '"\n'
        'types="' + types + '"\nrows=' + rows + " %}"
    )


def cells(html: str) -> list[list[str]]:
    """Return the rows of the tables of a piece of HTML as plain texts."""
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    return [
        [re.sub("<.*?>", "", cell) for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row)]
        for row in rows
    ]


def test_include_becomes_a_table_of_fields() -> None:
    """It has a row for each cycle with a value. The first column is the row header."""
    html = description_html(
        include("releaseCycle,java", labels="Release, Java <x>", types="string,string"), CYCLES
    )
    assert html == (
        '<div class="scroller" role="group" tabindex="0"'
        ' aria-label="Table: Release, Java &lt;x&gt;">\n'
        "<table>\n<thead>\n"
        '<tr>\n<th scope="col">Release</th>\n<th scope="col">Java &lt;x&gt;</th>\n</tr>\n'
        "</thead>\n<tbody>\n"
        '<tr>\n<th scope="row">3.10</th>\n<td>17</td>\n</tr>\n'
        '<tr>\n<th scope="row">3.9</th>\n<td>17</td>\n</tr>\n'
        '<tr>\n<th scope="row">3</th>\n<td>&lt;b&gt;8&lt;/b&gt;</td>\n</tr>\n'
        "</tbody>\n</table>\n</div>"
    )


def test_type_of_a_column_formats_its_values() -> None:
    """Dates are `time` elements, booleans Yes and No, empty values a dash."""
    html = description_html(
        include(
            "releaseCycle,eol,eol,end,latestReleaseDate",
            types="raw,end-date,string,date,timeago",
        ),
        CYCLES,
    )
    assert cells(html)[1:] == [
        ["3.10", "Apr 2030", "2030-04", "—", "—"],
        ["3.9", "30 Apr 2028", "2028-04-30", "31 Jan 2029", "—"],
        ["3", "No", "No", "—", "2 Jan 2020"],
        ["2", "Q2 2020", "2020-Q2", "—", "—"],
    ]
    assert '<time datetime="2028-04-30">30 Apr 2028</time>' in html
    assert '<time datetime="2030-04">Apr 2030</time>' in html
    assert html.count("<time") == 4


def test_invalid_date_stays_as_it_is() -> None:
    html = description_html(include("releaseCycle,end", types="x,date"), [cycle("1", end="soon")])
    assert cells(html)[1:] == [["1", "soon"]]


def test_labels_and_types_may_be_missing() -> None:
    html = description_html(include("releaseCycle,java", labels="Release"), CYCLES[:1])
    assert cells(html) == [["Release", "java"], ["3.10", "17"]]


def test_label_of_a_cycle_uses_the_template_of_the_product() -> None:
    body = include("releaseLabel,java")
    assert cells(description_html(body, CYCLES[:1], product=ACME))[1] == ["Acme 3.10", "17"]
    assert cells(description_html(body, CYCLES[:1]))[1] == ["3.10", "17"]


def test_table_of_names_has_all_cycles() -> None:
    assert len(cells(description_html(include("releaseCycle"), CYCLES))) == 5


def test_row_without_a_name_has_no_row_header() -> None:
    html = description_html(include("end,java"), CYCLES)
    assert "<td>—</td>\n<td>17</td>" in html
    assert '<th scope="row">2029-01-31</th>\n<td>17</td>' in html


@pytest.mark.parametrize(
    "body",
    [
        include("releaseCycle,java", rows="page.others"),
        include("releaseCycle,unknown"),
        include(""),
        "{% include table.html %}",
        "{% include other.html fields='java' rows=page.releases %}",
        '{% include table.html fields="java rows=page.releases %}',
    ],
)
def test_include_without_rows_is_removed(body: str) -> None:
    assert description_html(body, CYCLES) == ""


def test_table_ends_the_paragraph_before_it_and_starts_another() -> None:
    parsed = Parsed(description_html(f"before\n{include('java')} after", CYCLES))
    assert [tag for tag, _ in parsed.elements][:2] == ["p", "div"]
    assert parsed.elements[-1][0] == "p"
    assert parsed.words.split()[-1] == "after"


def test_tables_work_in_lists_and_quotes() -> None:
    for marker, tag in (("> ", "blockquote"), ("- ", "li")):
        indent = marker if tag == "blockquote" else "  "
        body = marker + include("releaseCycle,java").replace("\n", f"\n{indent}")
        html = description_html(body, CYCLES)
        assert html.index(f"<{tag}>") < html.index("<table>") < html.index(f"</{tag}>")


# ---- rows of a variable --------------------------------------------------------------------------


def names(assignment: str, cycles: list[CycleRecord] = CYCLES) -> list[str]:
    """Return the names of the rows after an assignment."""
    body = "{%- assign them = " + assignment + " -%}\n" + include("releaseCycle", rows="them")
    return [row[0] for row in cells(description_html(body, cycles))[1:]]


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ("", ["3.10", "3.9", "3", "2"]),
        ('| where_exp:"r","r.java != null"', ["3.10", "3.9", "3"]),
        ('| where_exp: "r", "r.java == nil"', ["2"]),
        ('| where_exp:"r","r.java"', ["3.10", "3.9", "3"]),
        ("""| where_exp:"r","r.releaseCycle != '3'" """, ["3.10", "3.9", "2"]),
        ("""| where_exp:"r","r.java contains '7'" """, ["3.10", "3.9"]),
        ('| where_exp:"r","r.java > 3 and true"', ["3.10", "3.9", "3", "2"]),
        ('| where:"java","17"', ["3.10", "3.9"]),
        ("| reverse", ["2", "3", "3.9", "3.10"]),
        ('| sort:"java" | where:"releaseCycle","3"', ["3"]),
        ('| collapse_cycles:"java"," - "', ["3.9 - 3.10", "3"]),
        ('| where_exp:"r","r.java != null" | collapse_cycles:"java","|"', ["3.9|3.10", "3"]),
        ('| collapse_cycles:"nothing"," - "', []),
    ],
)
def test_filters_of_an_assignment(filters: str, left: list[str]) -> None:
    """Conditions select rows, `collapse_cycles` joins neighbours with the same value, and an
    unknown filter changes nothing."""
    assert names(f"page.releases {filters}") == left


def test_only_neighbours_collapse() -> None:
    cycles = [cycle("4", java="1"), cycle("3", java="2"), cycle("2", java="1"), cycle("1")]
    assert names('page.releases | collapse_cycles:"java"," to "', cycles) == ["4", "3", "2"]


def test_variable_may_be_assigned_from_another() -> None:
    body = "{% assign a = page.releases | reverse %}{% assign b = a | where:'java','17' %}"
    html = description_html(f"{body}\n{include('releaseCycle', rows='b')}", CYCLES)
    assert cells(html)[1:] == [["3.9"], ["3.10"]]


# ---- other values --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("a {{ page.x | y: '%}' }} b", "<p>a  b</p>"),
        ("{% if x %}a{% else %}b{% endif %}", "<p>ab</p>"),
        ("{% raw %}a {{ b }}{% endraw %}", "<p>a</p>"),
        ("{{ x }}", ""),
        ("{% assign x = 1 %}", ""),
        ("## {{ x }}", ""),
        ("## a {{ x }}", '<h3 id="text-a">a</h3>'),
        ("<div>{{ x }}</div>", "<div></div>"),
        ("{% comment %}\n\n- a\n\n{% endcomment %}\nb", "<p>b</p>"),
        ("{%- for r in page.releases -%}\n- {{ r }}\n{%- endfor -%}\n\nb", "<p>b</p>"),
        ("{% for r in page.releases %}\n\nb", "<p>b</p>"),
        ("a {{ b", "<p>a  b</p>"),
        ("a {% b", "<p>a  b</p>"),
        ("a {{{ b }}} c", "<p>a } c</p>"),
        ("[a]({{ site.url }}/b)", '<p><a href="/b" rel="nofollow noopener">a</a></p>'),
        (r"a \{{ b }} \{% c %} d", "<p>a \\ \\ d</p>"),
    ],
)
def test_tags_and_outputs_are_removed(body: str, html: str) -> None:
    assert description_html(body) == html


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("`{{.Server.Version}}`", "<p><code>{{.Server.Version}}</code></p>"),
        ("``{% a %} ` {: b }``", "<p><code>{% a %} ` {: b }</code></p>"),
        ("`a {{ x }} ``b", "<p>`a  ``b</p>"),
        ("```sh\n{{ a }}\n{: .b }\n```", "<pre><code>{{ a }}\n{: .b }\n</code></pre>"),
        ("    {% include table.html %}", "<pre><code>{% include table.html %}\n</code></pre>"),
        ("`{% raw %}{{ x }}{% endraw %}`", "<p><code>{{ x }}</code></p>"),
        ("```\n{%- raw -%}\n{{ x }}\n```", "<pre><code>\n{{ x }}\n</code></pre>"),
    ],
)
def test_code_is_unchanged(body: str, html: str) -> None:
    """Only `raw` is removed, whose sole purpose is to protect code from Liquid."""
    assert description_html(body) == html


def test_tags_and_cells_have_limits() -> None:
    many = (include("releaseCycle") + "\n\n") * (MAX_TAGS + 1)
    assert description_html(many, CYCLES).count("<table>") == MAX_TAGS
    fields = ",".join(["java"] * 100)
    large = description_html(include(fields) * 3, [cycle(str(n), java="1") for n in range(150)])
    assert large.count("<table>") == MAX_CELLS // 15_000
