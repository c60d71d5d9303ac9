"""Uploads of product files and archives, including hostile archives."""

from __future__ import annotations

import json
import struct
import zipfile
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain import limits
from releases.domain.openeox import CORE_SCHEMA, PRODUCT_SCHEMA, SHELL_SCHEMA
from releases.formats.errors import FormatError
from releases.formats.uploads import read_upload

TEXT = b"---\ntitle: Acme\n---\n"


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    raw = BytesIO()
    with zipfile.ZipFile(raw, "w", method) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return raw.getvalue()


def problems_of(*files: tuple[str, bytes]) -> list[str]:
    with pytest.raises(FormatError) as error:
        read_upload(files)
    return [str(problem) for problem in error.value.problems]


def test_files_are_sorted_by_name() -> None:
    files = [("b.md", b"\xef\xbb\xbfB"), ("a.md", "Ä".encode())]
    assert read_upload(files) == {"a.md": "Ä", "b.md": "B"}
    assert list(read_upload(files)) == ["a.md", "b.md"]


def test_archive_and_file_together() -> None:
    """Folders of an archive are ignored."""
    archive = zipped(("products/a.md", b"A"), ("deep/down/b.MD", b"B"))
    files = read_upload([("all.zip", archive), ("c.md", b"C")])
    assert files == {"a.md": "A", "b.MD": "B", "c.md": "C"}


@pytest.mark.parametrize(
    "path", ["../../a.md", "/etc/a.md", "..\\..\\a.md", "C:\\x\\a.md", "./a.md"]
)
def test_only_the_last_part_of_a_path_counts(path: str) -> None:
    assert read_upload([("x.zip", zipped((path, b"A")))]) == {"a.md": "A"}
    assert read_upload([(path, b"A")]) == {"a.md": "A"}


def test_other_files_of_an_archive_are_left_out() -> None:
    """Folders, hidden files, metadata of macOS, and pictures."""
    others = ["d/", ".a.md", "__MACOSX/._a.md", "__MACOSX/b.md", "logo.png", "README"]
    archive = zipped(("a.md", b"A"), *((name, b"x") for name in others))
    assert read_upload([("x.zip", archive)]) == {"a.md": "A"}


def test_upload_without_product_files_is_refused() -> None:
    assert problems_of(("x.zip", zipped(("logo.png", b"x")))) == [
        "There is no product file (.md) or OpenEoX document (.openeox.json) in it."
    ]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        (
            "a.txt",
            TEXT,
            "a.txt: It is no product file (.md), OpenEoX document (.json) or CycloneDX",
        ),
        ("a\x07.md", TEXT, "a\x07.md: It is no product file"),
        (f"{'a' * 98}.md", TEXT, "Its name has more than 100 characters."),
        ("a.md", b"", "a.md: The file is empty."),
        ("a.md", b"\xff\xfe", "line 1: a.md: The file is not UTF-8 text."),
        ("a.md", b"a\0b", "a.md: The file is binary, not a text."),
        ("a.md", b"x" * (limits.FILE_BYTES + 1), "a.md: The file has 1,000,001 bytes"),
        ("a.zip", b"PK no archive", "a.zip: It is no zip archive, or a broken one."),
        ("a.zip", b"", "a.zip: It is no zip archive, or a broken one."),
    ],
)
def test_refusals_name_the_file(name: str, content: bytes, problem: str) -> None:
    assert problem in problems_of((name, content))[0]


def test_all_refusals_are_reported() -> None:
    assert len(problems_of(("a.md", b""), ("b.txt", TEXT), ("c.zip", b""))) == 3


def test_two_files_of_one_name_are_refused() -> None:
    """Folders and case do not matter."""
    archive = zipped(("1/a.md", b"A"), ("2/A.md", b"B"))
    assert problems_of(("x.zip", archive)) == [
        "x.zip: A.md: There is another file of this name: x.zip: a.md."
    ]
    assert problems_of(("a.md", b"A"), ("a.md", b"A")) == [
        "a.md: There is another file of this name: a.md."
    ]


def test_archive_in_an_archive_is_refused() -> None:
    inner = zipped(("a.md", b"A"))
    assert problems_of(("x.zip", zipped(("in/y.zip", inner)))) == [
        "x.zip: y.zip: An archive inside of an archive is not unpacked."
    ]


def test_encrypted_file_is_refused() -> None:
    """The flag is set in both places of the archive."""
    raw = bytearray(zipped(("a.md", b"A")))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    assert problems_of(("x.zip", bytes(raw))) == ["x.zip: a.md: It is encrypted."]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_refused(method: int) -> None:
    """It cannot be unpacked up to a limit."""
    archive = zipped(("a.md", b"x" * 1000), method=method)
    assert "packed in an unusual way" in problems_of(("x.zip", archive))[0]


