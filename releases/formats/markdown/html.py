"""Conversion of a Markdown body to safe HTML for its page, and to one line of plain text.

The dialect is that of endoflife.date: kramdown (`kramdown.py`) with Liquid (`liquid_tables.py`).
The HTML has no scripts, styles or images; links lead only to the web, to mail addresses and within
this site; headings fit below a heading of the page. Exports keep the raw text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from functools import cache
from html import escape, unescape
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from releases.domain import limits
from releases.formats.labels import CycleLike, ProductLike
from releases.formats.markdown.kramdown import BACK, FOOTNOTES, NOTES, kramdown
from releases.formats.markdown.liquid_tables import Scope, liquid_tables
from releases.formats.markdown.tokens import element, nested, text
from releases.formats.web_address import valid_address

ID_PREFIX: Final = "text-"
"""Prefix of all ids in a text. It keeps them apart from the ids of the page."""
SUMMARY: Final = 300
"""Maximum length of a summary, in characters."""

# A short name can stand for a long address, and raw HTML is slow to clean.
MAX_LINKS = 2_000
MAX_HTML_TAGS = 2_000

_HTML_HEADING = re.compile(r"<(/?)h[1-6]\b[^<>]*>", re.IGNORECASE)
_HTML_IMAGE = re.compile(r"<img\b([^<>]*)>", re.IGNORECASE)
_HTML_ATTRIBUTE = re.compile(r"""\b(src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_OTHER_HOST = re.compile(r"\s*[/\\]\s*[/\\]|\s*\\")  # as browsers read //example.org
_PRODUCT_FRAGMENT = re.compile(r"(/?[\w.+-]*/?)#(.+)", re.DOTALL)


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_NOTE_CLASSES = frozenset(NOTES.values())
_ALIGNED = _names("align-center align-right")
_CLASSES = {
    **dict.fromkeys(_names("blockquote dl h1 h2 h3 h4 h5 h6 ol p pre table ul"), _NOTE_CLASSES),
    "div": _NOTE_CLASSES | {"scroller"},
    "section": _names("footnotes"),
    "td": _ALIGNED,
    "th": _ALIGNED,
}
_TAGS = _names(
    "a abbr b blockquote br caption cite code dd del details dfn div dl dt em h1 h2 h3 h4 h5 h6 hr"
    " i ins kbd li mark ol p pre q s samp section small span strong sub summary sup table tbody td"
    " tfoot th thead time tr u ul var"
)
_DROPPED = _names("iframe math noscript object script select style svg template textarea title")
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"id", "lang"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "details": {"open"},
    "div": {"aria-label"},
    "li": {"value"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "time": {"datetime"},
}
_VALUES = {
    "a": {"role": {"doc-noteref", "doc-backlink"}, "aria-label": {BACK}},
    "div": {"role": {"group"}, "tabindex": {"0"}},
    "section": {"role": {"doc-endnotes"}, "aria-label": {FOOTNOTES}},
    "th": {"scope": {"col", "row"}},
}


def description_html(
    body: str,
    cycles: Sequence[CycleLike] = (),
    heading_level: int = 3,
    *,
    product: ProductLike | None = None,
    ids: bool = True,
) -> str:
    """Return the body of a product file as safe HTML.

    Args:
        body: The Markdown text.
        cycles: The rows of the tables of `{% include table.html %}`, in this order.
        heading_level: The level of the highest heading; the others follow without gaps.
        product: Has the template of the cycles' labels; without it they are labelled by name.
        ids: False drops all ids, for all but one of several texts on a page.
    """
    env = _env(Scope(cycles, product), heading_level)
    html = _parser().render(body, env)
    return _clean(html, env["ids"] if ids else set()).strip()


def summary_text(body: str) -> str:
    """Return the first paragraph of a body that is not a note, as one line of plain text.

    A paragraph longer than `SUMMARY` is cut after a word and ends in an ellipsis.
    """
    paragraphs = _paragraphs(_parser().parse(body, _env(Scope(), 1)))
    words = next(filter(None, (" ".join(each.split()) for each in paragraphs)), "")
    if len(words) <= SUMMARY:
        return words
    cut, space, _ = words[:SUMMARY].rpartition(" ")
    return (cut if space else words[: SUMMARY - 1]).rstrip(" ,;:–—-") + "…"


def _env(scope: Scope, heading_level: int) -> dict[str, Any]:
    return {"scope": scope, "heading_level": heading_level, "ids": set(), "links": 0, "tags": 0}


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802
        """Accept every link, so that none stays in brackets; `_fit_spans` checks the addresses."""
        return True


@cache
def _parser() -> MarkdownIt:
    parser = _Parser("commonmark", {"xhtmlOut": False}).enable(["table", "strikethrough"])
    parser.use(kramdown).use(liquid_tables)
    parser.core.ruler.push("fit_headings", _fit_headings)
    parser.core.ruler.push("fit_tables", _fit_tables)
    parser.core.ruler.push("fit_spans", _fit_spans)
    return parser


# ---- plain text ----------------------------------------------------------------------------------


def _plain(tokens: Iterable[Token]) -> str:
    """Return the visible text of tokens without the numbers of footnotes."""
    words = []
    for token in tokens:
        if token.type in ("text", "code_inline") and not token.meta.get("reference"):
            words.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            words.append(" ")
        elif token.type in ("inline", "image"):
            words.append(_plain(token.children or ()))
    return "".join(words)


def _paragraphs(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the paragraphs of a text, those in notes last. Footnotes are left out."""
    in_notes: list[str] = []
    depth = 0
    for before, token in pairwise(tokens):
        if before.tag == "section":
            break
        if depth or before.attrs.get("class") in _NOTE_CLASSES:
            depth += before.nesting
        if token.type == "inline" and before.type == "paragraph_open":
            if depth:
                in_notes.append(_plain([token]))
            else:
                yield _plain([token])
    yield from in_notes


# ---- headings ------------------------------------------------------------------------------------


def _fit_headings(state: StateCore) -> None:
    """Shift the headings below that of the page, without gaps between levels, and set their ids.

    A heading without words is dropped, as no outline can show it.
    """
    state.tokens = list(_without_empty_headings(state.tokens))
    ids: set[str] = state.env["ids"]
    numbers: dict[str, int] = {}
    tokens = state.tokens
    outline: list[int] = []
    for index, opening in enumerate(tokens):
        if opening.type != "heading_open":
            continue
        inline, closing = tokens[index + 1 : index + 3]
        level = int(opening.tag[1])
        while outline and outline[-1] >= level:
            outline.pop()
        outline.append(level)
        opening.tag = closing.tag = f"h{min(state.env['heading_level'] + len(outline) - 1, 6)}"
        given = opening.meta.get("id") or _slug(_plain([inline]))
        opening.attrSet("id", _free(given, ids, numbers))


def _without_empty_headings(tokens: Iterable[Token]) -> Iterator[Token]:
    rest = iter(tokens)
    for token in rest:
        if token.type != "heading_open":
            yield token
            continue
        inline, closing = next(rest), next(rest)
        if _plain([inline]).strip():
            yield from (token, inline, closing)


def _slug(words: str) -> str:
    """Return the id that kramdown gives to a heading with these words."""
    return re.sub(r"[^\w\- ]", "", words.lower())[:100].strip().replace(" ", "-") or "section"


def _free(name: str, taken: set[str], numbers: dict[str, int]) -> str:
    """Reserve and return the first unused name of `name`, `name-1`, `name-2`, ..."""
    free = name
    while free in taken:
        numbers[name] = numbers.get(name, 0) + 1
        free = f"{name}-{numbers[name]}"
    taken.add(free)
    return free


# ---- tables --------------------------------------------------------------------------------------


def _fit_tables(state: StateCore) -> None:
    """Let wide tables scroll, set the scope of headers, and align by class instead of style."""
    tokens: list[Token] = []
    for index, token in enumerate(state.tokens):
        if token.type == "table_open":
            label = ", ".join(_header(state.tokens, index))
            tokens.append(
                element(
                    "div",
                    1,
                    class_="scroller",
                    role="group",
                    tabindex="0",
                    aria_label=f"Table: {label}" if label else "Table",
                )
            )
        elif token.type in ("th_open", "td_open"):
            _fit_cell(*state.tokens[index : index + 3])
        tokens.append(token)
        if token.type == "table_close":
            tokens.append(element("div", -1))
    state.tokens = tokens


def _fit_cell(opening: Token, inline: Token, closing: Token) -> None:
    side = str(opening.attrs.pop("style", "")).rpartition(":")[2]
    if f"align-{side}" in _ALIGNED:
        opening.attrSet("class", f"align-{side}")
    if opening.tag == "th" and not _plain([inline]).strip():
        opening.tag = closing.tag = "td"  # an empty header is no header
    elif opening.tag == "th":
        opening.attrs.setdefault("scope", "col")


def _header(tokens: Sequence[Token], start: int) -> Iterator[str]:
    """Yield the texts of a table's header cells."""
    for index in range(start, len(tokens)):
        token = tokens[index]
        if token.type == "thead_close":
            return
        if token.type == "inline" and (words := _plain([token]).strip()):
            yield words


# ---- spans ---------------------------------------------------------------------------------------


def _fit_spans(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            token.children = list(_fitting(token.children or (), state.env))
        elif token.type == "html_block":
            token.content = _fitting_html(token.content, state.env)
        elif token.type == "fence":
            token.info = ""


def _fitting(children: Sequence[Token], env: MutableMapping[str, Any]) -> Iterator[Token]:
    """Yield the tokens with images replaced by links, and without links that are not allowed."""
    kept: list[bool] = []
    for token, following in pairwise([*children, text("")]):
        if token.type == "link_open":
            env["links"] += 1
            kept.append(
                env["links"] <= MAX_LINKS
                and following.type != "link_close"
                and _may_link(str(token.attrs["href"]))
            )
            if "title" in token.attrs:
                token.attrs["title"] = str(token.attrs["title"])[: limits.LINE]
        elif token.type == "html_inline":
            token.content = _fitting_html(token.content, env)
        if token.type == "image":
            yield from _image(str(token.attrs["src"]), _plain([token]), linked=any(kept))
        elif token.type not in ("link_open", "link_close") or kept[-1]:
            yield token
        if token.type == "link_close":
            kept.pop()


def _image(address: str, words: str, *, linked: bool) -> Iterator[Token]:
    """Yield a link to an image of another site, or its text if that is impossible."""
    if linked or not valid_address(address):
        yield text(words)
    else:
        yield from nested("a", [text(words.strip() or "Image")], block=False, href=address)


def _fitting_html(html: str, env: MutableMapping[str, Any]) -> str:
    """Return raw HTML with its headings as bold paragraphs and its images as links."""
    env["tags"] += html.count("<")
    if env["tags"] > MAX_HTML_TAGS:
        return ""

    def image(found: re.Match[str]) -> str:
        given = {name.lower(): unescape(a or b) for name, a, b in _HTML_ATTRIBUTE.findall(found[1])}
        words = escape(given.get("alt", "").strip())
        if not valid_address(given.get("src", "")):
            return words
        return f'<a href="{escape(given["src"])}">{words or "Image"}</a>'

    def heading(found: re.Match[str]) -> str:
        return "</strong></p>" if found[1] else "<p><strong>"

    return _HTML_IMAGE.sub(image, _HTML_HEADING.sub(heading, html))


# ---- addresses -----------------------------------------------------------------------------------


def _may_link(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.netloc) and valid_address(address)
    if parts.scheme == "mailto":
        return len(address) <= limits.URL
    return not parts.scheme and _relative(address) is not None


def _relative(address: str) -> str | None:
    """Return a link within the site, or None. Fragments of product texts get the prefix of ids."""
    if len(address) > limits.URL or _OTHER_HOST.match(address):
        return None
    found = _PRODUCT_FRAGMENT.fullmatch(address)
    return f"{found[1]}#{ID_PREFIX}{found[2]}" if found else address


# ---- cleaning ------------------------------------------------------------------------------------


def _clean(html: str, ids: set[str]) -> str:
    """Return only what is known to be safe; of the ids those in `ids`, each once."""
    unused = {ID_PREFIX + name for name in ids}

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "class":
            return value if _CLASSES.get(tag, frozenset()) & set(value.split()) else None
        if name != "id":
            return value
        if value not in unused:
            return None
        unused.discard(value)
        return value

    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        tag_attribute_values=_VALUES,
        allowed_classes=_CLASSES,
        attribute_filter=attribute,
        url_schemes={"http", "https", "mailto"},
        url_relative=_relative,
        link_rel="nofollow noopener",
        id_prefix=ID_PREFIX,
    )
