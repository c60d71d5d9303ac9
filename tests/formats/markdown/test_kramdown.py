"""kramdown's extensions: attribute lines, ids, footnotes, abbreviations and comments."""

from __future__ import annotations

import pytest

from releases.formats.markdown.html import description_html
from releases.formats.markdown.kramdown import MAX_ABBREVIATIONS, MAX_MARKED
from tests.formats.markdown.html_check import Parsed


@pytest.mark.parametrize(
    ("body", "classes"),
    [
        ("{: .warning }\n> x", [("blockquote", "warning")]),
        ("{: .warning}\n\n> x", [("blockquote", "warning")]),
        ("{:.note}\nx", [("p", "note")]),
        ("x\n{: .tip }", [("p", "tip")]),
        ("x\n{: .tip }\ny", [("p", "tip")]),
        ("x\n{: #id .other key='a .b' .highlight }\n{: .x }", [("p", "highlight")]),
        ('x\n{: class="big important" }', [("p", "important")]),
        ("> x\n{: .note }", [("blockquote", "note")]),
        ("> a\n\n> {: .warning }\n> x", [("p", "warning")]),
        ("> a\n>\n> {: .warning }\n> > x", [("blockquote", "warning")]),
        ("- a\n- b\n{: .note }", [("ul", "note")]),
        ("- a\n\n  {: .note }\n  b", [("p", "note")]),
        ("## x\n{: .note }", [("h3", "note")]),
        ("{: .note }\n\n```\nx\n```", []),
        ("{: .caution }\n> x", [("blockquote", "warning")]),
        ("{: .note-title }\n> T\n>\n> x", [("blockquote", "note")]),
        ("{: .evil .scroller .no_toc }\n> x", []),
        ("x\n\n{: .note }", []),
    ],
)
def test_attribute_line_sets_the_class_of_a_block(
    body: str, classes: list[tuple[str, str]]
) -> None:
    """It belongs to the block above, or after a blank line to the block below."""
    parsed = Parsed(description_html(body))
    assert parsed.classes() == classes
    assert "{" not in parsed.words
    assert "}" not in parsed.words


def test_attribute_line_ends_a_paragraph_but_not_its_quote() -> None:
    html = description_html("> a\n> {: .note }\n> b")
    assert html == '<blockquote>\n<p class="note">a</p>\n<p>b</p>\n</blockquote>'


def test_attribute_line_at_the_end_of_a_quote_has_no_effect_outside() -> None:
    assert "class" not in description_html("> a\n>\n> {: .note }\n\nb")


@pytest.mark.parametrize(
    "span",
    ['[x](https://a.test){:target="_blank"}', "*x*{: .note }", "`x`{: .sh}", "{::nil}x"],
)
def test_attributes_of_a_span_are_removed(span: str) -> None:
    parsed = Parsed(description_html(f"a {span} b"))
    assert parsed.words.replace("x", "") == "a  b"
    assert parsed.classes() == []


def test_escaped_brace_is_a_brace() -> None:
    assert description_html(r"a \{: b }") == "<p>a {: b }</p>"


def test_placeholder_of_a_table_of_contents_is_removed() -> None:
    assert description_html("* TOC\n{:toc}\n\nx") == "<p>x</p>"
    assert description_html("1. a\n   - b\n2. c\n{:toc}\n\nx") == "<p>x</p>"


@pytest.mark.parametrize("body", ["## A b {#own}", "## A b\n{: #own }", "{: #own }\n## A b"])
def test_heading_may_set_its_id(body: str) -> None:
    assert description_html(body) == '<h3 id="text-own">A b</h3>'


def test_comments_are_removed() -> None:
    body = "a\n\n{::comment}\n- hidden\n\nhidden\n{:/comment}\n\nb {::nomarkdown}c{:/}"
    assert description_html(body) == "<p>a</p>\n<p>b c</p>"


def test_unclosed_comment_hides_nothing() -> None:
    assert description_html("{::comment}\n\nb") == "<p>b</p>"


