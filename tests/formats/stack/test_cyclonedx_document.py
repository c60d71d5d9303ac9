"""Adding properties to components of CycloneDX files changes nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import cycle
from operator import add
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import canonicalize

import pytest
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation import make_schemabased_validator
from hypothesis import given
from hypothesis import strategies as st

from releases.formats.errors import FormatError
from releases.formats.stack.content import Content
from releases.formats.stack.cyclonedx_document import VERSIONS, CycloneDXDocument

CORPUS: Final = Path(__file__).parents[2] / "stacks/cyclonedx"
FILES: Final = [
    path for path in sorted(CORPUS.glob("*/*")) if path.suffix in {".json", ".xml"}
]  # fmt: skip
WITH_PROPERTIES: Final = [path for path in FILES if "1.2" not in path.parent.name]
DATES: Final = {"cdx:x:a": "2025-04-02", "cdx:x:b": "2028-04-30"}
ENTRY: Final = re.compile(r"\s*<(\w+:)?property name=\"cdx:x:\w\">[^<]*</(\w+:)?property>")
EMPTY: Final = re.compile(r"<((?:\w+:)?)properties>\s*</\1properties>\s*")


def document(raw: bytes | str) -> CycloneDXDocument:
    return CycloneDXDocument(Content.decode(raw))


def enriched(raw: bytes | str, properties: Mapping[str, str] = DATES) -> str:
    """Return a bill in which all software has these properties."""
    bill = document(raw)
    software = (each.path for each in bill.components if each.component)
    return bill.with_properties(dict.fromkeys(software, properties))


def without_dates(value: Any) -> Any:
    """Return a value of JSON without the properties of `DATES`."""
    if isinstance(value, list):
        return [without_dates(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = dict(value)
    if isinstance(listing := kept.pop("properties", None), list):
        # Those of a component are written at its end, or where it has some.
        kept["properties"] = [each for each in listing if each not in listed(DATES)]
    kept = {key: each for key, each in kept.items() if each != []}
    return [(key, without_dates(each)) for key, each in kept.items()]  # in order


def listed(properties: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in properties.items()]


def same_xml(text: str) -> str:
    """Return the canonical form without the properties of `DATES` and blanks between elements."""
    bare = re.sub(r">\s+<", "><", EMPTY.sub("", ENTRY.sub("", text)))
    return canonicalize(bare.replace("</properties></", "</properties></"), with_comments=True)


def errors(text: str) -> list[str]:
    """Return the errors that the CycloneDX library finds in a bill."""
    form = OutputFormat.XML if text.lstrip().startswith("<") else OutputFormat.JSON
    found = re.search(r"schema/bom/([\d.]+)\"|\"specVersion\": *\"([\d.]+)\"", text)
    assert found
    version = SchemaVersion.from_version(found[1] or found[2])
    first = make_schemabased_validator(form, version).validate_str(text)
    return [str(first)] if first else []


def assert_differs_by_properties(raw: bytes) -> None:
    """Assert that dates change nothing else in a bill, and that it is valid if it was."""
    text = raw.decode()
    found = enriched(raw)
    software = [each for each in document(text).components if each.component]
    assert found.count("cdx:x:a") == len(software) > 0
    if text.startswith("{"):
        assert without_dates(json.loads(found)) == without_dates(json.loads(text))
        written = json.dumps(json.loads(found), ensure_ascii="\\u" in text)
        assert re.sub(r"\s", "", written) == re.sub(r"\s", "", found)
    else:
        assert same_xml(found) == same_xml(text)
    assert enriched(found) == found, "a second time changes nothing"
    if not errors(text):
        assert not errors(found)


@pytest.mark.parametrize("path", WITH_PROPERTIES, ids=lambda path: path.parent.name)
def test_files_differ_by_properties_only(path: Path) -> None:
    assert_differs_by_properties(path.read_bytes())


@given(st.data())
def test_damaged_files_are_refused_or_stay_readable(data: st.DataObject) -> None:
    """A missing or repeated part causes neither another exception nor a broken file."""
    raw = data.draw(st.sampled_from(WITH_PROPERTIES)).read_bytes()
    start, end = sorted(data.draw(st.integers(0, len(raw))) for _ in range(2))
    end = min(end, start + data.draw(st.integers(0, 80)))
    damaged = raw[:start] + raw[start:end] * data.draw(st.sampled_from([0, 2])) + raw[end:]
    try:
        found = enriched(damaged)
    except FormatError:
        return
    assert enriched(found) == found


def test_most_files_of_the_corpus_are_valid() -> None:
    """Otherwise the test above would prove nothing."""
    valid = [path for path in WITH_PROPERTIES if not errors(path.read_text("utf-8"))]
    assert {path.suffix for path in valid} == {".json", ".xml"}
    assert len(valid) >= 2 * len(VERSIONS)


# ---- JSON


def json_bill(**keys: Any) -> dict[str, Any]:
    """A bill with a nested component; `keys` are those of the inner one."""
    inner = {"type": "library", "name": "b", "purl": "pkg:npm/b", **keys}
    outer = {"type": "library", "name": "a", "components": [inner]}
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [outer]}


@given(
    st.sampled_from([None, 1, 2, "\t"]),
    st.booleans(),
    st.dictionaries(
        st.text(), st.floats(allow_nan=False) | st.integers() | st.text() | st.none(), max_size=3
    ),
    st.lists(st.sampled_from(["tag:x", "cdx:x:a", "cdx:x:b", "é"]), max_size=4),
)
def test_layout_values_and_other_properties_are_kept(
    indent: int | str | None, spaced: bool, keys: dict[str, Any], names: list[str]
) -> None:
    others = [{"name": name, "value": "1"} for name in names]
    bill = json_bill(x=keys, properties=others)
    separators = (", " if spaced and indent is None else ",", ": " if spaced else ":")
    text = json.dumps(bill, indent=indent, separators=separators)
    found = enriched(text)
    component = json.loads(found)["components"][0]["components"][0]
    kept = [each for each in others if each["name"] not in DATES]
    assert component == {
        **bill["components"][0]["components"][0],
        "properties": component["properties"],
    }
    assert component["properties"] == [*kept, *listed(DATES)]
    assert found == json.dumps(json.loads(found), indent=indent, separators=separators)
    assert enriched(found) == found


def test_numbers_escapes_and_line_ends_are_kept() -> None:
    text = (
        '{"bomFormat":"CycloneDX","specVersion":"1.5","version":1.0,"x":1e400,"y":12345678901234567890,\r\n'
        '"z":"\\u00e9é\\/","components":[ {"name":"a","purl":"pkg:npm/a"} ] }\r\n'
    )
    entries = ",".join(f'{{"name":"{name}","value":"{value}"}}' for name, value in DATES.items())
    wanted = text.replace('npm/a"}', f'npm/a","properties":[{entries}]}}')
    assert enriched(text) == wanted


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("form", ["json", "xml"])
@given(ends=st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=20, max_size=20))
def test_every_line_end_and_a_mark_are_kept(mark: str, form: str, ends: list[str]) -> None:
    if form == "json":
        bill = json.dumps(json_bill(properties=[{"name": "é", "value": "2"}]), indent=1)
    else:
        holder = '\n<properties>\n<property name="é">2</property>\n</properties>\n'
        bill = xml_bill(holder, head="\n<!-- é -->\n")
    text = mark + "".join(map(add, bill.split("\n"), cycle(ends)))
    found = enriched(text)
    rest = iter(found)
    assert all(character in rest for character in text)  # in this order
    lines = re.sub("\r\n?", "\n", text), re.sub("\r\n?", "\n", found)
    assert lines[1] == enriched(lines[0]) != lines[0]
    assert enriched(found) == found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[{"name":"b"}]', '[{"name":"b"},A,B]'),
        ('[ {"name":"b"} , 1 ]', '[ {"name":"b"} , 1,A,B ]'),
        ('[A, {"name":"b"},  B, B, {"name":"c"} ]', '[{"name":"b"}, {"name":"c"},A,B ]'),
        ('[A,B ,{"name":"b"} , A]', '[{"name":"b"},A,B]'),
        ("[{}, A]", "[{},A,B]"),
        ("[ A ]", "[A,B]"),
        ("[ ]", "[A,B]"),
        ('[\n  {"name":"b"},\n A\n ]', '[\n  {"name":"b"},\n  A,\n  B\n ]'),
    ],
)
def test_layout_of_other_properties_is_kept(before: str, after: str) -> None:
    old = before.replace("A", entry("cdx:x:a", "1")).replace("B", entry("cdx:x:b", "1"))
    new = after.replace("A", entry("cdx:x:a", "2")).replace("B", entry("cdx:x:b", "2"))
    component = '{"name":"a","purl":"pkg:npm/a","properties":%s}'
    bill = f'{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{component}]}}'
    found = enriched(bill % old, {"cdx:x:a": "2", "cdx:x:b": "2"})
    assert found == bill % new
    assert json.loads(found)


def entry(name: str, value: str) -> str:
    return f'{{"name":"{name}","value":"{value}"}}'


def test_entries_have_as_many_lines_as_the_others() -> None:
    text = json.dumps(json_bill(properties=[{"name": "b"}]))
    text = text.replace('{"name": "b"}', '{\n "name": "b"\n}')
    wanted = ', {\n "name": "cdx:x:a",\n "value": "2"\n}'
    assert f'"b"\n}}{wanted}]' in enriched(text, {"cdx:x:a": "2"})


def test_properties_that_are_no_list_are_refused() -> None:
    with pytest.raises(
        FormatError, match=r"components\[0\].components\[0\].properties: expected a list"
    ):
        enriched(json.dumps(json_bill(properties={})))


@pytest.mark.parametrize("key", ["metadata", "component", "components", "x"])
def test_deep_values_are_kept(key: str) -> None:
    """They are as deep as Python's parser accepts."""
    deep = f'{{"{key}":' * 900 + "1" + "}" * 900
    text = f'{{"bomFormat":"CycloneDX","specVersion":"1.6","{key}":{deep},"components":[%s]}}'
    assert enriched(text % '{"name":"a","purl":"pkg:npm/a"}').startswith(text.partition("%s")[0])
    properties = f'{{"name":"a","purl":"pkg:npm/a","properties":[{deep}]}}'
    assert f"[{deep}," in enriched(text.replace(deep, "1") % properties)


