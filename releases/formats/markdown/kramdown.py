"""Rules for markdown-it that add kramdown's extensions to Markdown.

- An attribute line (`{: .warning }`) sets the class of its block.
- `{#name}` and `{: #name }` set the id of a heading.
- Footnotes become a section at the end (parsed by mdit-py-plugins).
- `*[LTS]: Long-Term Support` marks each use of an abbreviation.
- `{::comment}` blocks and the placeholder of a table of contents (`{:toc}`) are removed.

The attribute plugin of mdit-py-plugins does not fit: its syntax is Djot's (`{.warning}`), and it
sets attributes only on the block below, while kramdown also sets them on the block above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_def, footnote_ref

from releases.domain import limits
from releases.formats.markdown.tokens import element, line_of, nested, skip_past, text

NOTES: Final = {
    "note": "note",
    "info": "note",
    "new": "note",
    "tip": "tip",
    "highlight": "highlight",
    "important": "important",
    "warning": "warning",
    "caution": "warning",
    "danger": "warning",
}
"""The classes of attribute lines that are kept, with the class of the HTML element."""

FOOTNOTES: Final = "Footnotes"
BACK: Final = "Back to the text"

MAX_ABBREVIATIONS = 100
MAX_MARKED = 1_000
"""Maximum number of abbreviations marked in one text. Further ones stay plain text."""

_ATTRIBUTE_LINE = re.compile(r"\{:.*\}\s*")
_CLASS = re.compile(r"\.([a-z][\w-]*)", re.IGNORECASE)
_CLASS_VALUE = re.compile(r"""\bclass\s*=\s*["']([^"']*)""")
_ID = re.compile(r"(?<!\S)#([a-z][\w.:-]*)", re.IGNORECASE)
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_HEADING_ID = re.compile(r"[ \t]\{#([a-z][\w.:-]{0,99})\}\Z", re.IGNORECASE)
_COMMENT_END = re.compile(r"\{:/(?:comment)?\}")
_FOOTNOTE_REFERENCE = re.compile(r"\[\^[^\]\s]{1,100}\]")
_ABBREVIATION = re.compile(r"\*\[([^\]\n]{1,100})\]:[ \t]*(.*)")


def kramdown(parser: MarkdownIt) -> None:
    """Add the rules to a parser. They collect the ids of elements in `env["ids"]`."""
    for name, rule, ended in (
        ("comment", _comment, ["paragraph", "reference", "blockquote", "list"]),
        ("attributes", _attribute_line, ["paragraph", "reference", "blockquote", "list"]),
        ("abbreviation", _abbreviation, ["paragraph", "reference"]),
    ):
        parser.block.ruler.before("table", name, rule, {"alt": ended})
    parser.use(footnote_plugin, inline=False).disable("footnote_ref")
    # Other than with the plugin's own options, a footnote ends the block quote above it.
    parser.block.ruler.at(
        "footnote_def", footnote_def, {"alt": ["paragraph", "reference", "blockquote"]}
    )
    parser.inline.ruler.before("link", "footnote_reference", _footnote_reference)
    parser.core.ruler.after("block", "drop_repeated_footnotes", _drop_repeated_footnotes)
    parser.core.ruler.after("block", "attach_attributes", _attach_attributes)
    parser.core.ruler.push("mark_abbreviations", _mark_abbreviations)
    parser.core.ruler.push("mark_up_footnotes", _mark_up_footnotes)


def _comment(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if not line_of(state, start).startswith("{::comment}"):
        return False
    return skip_past(state, start, end, closing=_COMMENT_END, silent=silent)


# ---- attribute lines -----------------------------------------------------------------------------


def _attribute_line(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    line = line_of(state, start)
    if not line.startswith("{:") or not _ATTRIBUTE_LINE.fullmatch(line):
        return False
    if not silent:
        previous = state.tokens[-1] if state.tokens else None
        if previous is None or previous.nesting == 1 or state.isEmpty(start - 1):
            behind = False
        elif previous.type == "attributes":
            behind = previous.meta["behind"]
        else:
            behind = True
        token = state.push("attributes", "", 0)
        token.meta = {"behind": behind} | _attributes(line)
        state.line = start + 1
    return True


def _attributes(line: str) -> dict[str, Any]:
    """Parse an attribute line: the class of a note, an id, and the `toc` flag."""
    bare = _QUOTED.sub("", line.strip()[2:-1])
    given = [*_CLASS.findall(bare), *" ".join(_CLASS_VALUE.findall(line)).split()]
    notes = [NOTES.get(name.lower().removesuffix("-title")) for name in given]
    ids = _ID.findall(bare)
    return {
        "note": next(filter(None, notes), ""),
        "id": ids[0][:100] if ids else "",
        "contents": bare.strip() == "toc",
    }


def _attach_attributes(state: StateCore) -> None:
    """Apply each attribute line to the block directly above it, or else to the next block."""
    kept: list[Token] = []
    latest: dict[int, Token] = {}
    waiting: dict[int, dict[str, Any]] = {}
    for token in state.tokens:
        level = token.level
        if token.type == "attributes":
            if token.meta["behind"] and level in latest:
                _attach(token.meta, latest[level])
            else:
                waiting[level] = waiting.get(level, {}) | {k: v for k, v in token.meta.items() if v}
            continue
        if token.nesting < 0:
            waiting.pop(level + 1, None)
        else:
            _attach(waiting.pop(level, {}), token)
            latest[level] = token
        kept.append(token)
    state.tokens = list(_without_contents(kept))
    _take_heading_ids(state.tokens)


def _attach(attributes: dict[str, Any], token: Token) -> None:
    if attributes.get("note"):
        token.attrSet("class", attributes["note"])
    if attributes.get("id"):
        token.meta = token.meta | {"id": attributes["id"]}
    if attributes.get("contents") and token.tag in ("ul", "ol"):
        token.meta = token.meta | {"contents": True}


def _without_contents(tokens: Sequence[Token]) -> Iterator[Token]:
    """Drop the lists that are placeholders of a table of contents."""
    level = -1
    for token in tokens:
        if level < 0 and token.meta.get("contents"):
            level = token.level
        elif level < 0:
            yield token
        elif token.level == level and token.nesting < 0:
            level = -1


def _take_heading_ids(tokens: Sequence[Token]) -> None:
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and (found := _HEADING_ID.search(inline.content)):
            inline.content = inline.content[: found.start()]
            opening.meta = opening.meta | {"id": found[1]}


# ---- footnotes -----------------------------------------------------------------------------------


def _footnote_reference(state: StateInline, silent: bool) -> bool:
    """Match a reference before the link rule, with a bound on how far it looks for the bracket."""
    found = _FOOTNOTE_REFERENCE.match(state.src, state.pos, state.posMax)
    return found is not None and footnote_ref(state, silent)


def _drop_repeated_footnotes(state: StateCore) -> None:
    """Keep only the first of several footnotes with the same label."""
    labels = {""}
    for token in state.tokens:
        if token.type == "footnote_reference_open":
            if token.meta["label"] in labels:
                token.meta["label"] = ""  # no reference has an empty label
            labels.add(token.meta["label"])


def _mark_up_footnotes(state: StateCore) -> None:
    """Replace the plugin's footnote tokens with tokens of HTML elements, and collect the ids."""
    ids: set[str] = state.env.setdefault("ids", set())
    for token in state.tokens:
        token.children = token.children and list(_footnote_elements(token.children, ids))
    state.tokens = list(_footnote_elements(state.tokens, ids))


def _footnote_elements(tokens: Sequence[Token], ids: set[str]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "footnote_ref":
            yield from _reference(_number(token), token.meta["subId"], ids)
        elif token.type == "footnote_block_open":
            yield element(
                "section", 1, class_="footnotes", role="doc-endnotes", aria_label=FOOTNOTES
            )
            yield element("ol", 1)
        elif token.type == "footnote_open":
            name = f"fn-{_number(token)}"
            ids.add(name)
            yield element("li", 1, id=name)
        elif token.type == "footnote_anchor":
            if not token.meta["subId"]:
                yield Token("inline", "", 0, children=list(_way_back(_number(token))))
        elif token.type == "footnote_close":
            yield element("li", -1)
        elif token.type == "footnote_block_close":
            yield from (element("ol", -1), element("section", -1))
        else:
            yield token


def _number(token: Token) -> str:
    return str(token.meta["id"] + 1)


def _reference(number: str, earlier: int, ids: set[str]) -> Iterator[Token]:
    name = f"fnref-{number}-{earlier + 1}" if earlier else f"fnref-{number}"
    ids.add(name)
    label = Token("text", "", 0, content=number, meta={"reference": True})
    link = nested("a", [label], block=False, href=f"#fn-{number}", id=name, role="doc-noteref")
    return nested("sup", link, block=False)


def _way_back(number: str) -> Iterator[Token]:
    yield text(" ")
    yield from nested(
        "a",
        [text("↩\N{VARIATION SELECTOR-15}")],
        block=False,
        href=f"#fnref-{number}",
        role="doc-backlink",
        aria_label=BACK,
    )


# ---- abbreviations -------------------------------------------------------------------------------


def _abbreviation(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    found = _ABBREVIATION.fullmatch(line_of(state, start))
    if found is None:
        return False
    if not silent:
        known: dict[str, str] = state.env.setdefault("abbreviations", {})
        if len(known) < MAX_ABBREVIATIONS and found[1].strip():
            known.setdefault(found[1].strip(), found[2].strip()[: limits.LINE])
        state.line = start + 1
    return True


def _mark_abbreviations(state: StateCore) -> None:
    known: dict[str, str] = state.env.get("abbreviations", {})
    if not known:
        return
    longest_first = sorted(known, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    left = MAX_MARKED
    for token in state.tokens:
        if token.children and left > 0:
            before = len(token.children)
            token.children = list(_marked(token.children, pattern, known, left))
            left -= (len(token.children) - before) // 3


def _marked(
    children: Sequence[Token], pattern: re.Pattern[str], known: dict[str, str], left: int
) -> Iterator[Token]:
    for token in children:
        if token.type != "text":
            yield token
            continue
        end = 0
        for found in pattern.finditer(token.content):
            if left <= 0:
                break
            left -= 1
            yield text(token.content[end : found.start()])
            yield from nested("abbr", [text(found[0])], block=False, title=known[found[0]])
            end = found.end()
        yield text(token.content[end:])
