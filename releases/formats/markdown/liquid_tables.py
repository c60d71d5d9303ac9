"""Rules for markdown-it that run the Liquid of a body: tables of the cycles' fields.

`{% include table.html labels="..." fields="..." types="..." rows=page.releases %}` becomes a
table; its rows may come from an `{% assign %}` with the filters of endoflife.date. All other tags
and outputs are removed, except in code.

python-liquid would replace the patterns and filters below, but not the search for tags outside of
code. A version of this module with it passed all tests (November 2026) and had 34 more lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, zip_longest
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from releases.domain.lifecycle.milestones import (
    MilestoneValue,
    PartialDate,
    Precision,
    format_milestone,
    parse_milestone,
)
from releases.domain.lifecycle.versions import version_key
from releases.formats.labels import CycleLike, ProductLike, cycle_title, release_keys
from releases.formats.markdown.tokens import line_of, nested, skip_past, text

MAX_TAGS = 50
"""Maximum number of `assign` and `include` tags of a text that are run."""
MAX_CELLS = 20_000
"""Maximum number of cells in all tables of a text."""
MAX_TAG = 4_000
"""Maximum length of a tag, in characters between the braces."""

Row = dict[str, Any]

_OPENING = re.compile(r"`+|\\[\\`]|\\\{(?=:)|\{[{%:]")
_CLOSING = {"{{": "}}", "{%": "%}", "{:": "}"}
_RAW = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_HIDDEN = re.compile(r"\{%-?\s*(comment|for|tablerow|capture)\b")
_TAG = re.compile(r"-?\s*(assign|include)\s+(.*?)\s*-?", re.DOTALL)
_ASSIGNMENT = re.compile(r"(\w+)\s*=\s*([\w.]+)(.*)", re.DOTALL)
_FILTER = re.compile(r"""\|\s*(\w+)\s*((?:[^|"']|"[^"]*"|'[^']*')*)""")
_STRING = re.compile(r""""([^"]*)"|'([^']*)'""")
_PARAMETER = re.compile(r"""(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([\w.]+))""")
_CONDITION = re.compile(r"\w+\.(\w+)(?:\s*(==|!=|contains)\s*(.+?))?\s*", re.DOTALL)
_NOTHING = frozenset({"null", "nil", "empty", "blank", "''", '""'})
_NAMES = frozenset({"releaseCycle", "releaseLabel"})
_DATES = frozenset({"date", "end-date", "timeago"})
_EMPTY = (None, "")


@dataclass(slots=True)
class Scope:
    """The state of Liquid while one text is parsed: the cycles of its product, and variables."""

    cycles: Sequence[CycleLike] = ()
    product: ProductLike | None = None
    variables: dict[str, list[Row]] = field(default_factory=dict)
    tags: int = 0
    cells: int = 0

    def rows(self, name: str) -> list[Row]:
        """Return the rows of a variable; `page.releases` are the cycles."""
        if name == "page.releases" and name not in self.variables:
            self.variables[name] = [_row(self.product, cycle) for cycle in self.cycles]
        return self.variables.get(name, [])

    def run(self, tag: str) -> list[Token]:
        """Run a tag, given without its braces, and return the tokens of its table, if any."""
        found = _TAG.fullmatch(tag)
        if found is None or self.tags >= MAX_TAGS:
            return []
        self.tags += 1
        if found[1] == "include":
            return self._table(found[2])
        if assigned := _ASSIGNMENT.fullmatch(found[2]):
            name, source, filters = assigned.groups()
            self.variables[name] = _filtered(self.rows(source), filters)
        return []

    def _table(self, include: str) -> list[Token]:
        if not include.startswith("table.html"):
            return []
        given = {name: a or b or c for name, a, b, c in _PARAMETER.findall(include)}
        fields = _split(given.get("fields", ""))
        rows = _rows_with_values(self.rows(given.get("rows", "")), fields)
        self.cells += len(rows) * len(fields)
        if not rows or not fields or self.cells > MAX_CELLS:
            return []
        labels = _split(given.get("labels", ""))
        labels += fields[len(labels) :]
        return list(_table(labels[: len(fields)], fields, _split(given.get("types", "")), rows))


def liquid_tables(parser: MarkdownIt) -> None:
    """Add the rules to a parser. They expect a `Scope` in `env["scope"]`."""
    ended = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("table", "liquid_hidden", _skip_hidden_block, {"alt": ended})
    parser.core.ruler.before("inline", "liquid", _run_tags)
    parser.core.ruler.push("liquid_raw", _remove_raw_tags)


def without_templates(source: str) -> str:
    """Return a text without Liquid and attribute lists, except in code spans."""
    return "".join(piece for is_tag, piece in _pieces(source) if not is_tag)


def _pieces(source: str) -> Iterator[tuple[bool, str]]:
    """Split a text into the text that stays (False) and the contents of tags (True).

    Outputs and attribute lists are left out; of an unclosed opening only the braces are.
    """
    code = _code_spans(source)
    start = position = 0
    while found := _OPENING.search(source, position):
        position = found.end()
        closing = _CLOSING.get(found[0])
        if closing is None:
            position = code.get(found.start(), position)
            continue
        yield False, source[start : found.start()]
        end = source.find(closing, position, position + MAX_TAG)
        if closing == "}" and "\n" in source[position:end]:
            end = -1
        if end >= 0:
            if closing == "%}":
                yield True, source[position:end]
            position = end + len(closing)
        start = position
    yield False, source[start:]


def _code_spans(source: str) -> dict[int, int]:
    """Return the end of each code span by the position at which it can begin."""
    following: dict[int, int] = {}
    ends: dict[int, int] = {}
    for run in reversed(list(re.finditer("`+", source))):
        size = len(run[0])
        if size in following:
            ends[run.start()] = following[size]
        following[size] = run.end()
    return ends


def _skip_hidden_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Skip the lines of a `{% comment %}`, and of loops, which are not run."""
    line = line_of(state, start)
    found = _HIDDEN.match(line) if line.startswith("{%") else None
    if found is None:
        return False
    closing = re.compile(rf"\{{%-?\s*end{found[1]}\s*-?%\}}")
    return skip_past(state, start, end, closing=closing, silent=silent)


def _run_tags(state: StateCore) -> None:
    """Run and remove the Liquid of a text before its inline content is parsed."""
    scope: Scope = state.env["scope"]
    tokens: list[Token] = []
    rest = iter(state.tokens)
    for token in rest:
        if token.type == "paragraph_open":
            tokens += _paragraph(token, next(rest), next(rest), scope)
            continue
        if token.type == "inline":
            token.content = without_templates(token.content).strip()
        elif token.type == "html_block":
            token.content = without_templates(token.content)
        tokens.append(token)
    state.tokens = tokens


def _paragraph(opening: Token, inline: Token, closing: Token, scope: Scope) -> list[Token]:
    """Return a paragraph, split around the tables in it, without empty parts."""
    if "{" not in inline.content:
        return [opening, inline, closing]
    tokens: list[Token] = []
    written: list[str] = []

    def end_paragraph() -> None:
        if content := "".join(written).strip():
            tokens.extend(
                (opening.copy(), inline.copy(content=content, children=[]), closing.copy())
            )
        written.clear()

    for is_tag, piece in _pieces(inline.content):
        if not is_tag:
            written.append(piece)
        elif table := scope.run(piece):
            end_paragraph()
            tokens += table
    end_paragraph()
    return tokens


def _remove_raw_tags(state: StateCore) -> None:
    """Remove `{% raw %}` and `{% endraw %}` from code."""
    for token in state.tokens:
        for code in (token, *(token.children or [])):
            if code.type in ("fence", "code_block", "code_inline") and "{%" in code.content:
                code.content = _RAW.sub("", code.content)


# ---- rows ----------------------------------------------------------------------------------------


def _row(product: ProductLike | None, cycle: CycleLike) -> Row:
    row = release_keys(cycle)
    row["releaseLabel"] = cycle_title(product, cycle) if product else cycle.name
    if cycle.latest_date:
        row["latestReleaseDate"] = cycle.latest_date.isoformat()
    return row


def _rows_with_values(rows: list[Row], fields: list[str]) -> list[Row]:
    """Return the rows that have a value in a field other than the name of the cycle."""
    relevant = [name for name in fields if name not in _NAMES] or fields
    return [row for row in rows if any(row.get(name) not in _EMPTY for name in relevant)]


def _filtered(rows: list[Row], filters: str) -> list[Row]:
    """Return the rows after the filters of an assignment; an unknown filter changes nothing."""
    for name, given in _FILTER.findall(filters):
        arguments = [first or second for first, second in _STRING.findall(given)]
        if name in _FILTERS and len(arguments) == 2:
            rows = _FILTERS[name](rows, *arguments)
        elif name == "reverse":
            rows = rows[::-1]
    return rows


def _where(rows: list[Row], name: str, value: str) -> list[Row]:
    return [row for row in rows if str(row.get(name, "")) == value]


def _where_expression(rows: list[Row], _variable: str, expression: str) -> list[Row]:
    """Return the rows for which an expression such as `release.field != null` is true.

    An unsupported expression keeps all rows.
    """
    found = _CONDITION.fullmatch(expression.strip())
    if found is None:
        return rows
    name, comparison, operand = found.groups()
    if comparison is None:
        return [row for row in rows if row.get(name) not in (None, False)]
    wanted = "" if operand in _NOTHING else operand.strip("\"'")
    if comparison == "contains":
        return [row for row in rows if wanted in str(row.get(name, ""))]
    same = comparison == "=="
    return [row for row in rows if (str(row.get(name, "")) == wanted) is same]


def _collapsed(rows: list[Row], name: str, separator: str) -> list[Row]:
    """Return neighbouring cycles with the same value as one row, named from oldest to newest."""
    filled = [row for row in rows if row.get(name) not in _EMPTY]
    collapsed = []
    for value, group in groupby(filled, key=lambda row: row[name]):
        cycles = sorted((row["releaseCycle"] for row in group), key=version_key)
        span = cycles[0] if len(cycles) == 1 else f"{cycles[0]}{separator}{cycles[-1]}"
        collapsed.append({"releaseCycle": span, "releaseLabel": span, name: value})
    return collapsed


_FILTERS: dict[str, Callable[[list[Row], str, str], list[Row]]] = {
    "where": _where,
    "where_exp": _where_expression,
    "collapse_cycles": _collapsed,
}


# ---- tables --------------------------------------------------------------------------------------


def _split(given: str) -> list[str]:
    return [word.strip() for word in given.split(",")] if given.strip() else []


def _table(
    labels: list[str], fields: list[str], types: list[str], rows: list[Row]
) -> Iterator[Token]:
    columns = list(zip_longest(fields, types[: len(fields)], fillvalue=""))
    headings = [nested("th", [_inline([text(label)])], scope="col") for label in labels]
    lines = (nested("tr", *_cells(row, columns)) for row in rows)
    return nested("table", nested("thead", nested("tr", *headings)), nested("tbody", *lines))


def _cells(row: Row, columns: list[tuple[str, str]]) -> Iterator[Iterator[Token]]:
    """Yield the cells of a row. The first one is the row's heading if it has a value."""
    for index, (name, kind) in enumerate(columns):
        value = row.get(name)
        content = [_inline(_value(value, kind))]
        if index == 0 and value not in _EMPTY:
            yield nested("th", content, scope="row")
        else:
            yield nested("td", content)


def _inline(children: Iterable[Token]) -> Token:
    return Token("inline", "", 0, children=list(children))


def _value(value: object, kind: str) -> Iterator[Token]:
    """Yield a value as readers see it: `Yes` and `No`, `30 Apr 2028` in a column of dates."""
    known = _milestone(value) if kind in _DATES or isinstance(value, bool) else None
    if isinstance(known, bool):
        yield text("Yes" if known else "No")
    elif isinstance(known, PartialDate) and known.precision is not Precision.QUARTER:
        day = format_milestone(known)
        yield from nested("time", [text(str(known))], block=False, datetime=day)
    else:
        yield text("—" if value in _EMPTY else str(known or value))


def _milestone(value: object) -> MilestoneValue:
    if isinstance(value, bool):
        return value
    try:
        return parse_milestone(str(value or ""))
    except ValueError:
        return None