def test_bomb_of_one_file_is_refused() -> None:
    """It is unpacked only up to the maximum size of a file."""
    archive = zipped(("a.md", b"\n" * 300_000_000))
    assert len(archive) < 400_000
    assert problems_of(("x.zip", archive)) == ["x.zip: a.md: It has more than 1,000,000 bytes."]


def test_bomb_of_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """All files together have a limit, and no further byte is unpacked."""
    full = b"x" * limits.FILE_BYTES
    archive = zipped(*((f"{number}.md", full) for number in range(30)))
    opened: list[str] = []
    real = zipfile.ZipFile.open

    def counted(self: zipfile.ZipFile, name: zipfile.ZipInfo, *rest: Any) -> Any:
        opened.append(name.filename)
        return real(self, name, *rest)

    monkeypatch.setattr(zipfile.ZipFile, "open", counted)
    assert problems_of(("x.zip", archive)) == ["x.zip: Unpacked it has more than 20 MB."]
    assert len(opened) == 21


def test_declared_sizes_are_not_trusted() -> None:
    raw = bytearray(zipped(("a.md", b"x" * 5_000_000)))
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 10)
    assert problems_of(("x.zip", bytes(raw))) == ["x.zip: It is no zip archive, or a broken one."]


def test_too_many_files_are_refused() -> None:
    """Entries of an archive are counted before any of them is read."""
    many = zipped(*((f"{number}.md", TEXT) for number in range(limits.FILES + 5)))
    assert problems_of(("x.zip", many)) == ["x.zip: It has more than 1,000 product files."]
    entries = b"PK\x01\x02" * (limits.ZIP_ENTRIES + 1)
    assert problems_of(("x.zip", entries)) == ["x.zip: It has more than 10,000 files."]


@given(data=st.data())
def test_broken_archive_is_refused_with_a_sentence(data: st.DataObject) -> None:
    """Bytes are changed or cut off at random."""
    raw = bytearray(zipped(("a.md", TEXT * 20), ("b/c.md", TEXT)))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    del raw[data.draw(st.integers(len(raw) // 2, len(raw))) :]
    with suppress(FormatError):
        read_upload([("x.zip", bytes(raw))])


def test_largest_upload_is_accepted() -> None:
    archive = zipped(*((f"{number}.md", TEXT) for number in range(limits.FILES)))
    assert len(read_upload([("all.zip", archive)])) == limits.FILES


CORE = {
    "$schema": CORE_SCHEMA,
    "end_of_life": "tba",
    "end_of_security_support": "tba",
    "last_updated": "2026-11-01T00:00:00Z",
}


def shell(*labels: str) -> bytes:
    statements = [
        {
            "core": CORE,
            "product": {
                "$schema": PRODUCT_SCHEMA,
                "vendor_name": "V",
                "product_name": label,
                "product_version": "1",
            },
            "product_identification_helper": {"purls": [f"pkg:npm/{label}"]},
        }
        for label in labels
    ]
    return json.dumps({"$schema": SHELL_SCHEMA, "statements": statements}).encode()


def test_statements_of_the_core_are_named_after_their_cycle() -> None:
    """The folder of an archive is the product."""
    core = json.dumps(CORE)
    archive = zipped(("all/django/5.2.openeox.json", core.encode()), ("all/package.json", b"{"))
    files = [("x.zip", archive), ("django@6.0.openeox.json", core.encode())]
    assert read_upload(files) == {
        "django@5.2.openeox.json": core,
        "django@6.0.openeox.json": core,
    }


def test_document_of_several_products_is_split() -> None:
    assert read_upload([("a.json", shell("x"))]) == {"a.json": shell("x").decode()}
    files = read_upload([("acme.json", shell("x", "y", "x"))])
    assert list(files) == ["acme 1.openeox.json", "acme 2.openeox.json"]
    assert [len(json.loads(text)["statements"]) for text in files.values()] == [2, 1]


def test_problems_of_documents_name_file_and_path() -> None:
    bad = json.loads(shell("x", "y"))
    bad["statements"][1]["core"] = CORE | {"end_of_life": "soon"}
    assert problems_of(("5.2.openeox.json", json.dumps(CORE).encode()))[0].startswith(
        "5.2.openeox.json: A Core statement does not name its release cycle"
    )
    assert problems_of(("a.json", json.dumps(bad).encode()))[0].startswith(
        "a.json: statements[1].core.end_of_life: Expected a date and time with its zone"
    )
