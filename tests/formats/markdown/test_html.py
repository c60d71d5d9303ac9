"""Bodies of product files as HTML and as a summary: complete, safe and bounded."""

from __future__ import annotations

import re
import time
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from releases.formats.markdown.html import (
    MAX_HTML_TAGS,
    MAX_LINKS,
    SUMMARY,
    description_html,
    summary_text,
)
from releases.formats.product_files.parser import read_product
from releases.formats.product_files.records import ProductRecord
from tests.conftest import CATALOGUE
from tests.formats.markdown.html_check import Parsed


def link(address: str, words: str) -> str:
    return f'<a href="{address}" rel="nofollow noopener">{words}</a>'


# ---- Markdown ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("", ""),
        (" \n\r\n", ""),
        ("a *b* **c** ~~d~~ `e`  \nf", None),
        ("> a\r\n> b", "<blockquote>\n<p>a\nb</p>\n</blockquote>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("```python\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("a\n\n---\n\nb", "<p>a</p>\n<hr>\n<p>b</p>"),
        ('[a]\n\n[a]: https://a.test "T"', None),
        ("a & b < c", "<p>a &amp; b &lt; c</p>"),
    ],
)
def test_markdown(body: str, html: str | None) -> None:
    expected = {
        "a": "<p>a <em>b</em> <strong>c</strong> <s>d</s> <code>e</code><br>\nf</p>",
        "[": '<p><a href="https://a.test" title="T" rel="nofollow noopener">a</a></p>',
    }
    assert description_html(body) == (expected[body[0]] if html is None else html)


def test_tables_scroll_and_are_aligned_without_style() -> None:
    """Header cells have a scope; an empty one is no header."""
    html = description_html("| | a[^1] |\n|:-:|--:|\n| 1 | *2* |\n\n[^1]: x")
    assert html.startswith(
        '<div class="scroller" role="group" tabindex="0" aria-label="Table: a">\n<table>\n<thead>'
        '\n<tr>\n<td class="align-center"></td>\n<th class="align-right" scope="col">a<sup>'
    )
    assert '<td class="align-right"><em>2</em></td>' in html
    assert "style" not in html
    assert 'aria-label="Table">' in description_html("| |\n|-|")


# ---- headings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "top", "expected"),
    [
        ((2, 3, 2), 3, (3, 4, 3)),
        ((1, 2), 3, (3, 4)),
        ((4, 5), 2, (2, 3)),
        ((2, 5, 5, 3), 3, (3, 4, 4, 4)),
        ((3, 2, 3), 3, (3, 3, 4)),
        ((1, 2, 3, 4, 5, 6), 4, (4, 5, 6, 6, 6, 6)),
    ],
)
def test_headings_fit_below_that_of_the_page(
    levels: tuple[int, ...], top: int, expected: tuple[int, ...]
) -> None:
    """The highest gets the given level. No level is skipped, and none is below 6."""
    body = "\n\n".join(f"{'#' * level} Heading" for level in levels)
    parsed = Parsed(description_html(body, heading_level=top))
    assert tuple(int(tag[1]) for tag, _ in parsed.elements) == expected


def test_ids_of_headings_are_kramdowns_with_a_prefix_each_once() -> None:
    body = "## A *b* (c)!\n\n## Ä `d`\n\n## A b c\n\n## !\n\n## A b c 1\n\n## a-b-c {#a-b-c}"
    assert Parsed(description_html(body)).ids() == [
        "text-a-b-c",
        "text-ä-d",
        "text-a-b-c-1",
        "text-section",
        "text-a-b-c-1-1",
        "text-a-b-c-2",
    ]


def test_empty_headings_and_those_of_raw_html_are_removed() -> None:
    """The outline has only headings with words from Markdown."""
    html = description_html("#\n\n<h1 class='x'>a</h1>\n\nb <h2>c</h2>")
    assert re.findall("<h[1-6]", html) == []
    assert "<p><strong>a</strong></p>" in html


# ---- links and images ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "href"),
    [
        ("https://a.test/b?c=d#e", "https://a.test/b?c=d#e"),
        ("HTTP://a.test", "HTTP://a.test"),
        ("/django", "/django"),
        ("/windows-server#servicing", "/windows-server#text-servicing"),
        ("a/b", "a/b"),
        ("#own", "#text-own"),
        ("mailto:a@b.test", "mailto:a@b.test"),
        ("javascript:alert(1)", None),
        ("JavaScript:alert(1)", None),
        ("&#106;avascript:alert(1)", None),
        ("data:text/html,x", None),
        ("vbscript:x", None),
        ("file:///etc/passwd", None),
        ("//evil.test/x", None),
        ("https:///", None),
        ("https://a.test/" + "x" * 1_000, None),
        ("/" + "x" * 1_000, None),
    ],
)
def test_links_lead_to_the_web_to_mail_or_within_the_site(address: str, href: str | None) -> None:
    """Any other link is reduced to its text."""
    markdown = description_html(f"[w]({address})")
    assert markdown == (f"<p>{link(href, 'w')}</p>" if href else "<p>w</p>")


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", " java\nscript:x", "//evil.test", "/\\evil.test", "\\\\evil.test"],
)
def test_links_of_raw_html_follow_the_same_rules(address: str) -> None:
    assert Parsed(description_html(f'a <a href="{address}" target=x>w</a>')).hrefs() == []


def test_link_without_words_is_removed() -> None:
    assert description_html("a [](https://a.test) b") == "<p>a  b</p>"


@pytest.mark.parametrize(
    ("image", "html"),
    [
        ("![A *b*](https://a.test/i.png)", link("https://a.test/i.png", "A b")),
        ("![](https://a.test/i.png)", link("https://a.test/i.png", "Image")),
        ("![A](/assets/i.png)", "A"),
        ("![A](data:image/png;base64,AA)", "A"),
        ("[![A](https://a.test/i.png)](https://b.test)", link("https://b.test", "A")),
        (
            "<img src='https://a.test/?a&amp;b' alt=\"&lt;A\" onerror=x>",
            link("https://a.test/?a&amp;b", "&lt;A"),
        ),
        ("<img alt='A' src=x onerror=alert(1)>", "A"),
        ("<IMG SRC='https://a.test/'>", link("https://a.test/", "Image")),
    ],
)
def test_images_become_links(image: str, html: str) -> None:
    """The security policy blocks images of other sites; the alternative text links to them."""
    assert description_html(f"x {image}") == f"<p>x {html}</p>"


# ---- raw HTML ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("a<br/>b", "<p>a<br>b</p>"),
        ("<kbd>a</kbd> H<sub>2</sub>O", "<p><kbd>a</kbd> H<sub>2</sub>O</p>"),
        ('<abbr title="b">a</abbr>', '<p><abbr title="b">a</abbr></p>'),
        (
            "<details open>\n<summary>a</summary>\n\n*b*\n\n</details>",
            '<details open="">\n<summary>a</summary>\n<p><em>b</em></p>\n</details>',
        ),
        ("<!-- a -->b <!-- c -->", "b"),
        ("a</div>b</b>", "<p>ab</p>"),
    ],
)
def test_harmless_html_stays(body: str, html: str) -> None:
    assert description_html(body) == html


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<style>p{color:red}</style>",
        "<iframe src='https://a.test'></iframe>",
        "<svg onload=alert(1)><script>x</script></svg>",
        "<math><mi xlink:href='data:x'></math>",
        "<form action=/><input name=x autofocus onfocus=x></form>",
        "<p style='color:red' onclick='x' class='scroller evil' id='main' tabindex=1>a</p>",
        "<p><b style=x>a</p>",
        "<a href='https://a.test' rel='opener' target=_blank onmouseover=x>a</a>",
        "<object data=x></object><embed src=x><base href=//x><meta http-equiv=refresh>",
        "x <img src=x onerror=alert(1)//",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<scr{{x}}ipt>alert(1)</scr{: x}ipt>",
        "<scr<!-- -->ipt>alert(1)</script>",
    ],
)
def test_harmful_html_is_removed(body: str) -> None:
    """`Parsed` checks that there are no forbidden elements, handlers, styles or ids."""
    html = description_html(body)
    assert Parsed(html).classes() == []
    assert "alert(1)</script>" not in html


def test_note_may_be_written_in_html() -> None:
    html = description_html('<div class="note evil" id="x">a</div>')
    assert html == '<div class="note">a</div>'


def test_ids_are_only_those_of_headings_and_footnotes() -> None:
    """An id in raw HTML cannot replace one of them."""
    parsed = Parsed(description_html('## A\n\n<p id="b">b</p>\n\n<p id="a">c</p>'))
    assert parsed.ids() == ["text-a"]


# ---- the summary ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "summary"),
    [
        ("", ""),
        ("\n> [A](https://a.test) is\n> *a* `b`.\n\nMore.", "A is a b."),
        ("# Title\n\nFirst[^1] &amp; &lt;best&gt;.\n\n[^1]: Note.", "First & <best>."),
        ("{: .warning }\n> Careful.\n\nFirst.", "First."),
        ("> {: .warning }\n> Careful.\n\nFirst.", "First."),
        ("{: .warning }\n> Careful.", "Careful."),
        ("- Item.\n\nFirst.", "Item."),
        ("| a |\n|---|\n| b |\n\nFirst.", "First."),
        ("{% include table.html fields='a' rows=page.releases %}\n\nFirst {{ x }} one.", None),
        ("![Logo](https://a.test/l.png) First<br>one <b>more</b>.", "Logo Firstone more."),
        ("A LTS.\n\n*[LTS]: Long", "A LTS."),
        ("```\ncode\n```", ""),
        ("[^1]: Note [^1].", ""),
    ],
)
def test_summary_is_the_first_paragraph_as_plain_text(body: str, summary: str | None) -> None:
    """A note counts only if there is no other paragraph."""
    assert summary_text(body) == ("First one." if summary is None else summary)


def test_long_summary_is_cut_after_a_word() -> None:
    summary = summary_text("word, " * 100)
    assert summary.endswith(" word…")
    assert SUMMARY - 10 < len(summary) <= SUMMARY
    assert summary_text("x" * 400) == "x" * (SUMMARY - 1) + "…"
    assert summary_text("x" * SUMMARY) == "x" * SUMMARY


# ---- bounds --------------------------------------------------------------------------------------

_PIECES = r"""
[ ![ [[]( [a]( [a]:_ [] < <!-- <? <a_ <div> <div>// <b><p> <table> <img_ <h1> <svg> <dl><dt> & &#
` ``a` \ *a_**a_ ~~a > >_ >/ -_ -_a/ __-_a/ 1._ #/ #_h// a/===/ | |a|/|-|// { {{ {% {: {%_for_%}/
{::comment}/ {:_.note_}/ {:_#a_}/#_h/ [^1] [^1]//[^1]:_a// *[a]:_b/ a__/
"""
"""Pieces that a text may repeat without end. `_` is a space, `/` the end of a line."""


@pytest.mark.parametrize("piece", _PIECES.split())
def test_repeated_markup_takes_linear_time(piece: str) -> None:
    """The largest body takes seconds."""
    body = (piece.replace("_", " ").replace("/", "\n") * 20_000)[:20_000]
    started = time.process_time()
    description_html(body)
    summary_text(body)
    assert time.process_time() - started < 2


def test_deep_nesting_ends() -> None:
    for body in (">" * 5_000 + "a", "- " * 5_000 + "a", "*" * 5_000 + "a" + "*" * 5_000):
        Parsed(description_html(body))


def test_references_to_long_urls_are_limited() -> None:
    short = f"[a]: https://a.test/{'x' * 900} '{'t' * 9_000}'\n\n"
    html = description_html(short + "[a] " * (MAX_LINKS + 100))
    assert html.count("<a ") == MAX_LINKS
    assert len(html) < MAX_LINKS * 1_600
    assert description_html("[a](https://a.test)" * 10_001).count("<a ") == MAX_LINKS
    html = description_html("<b>x</b>" * MAX_HTML_TAGS)
    assert html.count("<b>") == MAX_HTML_TAGS // 2


# ---- any input -----------------------------------------------------------------------------------

_ATTACKS = r"""
<script> </script> <img src=x onerror=alert(1)> <p style=x onclick=y id=z> <a href=javascript:
javascript: data: " ' > < / = <svg <style> </p> <!-- --> [x](javascript:y) ![x](data:z) [a] [a]:
<b> ` ``` | |-|-| # > - 1. * ** _ ~~ \ & &lt; &#60; [^1] [^1]: *[a]: {: .note } {:toc} {{ }} {% %}
endraw x y {#id} <h1> <td> <li> <details> <title> <iframe>
"""
_BRACES = """
{ } {{ }} {% %} {: :} .note x y: | > - # [a](b) ![c](d) 1. ' " {:toc} {::comment} {:/}
{%comment%} {%endcomment%} {%raw%} |-| === ---
"""
_INCLUDE = "{% include table.html fields='a' rows=page.releases %}"
_SPACES = ["\n", "\n\n", "    ", "  ", " ", "\t"]


def texts_of(pieces: str) -> st.SearchStrategy[str]:
    any_piece = st.sampled_from([*pieces.split(), _INCLUDE, *_SPACES])
    return st.lists(any_piece, max_size=40).map("".join)


@settings(max_examples=300, deadline=None)
@given(texts_of(_ATTACKS), st.integers(1, 6))
@example("<svg></p><style><a id='</style><img src=x onerror=alert(1)>'>", 3)
def test_any_markup_becomes_safe_html(body: str, heading_level: int) -> None:
    """`Parsed` checks that the HTML is balanced, without scripts, handlers, styles and images."""
    Parsed(description_html(body, heading_level=heading_level))
    assert "\n" not in summary_text(body)
    assert len(summary_text(body)) <= SUMMARY


@settings(max_examples=300, deadline=None)
@given(texts_of(_BRACES))
def test_no_liquid_or_attribute_list_is_visible(body: str) -> None:
    """Even unclosed ones leave no opening outside of code."""
    parsed = Parsed(description_html(body))
    attributes = " ".join(value for _, given in parsed.elements for value in given.values())
    assert not re.search(r"\{[{%:]", parsed.words + attributes)
    assert not re.search(r"\{[{%:]", summary_text(body))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_becomes_html(body: str) -> None:
    Parsed(description_html(body))
    summary_text(body)


# ---- the catalogue -------------------------------------------------------------------------------

_FILES = sorted(path.stem for path in CATALOGUE.glob("products/*.md"))


@cache
def product_of(name: str) -> ProductRecord:
    text = (CATALOGUE / "products" / f"{name}.md").read_text(encoding="utf-8")
    return read_product(text, name)


def rendered(name: str) -> str:
    product = product_of(name)
    return description_html(product.description, product.cycles, product=product)


@pytest.mark.catalogue
@pytest.mark.parametrize("name", _FILES)
def test_every_body_of_the_catalogue_renders(name: str) -> None:
    """The HTML is safe, has no leftover markup, and keeps all headings, links and notes."""
    body = product_of(name).description
    parsed = Parsed(rendered(name))
    assert parsed.words.strip()
    dead = re.search(r"\{[{%:]|\}\}|%\}|\[\^|\]\(|\*\*|\*\[|^\s*[>|#]", parsed.words, re.MULTILINE)
    assert dead is None, dead
    headings = re.findall(r"^(##+) ", body, re.MULTILINE)
    found = [int(tag[1]) for tag, _ in parsed.elements if re.fullmatch("h[1-6]", tag)]
    assert found == [len(marks) + 1 for marks in headings]
    notes = [given for _, given in parsed.classes() if given in ("note", "warning")]
    assert notes == re.findall(r"\{: ?\.(note|warning) ?\}", body)
    addresses = {found.rstrip(").>") for found in re.findall(r"https?://[^\s>\")]+", body)}
    assert len(addresses) <= len({href for href in parsed.hrefs() if href.startswith("http")})
    own = [href[1:] for href in parsed.hrefs() if href.startswith("#")]
    assert set(own) <= set(parsed.ids())


@pytest.mark.catalogue
@pytest.mark.parametrize("name", _FILES)
def test_every_summary_of_the_catalogue_is_its_leading_quote(name: str) -> None:
    summary = summary_text(product_of(name).description)
    assert 50 < len(summary) <= SUMMARY
    quote = product_of(name).description.lstrip("\n> ")
    assert summary.split()[0].rstrip(",") in quote.split("\n")[0]
    assert not re.search(r"[\[\]`{}<>]|https?:", summary)


