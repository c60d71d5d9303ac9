"""Any input is quickly parsed or rejected as a stack file, without other errors."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from releases.domain.identifiers import build_purl, parse_purl, read_purl
from releases.formats.errors import FormatError
from releases.formats.stack import LIMITS, read_stack

FOLDER = Path(__file__).parents[2] / "stacks"
FILES = [
    path.read_text("utf-8")
    for kind in ("requirements", "pyproject", "*-lock", "pylock", "cyclonedx", "python-version")
    for path in sorted(FOLDER.glob(f"{kind}/*/*"))
    if path.is_file() and path.name != "expect.toml"
]
DOCKERFILE = "ARG V=3.12\nFROM --platform=x python:${V}-slim AS build\nRUN x\nFROM build\n"
quick = settings(deadline=timedelta(seconds=2))


def tried(raw: bytes | str) -> None:
    """Parse a file.

    Only a `FormatError` with sentences may be raised, and components must be safe to print and to
    query.
    """
    try:
        stack = read_stack(raw)
    except FormatError as error:
        assert error.problems  # noqa: PT017
        assert all(0 < len(each.message) < 300 for each in error.problems)  # noqa: PT017
        return
    assert 0 < len(stack.components) <= LIMITS.components
    for each in stack.components:
        assert 0 < len(each.name) <= 200
        assert len(each.version) <= 100
        assert each.line >= 0
        assert (each.name + each.version).isascii() or (each.name + each.version).encode()
        assert "\x00" not in each.name + each.version + each.purl
        assert each.purl.isascii()
        assert not each.purl or parse_purl(each.purl)


blank = st.text(st.sampled_from("/ \t\u00a0\u2028."), max_size=4)
names = st.tuples(blank, st.text(max_size=5), blank).map("".join)
"""Names with surrounding characters that parsers strip, sometimes leaving nothing."""

odd = st.sampled_from(
    [
        *[
            "",
            "[",
            "]",
            "{",
            "}",
            '"',
            "'",
            "\\",
            "#",
            ";",
            "@",
            "==",
            "~=1",
            "$",
            "${",
            "FROM",
            "-",
        ],
        *["\x00", "\x1b[31m", "\ud800", "\u2028", "\ufeff", "é", "0", "-1", "1" * 5_000, "null"],
        *["true", "[[package]]", "[project]", "node_modules/", "pkg:pypi/a@1", "file:", "npm:x@1"],
        *["1.2.3", "a.b.c = 1", "%00", "../", "https://example.org", "\\u0000", "\\ud800", "1e999"],
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A real file with some places cut, doubled or overwritten."""
    text = draw(st.sampled_from([*FILES, DOCKERFILE]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 60)))
        put = draw(odd | st.text(max_size=10) | st.just(text[start:end] * 2))
        text = text[:start] + put + text[end:]
    return text


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | odd,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "version", "purl", "components", "dependencies", "link", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@quick
@given(damaged())
def test_damaged_file_is_parsed_or_rejected(text: str) -> None:
    tried(text)
    tried(text.encode("utf-8", "surrogatepass"))


@quick
@given(st.binary(max_size=500) | st.binary(max_size=100).map(lambda raw: b"\xff\xfe" + raw))
def test_any_bytes_are_parsed_or_rejected(raw: bytes) -> None:
    tried(raw)


@quick
@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_text_is_parsed_or_rejected(text: str) -> None:
    """Detection and every kind of file are tested."""
    for before in ("", "FROM ", "ARG x=", "[project]\n", "[[package]]\n", "{", "python-"):
        tried(before + text)


@quick
@given(st.lists(odd | st.text(max_size=12), max_size=12).map(" ".join))
def test_any_words_are_parsed_or_rejected(text: str) -> None:
    for before in ("", "FROM a\n", "[project]\ndependencies = [", "[[package]]\nname = "):
        tried(before + text)


@quick
@given(anything, anything)
def test_any_json_is_parsed_or_rejected(one: Any, other: Any) -> None:
    """Any value may be in the place of a component or package."""
    tried(json.dumps({"bomFormat": "CycloneDX", "components": one, "metadata": other}))
    tried(json.dumps({"bomFormat": "CycloneDX", "components": [one, {"name": "a", "x": other}]}))
    tried(json.dumps({"lockfileVersion": 3, "packages": one, "dependencies": other}))
    tried(json.dumps({"lockfileVersion": 3, "packages": {"node_modules/a": one, "b": other}}))
    tried(json.dumps({"lockfileVersion": 1, "dependencies": {"a": one, "b": other}}))


@quick
@given(
    st.sampled_from(["pypi", "npm", "deb", "docker", "generic", "x", ""]),
    st.text(max_size=30),
    st.text(max_size=30),
)
def test_any_purl_is_parsed_or_rejected(kind: str, name: str, version: str) -> None:
    purl = f"pkg:{kind}/{name}@{version}"
    tried(json.dumps({"bomFormat": "CycloneDX", "components": [{"name": "a", "purl": purl}]}))


@quick
@given(names, names, st.sampled_from(["1.2", "", " ", "npm: @1", "npm:/@1", "npm:a/ @1"]))
def test_blank_names_are_parsed_or_rejected(name: str, group: str, version: str) -> None:
    """Every kind of file with names is tested."""
    path = f"node_modules/{group}/{name}"
    tried(json.dumps({"lockfileVersion": 3, "packages": {path: {"version": version}}}))
    package = {"name": name, "version": version}
    tried(json.dumps({"lockfileVersion": 3, "packages": {"node_modules/a": package}}))
    tried(json.dumps({"lockfileVersion": 1, "dependencies": {f"{group}/{name}": package}}))
    component = {"name": name, "group": group, "type": "operating-system"}
    purls = ("", f"pkg:npm/{quote(group, '')}/{quote(name, '')}", f"pkg:docker/{quote(name)}@1")
    for purl in purls:
        document = {"bomFormat": "CycloneDX", "components": [component | {"purl": purl}]}
        tried(json.dumps(document))
    quoted = json.dumps(name)
    tried(f"[[package]]\nname = {quoted}\nversion = {json.dumps(version)}")
    tried(f"[tool.poetry.dependencies]\n{quoted} = {json.dumps(version)}")
    tried(f"[project]\ndependencies = [{quoted}]")
    tried(f"FROM {group}/{name}:{version}")


@quick
@given(st.sampled_from(["npm", "pypi", "docker", "oci", "generic", "pub", ""]), names, names)
def test_package_url_survives_a_round_trip_or_is_empty(
    kind: str, name: str, namespace: str
) -> None:
    built = build_purl(kind, name, namespace)
    assert (built == "") == (parse_purl(built) is None)
    assert read_purl(f"pkg:{kind}/{quote(namespace, '')}/{quote(name, '')}").values