# ---- footnotes -----------------------------------------------------------------------------------


def test_footnotes_are_numbered_by_their_references() -> None:
    """They come last and link back; one without a reference is left out."""
    body = "x[^b] y[^a] z[^b]\n\n[^a]: first\n[^b]: <https://b.test>\n[^c]: unused\n\nend"
    parsed = Parsed(html := description_html(body))
    assert parsed.ids() == [
        "text-fnref-1",
        "text-fnref-2",
        "text-fnref-1-2",
        "text-fn-1",
        "text-fn-2",
    ]
    assert parsed.hrefs() == [
        "#text-fn-1",
        "#text-fn-2",
        "#text-fn-1",
        "https://b.test",
        "#text-fnref-1",
        "#text-fnref-2",
    ]
    assert "unused" not in html
    assert html.index("end") < html.index('<section class="footnotes" role="doc-endnotes"')
    assert 'role="doc-backlink" aria-label="Back to the text"' in html


def test_footnote_may_have_indented_paragraphs() -> None:
    html = description_html("x[^1]\n\n[^1]: one\n    more\n\n    two\n\nbehind")
    assert "<p>one\nmore</p>\n<p>two <a" in html
    assert html.startswith("<p>x<sup>")
    assert html.index("behind") < html.index("one")


def test_footnotes_work_within_quotes_and_tables() -> None:
    body = "> q[^q]\n>\n> [^q]: in it\n\n| a |\n|---|\n| b[^t] |\n\n[^t]: of it"
    parsed = Parsed(description_html(body))
    assert parsed.count("sup") == 2
    assert parsed.count("li") == 2


def test_reference_without_a_footnote_stays_text() -> None:
    assert description_html("a[^1]") == "<p>a[^1]</p>"


def test_first_of_two_footnotes_with_the_same_label_counts() -> None:
    html = description_html("x[^1]\n\n[^1]: one\n\n[^1]: two")
    assert "one" in html
    assert "two" not in html


def test_footnote_may_have_a_list_and_ends_the_quote_above_it() -> None:
    html = description_html("> x[^1]\n[^1]: one\n\n    - a\n    - b\n")
    assert html.index("</blockquote>") < html.index("<ul>\n<li>a</li>")
    assert html.count('role="doc-backlink"') == 1


def test_long_label_is_no_footnote_reference() -> None:
    """The search for the closing bracket is bounded."""
    label = "x" * 101
    assert "<sup>" not in description_html(f"a[^{label}]\n\n[^{label}]: b")


# ---- abbreviations -------------------------------------------------------------------------------


def test_abbreviations_are_marked_as_whole_words() -> None:
    body = 'LTS of NLTS, `LTS`, [LTS](https://a.test)\n\n*[LTS]: Long "Term" Support\n*[ ]: x'
    marked = '<abbr title="Long &quot;Term&quot; Support">LTS</abbr>'
    link = '<a href="https://a.test" rel="nofollow noopener">'
    assert description_html(body) == (
        f"<p>{marked} of NLTS, <code>LTS</code>, {link}{marked}</a></p>"
    )


def test_longest_abbreviation_wins() -> None:
    html = description_html("A B\n\n*[A]: one\n*[A B]: two")
    assert html == '<p><abbr title="two">A B</abbr></p>'


def test_abbreviations_have_limits() -> None:
    """They cannot make a text arbitrarily long."""
    many = "\n".join(f"*[a{number}]: x" for number in range(MAX_ABBREVIATIONS + 1))
    html = description_html(f"a0 a{MAX_ABBREVIATIONS - 1} a{MAX_ABBREVIATIONS}\n\n{many}")
    assert html.count("<abbr") == 2
    html = description_html("a " * (MAX_MARKED + 1) + "\n\n*[a]: " + "x" * 9_000)
    assert html.count("<abbr") == MAX_MARKED
    assert len(html) < MAX_MARKED * 600
