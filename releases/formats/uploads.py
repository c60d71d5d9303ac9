"""Reader for uploads: product files, OpenEoX documents, zip archives of them, CycloneDX files.

Archives are untrusted. They are unpacked in memory up to a limit that counts real bytes instead of
the declared sizes, and only the last part of a path is used.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from releases.domain import limits
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.openeox import SUFFIX, split_openeox
from releases.formats.product_files.parser import decode
from releases.formats.stack.cyclonedx_document import CycloneDXDocument, bill_content

_PRODUCT_FILE: Final = ".md"
_DOCUMENT: Final = ".json"
"""The end of the names of OpenEoX documents. In archives it is longer: `SUFFIX`."""
_XML: Final = ".xml"
_KINDS: Final = (_PRODUCT_FILE, _DOCUMENT, _XML)
_BILL: Final = re.compile(r'"bomFormat"\s*:\s*"CycloneDX"|http://cyclonedx\.org/schema/bom/')
_ENTRY: Final = b"PK\x01\x02"
"""The signature of each entry of an archive's directory."""
_ENCRYPTED: Final = 0x1


def read_upload(files: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Return the texts of all but archives by file name, sorted by name.

    A document of several products is split by product. In archives, folders are ignored, except
    for those that name the product of a statement; hidden files and other kinds of files are left
    out.

    Args:
        files: Names and contents of product files, OpenEoX documents, CycloneDX files and zip
            archives.

    Raises:
        FormatError: Lists every file that cannot be accepted.
    """
    found = _Found()
    for name, content in files:
        if _base(name).lower().endswith(".zip"):
            found.add_archive(_base(name), content)
        else:
            found.add(_base(name), content)
    if not found.texts and not found.problems:
        found.refuse("", f"There is no product file (.md) or OpenEoX document ({SUFFIX}) in it.")
    if found.problems:
        raise FormatError(found.problems)
    return dict(sorted(found.texts.items()))


def is_bill(name: str, text: str) -> bool:
    """Return True for a CycloneDX file in JSON or XML, given its name and text."""
    return not name.lower().endswith(_PRODUCT_FILE) and bool(_BILL.search(text))


class _Found:
    """The files found so far. `left` is the number of bytes that may still be unpacked."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.problems: list[FormatProblem] = []
        self.names: dict[str, str] = {}
        self.left = limits.UPLOAD_BYTES

    def refuse(self, name: str, message: str) -> None:
        self.problems.append(FormatProblem(0, name, message))

    def add(self, name: str, content: bytes, place: str = "", folder: str = "") -> None:
        """Add a file; `place` is the name of its archive, if any, and `folder` its folder there."""
        shown = f"{place}: {name}" if place else name
        if not name.lower().endswith(_KINDS) or not name.isprintable():
            message = "It is no product file (.md), OpenEoX document (.json) or CycloneDX file"
            self.refuse(shown, f"{message} (.json or .xml): the end of its name has to say which.")
            return
        try:
            texts = _texts(name, content, folder)
        except FormatError as error:
            for problem in error.problems:
                path = ": ".join(filter(None, (shown, problem.path)))
                self.problems.append(FormatProblem(problem.line, path, problem.message))
            return
        for each, own in texts.items():
            self._add_text(each, own, shown)

    def _add_text(self, name: str, text: str, shown: str) -> None:
        key = name.casefold()
        same, self.names[key] = self.names.get(key), shown
        if len(name) > limits.NAME:
            self.refuse(shown, f"Its name has more than {limits.NAME} characters.")
        elif same:
            self.refuse(shown, f"There is another file of this name: {same}.")
        elif len(self.texts) >= limits.FILES:
            self.refuse(shown, f"There are more than {limits.FILES:,} product files.")
        else:
            self.texts[name] = text

    def add_archive(self, name: str, content: bytes) -> None:
        """Add the product files of a zip archive."""
        if content.count(_ENTRY) > limits.ZIP_ENTRIES:
            self.refuse(name, f"It has more than {limits.ZIP_ENTRIES:,} files.")
            return
        try:
            with ZipFile(BytesIO(content)) as archive:
                for entry in archive.infolist():
                    if not self._add_entry(archive, entry, name):
                        return
        except (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError):
            self.refuse(name, "It is no zip archive, or a broken one.")

    def _add_entry(self, archive: ZipFile, entry: ZipInfo, place: str) -> bool:
        """Add an entry of an archive if it is a product file. Return False to stop."""
        parts = entry.filename.replace("\\", "/").split("/")
        name, shown = parts[-1], f"{place}: {parts[-1]}"
        if not name or name.startswith(".") or "__MACOSX" in parts:
            return True
        if name.lower().endswith(".zip"):
            self.refuse(shown, "An archive inside of an archive is not unpacked.")
        elif not name.lower().endswith((_PRODUCT_FILE, SUFFIX)):
            return True
        elif entry.flag_bits & _ENCRYPTED:
            self.refuse(shown, "It is encrypted.")
        elif entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            self.refuse(shown, "It is packed in an unusual way; zip it with ordinary compression.")
        elif len(self.names) >= limits.FILES:
            self.refuse(place, f"It has more than {limits.FILES:,} product files.")
            return False
        else:
            return self._unpack(archive, entry, parts, place)
        return True

    def _unpack(self, archive: ZipFile, entry: ZipInfo, parts: Sequence[str], place: str) -> bool:
        name, folder = parts[-1], "".join(parts[-2:-1])
        with archive.open(entry) as file:
            content = file.read(limits.FILE_BYTES + 1)
        self.left -= len(content)
        if self.left < 0:
            total = limits.UPLOAD_BYTES // 1_000_000
            self.refuse(place, f"Unpacked it has more than {total} MB.")
            return False
        if len(content) > limits.FILE_BYTES:
            # The declared size may be wrong, and reading on for the real one costs memory.
            self.refuse(f"{place}: {name}", f"It has more than {limits.FILE_BYTES:,} bytes.")
        else:
            self.add(name, content, place, folder)
        return True


def _texts(name: str, content: bytes, folder: str) -> dict[str, str]:
    """Return the texts of a file by name. Raises `FormatError`."""
    if name.lower().endswith(_PRODUCT_FILE):
        return {name: decode(content)}
    if name.lower().endswith(_XML) or is_bill(name, content.decode("latin-1")):
        bill = bill_content(content, name)
        CycloneDXDocument(bill)  # Refuses other bills of materials.
        return {name: bill.text}
    return split_openeox(decode(content), name, folder)


def _base(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]
