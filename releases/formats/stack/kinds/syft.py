"""The own JSON format of syft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from releases.formats.stack.bill import Bill, Entry
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.distributions import distribution
from releases.formats.stack.kind import Kind
from releases.formats.stack.refusals import refusal
from releases.formats.stack.values import list_of, table_of, text_of


def _read(content: Content) -> Stack:
    """Return the packages and the operating system of the image or folder."""
    stack = Stack(KIND.name)
    bill = Bill(stack)
    document = table_of(content.json())
    if not _recognise(content):
        raise refusal("It is no JSON of syft: artifacts are missing.")
    system = table_of(document.get("distro"))
    name = text_of(system.get("id")) or text_of(system.get("name"))
    version = text_of(system.get("versionID")) or text_of(system.get("version"))
    if name:
        cpes = filter(None, [text_of(system.get("cpeName")) or text_of(system.get("cpe_name"))])
        bill.add_system(distribution(name, version), version, content.line_of(name), cpes)
    for number, each in enumerate(list_of(document["artifacts"])):
        bill.add(_entry(table_of(each), f"artifacts[{number}]", content))
    return stack


def _recognise(content: Content) -> bool:
    document = table_of(content.json())
    schema = table_of(document.get("schema"))
    of_syft = "syft" in (
        text_of(schema.get("url")),
        text_of(table_of(document.get("descriptor")).get("name")),
    )
    return isinstance(document.get("artifacts"), list) and of_syft


KIND: Final = Kind(
    name="syft JSON",
    files=("*.syft.json", "syft.json"),
    read=_read,
    finds="every artifact by its package URL or CPE, and the distribution",
    recognise=_recognise,
)


def _entry(artifact: Mapping[str, Any], path: str, content: Content) -> Entry:
    texts = {key: text_of(artifact.get(key)) for key in ("name", "version", "purl", "id")}
    lines = map(content.line_of, filter(None, (texts["id"], texts["purl"], texts["name"])))
    return Entry(
        name=texts["name"],
        version=texts["version"],
        purl=texts["purl"],
        cpes=_cpes(artifact),
        line=next(filter(None, lines), 0),
        path=path,
    )


def _cpes(artifact: Mapping[str, Any]) -> Iterator[str]:
    """Yield the CPE names, which are texts in older versions."""
    for each in list_of(artifact.get("cpes")):
        if text := text_of(each) or text_of(table_of(each).get("cpe")):
            yield text