@pytest.mark.catalogue
@pytest.mark.parametrize(
    ("name", "header", "rows"),
    [
        ("eclipse-jetty", ["Release", "Min. JVM", "Servlet", "JSP"], 11),
        ("ionic", ["Ionic Version", "Minimum Angular Version"], 9),
        ("magento", ["Magento", "PHP"], 8),
        ("omnissa-horizon", ["Release", "Technical Guidance Ends"], 22),
        ("ubuntu", ["Feature/Plan", "Ubuntu LTS"], 7),
    ],
)
def test_tables_of_the_catalogue(name: str, header: list[str], rows: int) -> None:
    html = rendered(name)
    assert re.findall(r'<th scope="col">(.*?)</th>', html)[: len(header)] == header
    assert html.count("<tr>") == rows + 1


@pytest.mark.catalogue
def test_cycles_of_magento_collapse() -> None:
    """endoflife.date shows the same table."""
    found = re.findall(r'<th scope="row">(.*?)</th>\n<td>(.*?)</td>', rendered("magento"))
    assert found == [
        ("2.4.9", "8.5"),
        ("2.4.8", "8.3, 8.4"),
        ("2.4.7", "8.2, 8.3"),
        ("2.4.6", "8.1, 8.2"),
        ("2.4.4 - 2.4.5", "8.1"),
        ("2.4.1 - 2.4.3", "7.4"),
        ("2.4.0", "7.3, 7.4"),
        ("2.3", "7.2, 7.3"),
    ]


@pytest.mark.catalogue
def test_ubuntus_footnotes_and_zulus_abbreviations() -> None:
    parsed = Parsed(rendered("ubuntu"))
    assert sum(name.startswith("text-fn-") for name in parsed.ids()) == 8
    assert '<abbr title="Long-Term Support">LTS</abbr>' in rendered("azul-zulu")