@pytest.mark.parametrize("place", ["", "components", "metadata"])
def test_signed_json_is_refused(place: str) -> None:
    bill = json_bill()
    if place == "metadata":
        bill["metadata"] = {"component": {"name": "x", "signature": {}}}
    (bill["components"][0] if place == "components" else bill)["signature"] = {}
    with pytest.raises(FormatError, match="The file is signed"):
        enriched(json.dumps(bill))


# ---- XML


def xml_bill(inside: str, version: str = "1.6", head: str = "") -> str:
    return (
        f'{head}<bom xmlns="http://cyclonedx.org/schema/bom/{version}" version="1"><components>'
        f'<component type="library"><name>a</name><version>1</version>{inside}</component>'
        "</components></bom>"
    )


NEW: Final = "".join(
    f'<property name="{name}">{value}</property>' for name, value in DATES.items()
)  # fmt: skip


@pytest.mark.parametrize(
    ("inside", "wanted"),
    [
        ("", f"<properties>{NEW}</properties>"),
        ("<components/>", f"<properties>{NEW}</properties><components/>"),
        ("<evidence/>", f"<properties>{NEW}</properties><evidence/>"),
        ("<modified>false</modified>", f"<modified>false</modified><properties>{NEW}</properties>"),
        ("<properties/>", f"<properties>{NEW}</properties>"),
        ("<properties></properties>", f"<properties>{NEW}</properties>"),
        ("<properties><!-- c --></properties>", f"<properties><!-- c -->{NEW}</properties>"),
        (
            '<properties><property name="cdx:x:a">1</property><property name="t"/></properties>',
            f'<properties><property name="t"/>{NEW}</properties>',
        ),
        (
            '<x:properties xmlns:x="urn:x"/>',
            f'<properties>{NEW}</properties><x:properties xmlns:x="urn:x"/>',
        ),
    ],
)
def test_place_of_properties_in_xml(inside: str, wanted: str) -> None:
    found = enriched(xml_bill(inside))
    assert found == xml_bill(wanted)
    assert not errors(found)
    assert enriched(found) == found


