"""What kramdown adds to Markdown, as rules of markdown-it.

Attribute lines (`{: .warning }`) become a class on their block, `{#name}` and `{: #name }` the id
of a heading, footnotes a section at the end, `*[LTS]: Long-Term Support` marks its abbreviation.
What stands within `{::comment}` and the place of a table of contents (`{:toc}`) vanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from releases.domain import limits

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
"""The classes of an attribute line that are kept, and what they become."""

FOOTNOTES: Final = "Footnotes"
BACK: Final = "Back to the text"

MAX_ABBREVIATIONS = 100
MAX_MARKED = 1_000
"""So many places of a text are marked as abbreviations; further ones stay as they are."""

_ATTRIBUTE_LINE = re.compile(r"\{:.*\}\s*")
_CLASS = re.compile(r"\.([a-z][\w-]*)", re.IGNORECASE)
_CLASS_VALUE = re.compile(r"""\bclass\s*=\s*["']([^"']*)""")
_ID = re.compile(r"(?<!\S)#([a-z][\w.:-]*)", re.IGNORECASE)
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_HEADING_ID = re.compile(r"[ \t]\{#([a-z][\w.:-]{0,99})\}\Z", re.IGNORECASE)
_COMMENT_END = re.compile(r"\{:/(?:comment)?\}")
_FOOTNOTE = re.compile(r"\[\^([^\]\s]{1,100})\]:[ \t]*")
_FOOTNOTE_REFERENCE = re.compile(r"\[\^([^\]\s]{1,100})\]")
_ABBREVIATION = re.compile(r"\*\[([^\]\n]{1,100})\]:[ \t]*(.*)")


@dataclass(slots=True)
class _Footnote:
    """A footnote: its number in the order of the references, 0 while there is none."""

    number: int = 0
    references: int = 0


def kramdown(parser: MarkdownIt) -> None:
    """Adds the rules to a parser. The ids that they give are collected in `env["ids"]`."""
    for name, rule, ended in (
        ("comment", _comment, ["paragraph", "reference", "blockquote", "list"]),
        ("attributes", _attribute_line, ["paragraph", "reference", "blockquote", "list"]),
        ("footnote", _footnote, ["paragraph", "reference", "blockquote"]),
        ("abbreviation", _abbreviation, ["paragraph", "reference"]),
    ):
        parser.block.ruler.before("table", name, rule, {"alt": ended})
    parser.inline.ruler.before("link", "footnote_reference", _footnote_reference)
    parser.core.ruler.after("block", "attach_attributes", _attach_attributes)
    parser.core.ruler.push("mark_abbreviations", _mark_abbreviations)
    parser.core.ruler.push("move_footnotes", _move_footnotes)


def element(
    tag: str, nesting: Literal[-1, 0, 1], *, block: bool = True, **attributes: str
) -> Token:
    """A token of markdown-it that opens (1) or closes (-1) an element; `_` in the name of an
    attribute stands for `-`, and one at its end is left out."""
    names = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    kind = {1: f"{tag}_open", -1: f"{tag}_close", 0: tag}[nesting]
    return Token(kind, tag, nesting, attrs=dict(names), block=block)


def text(content: str) -> Token:
    """A token of plain text."""
    return Token("text", "", 0, content=content)


def line_of(state: StateBlock, line: int) -> str:
    """A line of the source without the marks of the lists and quotes around it; empty where it
    is code by its indentation."""
    if state.is_code_block(line):
        return ""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def skip_past(
    state: StateBlock, start: int, end: int, *, closing: re.Pattern[str], silent: bool
) -> bool:
    """Leaves out the lines from `start` to the first that has `closing`; False if none has."""
    missing: set[tuple[str, int]] = state.env.setdefault("missing", set())
    if (closing.pattern, end) in missing:
        return False
    for line in range(start, end):
        if closing.search(state.src, state.bMarks[line], state.eMarks[line]):
            if not silent:
                state.line = line + 1
            return True
    missing.add((closing.pattern, end))
    return False


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
    """What an attribute line says: the class of a note, an id, whether it wants contents."""
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
    """Gives each attribute line to the block that it stands behind without a blank line between;
    else to the next one."""
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
    """Leaves out the lists that stand for a table of contents."""
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


def _footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    line = line_of(state, start)
    found = _FOOTNOTE.match(line)
    if found is None:
        return False
    if silent:
        return True
    paragraphs, state.line = _footnote_text(state, start, end, line[found.end() :])
    state.push("footnote_open", "", 1).meta = {"label": found[1]}
    for paragraph in paragraphs:
        state.push("paragraph_open", "p", 1)
        inline = state.push("inline", "", 0)
        inline.content, inline.children = paragraph.strip(), []
        state.push("paragraph_close", "p", -1)
    state.push("footnote_close", "", -1)
    state.env.setdefault("footnotes", {}).setdefault(found[1], _Footnote())
    return True


def _footnote_text(state: StateBlock, start: int, end: int, first: str) -> tuple[list[str], int]:
    """The paragraphs of a footnote and the line behind it. Those after the first are indented."""
    paragraphs, line = [first], start + 1
    enders = state.md.block.ruler.getRules("paragraph")
    while line < end:
        behind = state.skipEmptyLines(line)
        indented = behind < end and state.sCount[behind] - state.blkIndent >= 4
        if behind > line:
            if not indented:
                break
            paragraphs.append("")
            line = behind
        elif not indented and any(ender(state, line, end, True) for ender in enders):
            break
        start_of_line = state.bMarks[line] + state.tShift[line]
        paragraphs[-1] += "\n" + state.src[start_of_line : state.eMarks[line]]
        line += 1
    return paragraphs, line


def _footnote_reference(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("[^", state.pos):
        return False
    found = _FOOTNOTE_REFERENCE.match(state.src, state.pos, state.posMax)
    footnotes: dict[str, _Footnote] = state.env.get("footnotes", {})
    if found is None or found[1] not in footnotes:
        return False
    if not silent:
        footnote = footnotes[found[1]]
        if not footnote.number:
            footnote.number = state.env["footnotes_used"] = state.env.get("footnotes_used", 0) + 1
        footnote.references += 1
        again = f"-{footnote.references}" if footnote.references > 1 else ""
        number = str(footnote.number)
        state.push("footnote_reference", "", 0).meta = {
            "number": number,
            "id": f"fnref-{number}{again}",
        }
    state.pos = found.end()
    return True


def _move_footnotes(state: StateCore) -> None:
    """Puts the footnotes that something refers to into a section at the end."""
    footnotes: dict[str, _Footnote] = state.env.get("footnotes", {})
    if not footnotes:
        return
    body: list[Token] = []
    found: dict[str, list[Token]] = {}
    into = body
    for token in state.tokens:
        if token.type == "footnote_open":
            into = found.setdefault(token.meta["label"], []) if _new(token, found) else []
        elif token.type == "footnote_close":
            into = body
        else:
            into.append(token)
    ids: set[str] = state.env.setdefault("ids", set())
    for token in [*body, *(token for tokens in found.values() for token in tokens)]:
        if token.children:
            token.children = list(_with_references(token.children, ids))
    used = sorted((it.number, label) for label, it in footnotes.items() if it.number)
    state.tokens = body + _section([(str(number), found[label]) for number, label in used], ids)


def _new(token: Token, found: dict[str, list[Token]]) -> bool:
    return token.meta["label"] not in found


def _with_references(children: Sequence[Token], ids: set[str]) -> Iterator[Token]:
    for token in children:
        if token.type != "footnote_reference":
            yield token
            continue
        number, name = token.meta["number"], token.meta["id"]
        ids.add(name)
        yield element("sup", 1, block=False)
        yield element("a", 1, block=False, href=f"#fn-{number}", id=name, role="doc-noteref")
        yield Token("text", "", 0, content=number, meta={"reference": True})
        yield element("a", -1, block=False)
        yield element("sup", -1, block=False)


def _section(footnotes: list[tuple[str, list[Token]]], ids: set[str]) -> list[Token]:
    if not footnotes:
        return []
    tokens = [
        element("section", 1, class_="footnotes", role="doc-endnotes", aria_label=FOOTNOTES),
        element("ol", 1),
    ]
    for number, inner in footnotes:
        ids.add(f"fn-{number}")
        last = next((token for token in reversed(inner) if token.type == "inline"), None)
        if last is not None:
            last.children = [*(last.children or []), *_way_back(number)]
        tokens += [element("li", 1, id=f"fn-{number}"), *inner, element("li", -1)]
    return [*tokens, element("ol", -1), element("section", -1)]


def _way_back(number: str) -> list[Token]:
    return [
        text(" "),
        element(
            "a",
            1,
            block=False,
            href=f"#fnref-{number}",
            role="doc-backlink",
            aria_label=BACK,
        ),
        text("↩\N{VARIATION SELECTOR-15}"),
        element("a", -1, block=False),
    ]


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
            yield element("abbr", 1, block=False, title=known[found[0]])
            yield text(found[0])
            yield element("abbr", -1, block=False)
            end = found.end()
        yield text(token.content[end:])