def test_prefix_comments_instructions_and_line_ends_are_kept() -> None:
    text = (
        '\ufeff<?xml version="1.0"?>\r\n<?x y?><!-- é -->\r\n'
        "<c:bom xmlns:c=\"http://cyclonedx.org/schema/bom/1.4\" version='1'>\r\n"
        "  <c:components>\r\n"
        '    <c:component type="library">\r\n      <c:name>a&amp;b</c:name>\r\n'
        "      <c:version><![CDATA[1]]></c:version>\r\n      <!-- z -->\r\n    </c:component>\r\n"
        "  </c:components>\r\n</c:bom>\r\n"
    )
    entries = "".join(
        f'\r\n        <c:property name="{name}">{value}</c:property>'
        for name, value in DATES.items()
    )
    written = f"\r\n      <c:properties>{entries}\r\n      </c:properties>"
    wanted = text.replace("]]></c:version>", f"]]></c:version>{written}")
    assert enriched(text) == wanted
    assert enriched(text.encode("utf-16")) == wanted


def test_signed_xml_is_refused() -> None:
    signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'
    with pytest.raises(FormatError, match="The file is signed"):
        enriched(xml_bill(signature))


def test_declaration_of_utf_16_is_refused() -> None:
    text = xml_bill("", head='<?xml version="1.0" encoding="UTF-16"?>')
    with pytest.raises(FormatError, match="Convert it to UTF-8"):
        enriched(text.encode("utf-16"))


# ---- versions


def old() -> Iterator[str]:
    for version in ("1.2", "1.8", ""):
        yield json.dumps({**json_bill(), "specVersion": version})
        yield xml_bill("", version)


@pytest.mark.parametrize("text", list(old()))
def test_versions_without_properties_are_refused(text: str) -> None:
    with pytest.raises(FormatError, match=r"which 1\.3 to 1\.7 have"):
        document(text)
