"""Read the stack files of a project: single files, the standard input, and folders.

A folder is read as git sees it: its ignore rules count, and links out of it are not followed.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from errno import EXDEV
from pathlib import Path
from stat import S_ISREG
from typing import Final

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore import GitIgnorePatternError

from releases.domain.lifecycle.words import one_line
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.stack import LIMITS, find_stack, is_stack_name, read_stack
from releases.presentation.stack.report import StackFile

STDIN: Final = "-"
MAX_ENTRIES: Final = 50_000
"""Maximum number of files and folders of a folder, ignored ones excluded."""
MAX_STACK_FILES: Final = 2_000
"""Maximum number of files that are read in a folder."""
MAX_DEPTH: Final = 32
"""Maximum depth of folders in a folder."""
MAX_FOLDER_BYTES: Final = 200_000_000
"""Maximum size of all files that are read in a folder."""
_SKIPPED: Final = frozenset({".git", ".hg", ".svn", ".tox", ".nox", "__pycache__", "node_modules"})
"""Folders that hold no files of the project itself."""
_VIRTUAL_ENVIRONMENT: Final = "pyvenv.cfg"
_RECOGNISED: Final = (".yaml", ".yml", ".json", ".xml")
"""Endings of files that are read if their content tells their kind, whatever their name."""


def read_paths(paths: Iterable[str], exclude: Sequence[str] = ()) -> list[StackFile]:
    """Return the stack files at paths, each once.

    Args:
        paths: Files, folders, or `-` for the standard input.
        exclude: Patterns, as in `.gitignore`, of files in folders that are left out.

    Raises:
        ValueError: A file that was named cannot be read, or a folder is too large; the message has
            a line for each problem.
    """
    found = _Found()
    for path in paths:
        if path != STDIN and Path(path).is_dir():
            _Folder(path, exclude, found).read()
        else:
            found.add_named(path)
    return found.files


def listed_problems(name: str, problems: Iterable[FormatProblem]) -> list[str]:
    """Return a line for each problem of a file."""
    return [f"{one_line(name or STDIN)}: {problem}" for problem in problems]


@dataclass(slots=True)
class _Found:
    """The files that were read, and the identity on disk of each."""

    files: list[StackFile] = field(default_factory=list)
    seen: set[tuple[int, int]] = field(default_factory=set)

    def add_named(self, path: str) -> None:
        """Read a file that was named. Raises `ValueError` if it cannot be read."""
        try:
            if path == STDIN:
                raw, name = sys.stdin.buffer.read(LIMITS.file_bytes + 1), ""
            else:
                raw, name = content_of(path), _shown(path)
                if not self.is_new(Path(path).stat()):
                    return
            stack = read_stack(raw, name)
        except FormatError as error:
            raise ValueError("\n".join(listed_problems(path, error.problems))) from None
        except OSError as error:
            raise ValueError(f"{_shown(path)}: {error.strerror}.") from None
        self.add(StackFile.of(stack, name))

    def add(self, file: StackFile) -> None:
        """Add a file, and the files that it names, which are beside or below it.

        One that cannot be read is a file that cannot be read.
        """
        self.files.append(file)
        folder = Path(file.name).parent
        for each in file.references:
            name = file.path_of(each)
            try:
                path = Path(name).resolve(strict=True)
                if not path.is_relative_to(folder.resolve()):
                    raise OSError(EXDEV, "It is not in the folder of the file that names it")
                if self.is_new(path.stat()):
                    self.add(StackFile.of(find_stack(content_of(str(path)), name), name))
            except FormatError as error:
                self.files.append(StackFile(name, problems=error.problems))
            except OSError as error:
                problem = FormatProblem(0, "", f"{error.strerror}.")
                self.files.append(StackFile(name, problems=[problem]))

    def is_new(self, status: os.stat_result) -> bool:
        """Return True for the first call with a file."""
        key = status.st_dev, status.st_ino
        if key in self.seen:
            return False
        self.seen.add(key)
        return True


@dataclass(frozen=True, slots=True)
class _Rules:
    """Ignore rules of a folder, and how a path in the root becomes one in that folder."""

    spec: GitIgnoreSpec
    strip: str = ""
    add: str = ""

    def ignores(self, path: str) -> bool | None:
        """Return True or False if a rule is for the path, else None."""
        return self.spec.check_file(self.add + path.removeprefix(self.strip)).include


class _Folder:
    """A folder that is read."""

    def __init__(self, path: str, exclude: Sequence[str], found: _Found) -> None:
        self.path = path
        self.root = Path(path).resolve()
        self.found = found
        self.entries = self.stack_files = self.bytes = 0
        self.exclude = _Rules(_spec(exclude))

    def read(self) -> None:
        """Read the stack files. Raises `ValueError` if they are too many."""
        self._walk("", _rules_above(self.root), 0)

    def _walk(self, folder: str, rules: Sequence[_Rules], depth: int) -> None:
        """Read a folder by its path in the root, with a `/` at the end unless it is the root.

        Of the rules for a path, the first counts: those of deeper folders come first.
        """
        if depth > MAX_DEPTH:
            raise ValueError(f"{_shown(self.path)}: folders are deeper than {MAX_DEPTH}.")
        try:
            entries = sorted(os.scandir(self.root / folder), key=lambda each: each.name)
        except OSError as error:
            self._add_problem(folder or ".", f"{error.strerror}.")
            return
        names = {each.name for each in entries}
        if folder and _VIRTUAL_ENVIRONMENT in names:
            return
        if ".gitignore" in names:
            rules = [_Rules(_spec_of(self.root / folder / ".gitignore"), folder), *rules]
        folders = []
        for entry in entries:
            path = f"{folder}{entry.name}"
            if is_folder := entry.is_dir(follow_symlinks=False):
                path += "/"
            if entry.name in _SKIPPED or self._ignored(path, rules):
                continue
            self._count()
            if is_folder:
                folders.append(path)
            else:
                self._read_file(path, entry)
        for each in folders:
            self._walk(each, rules, depth + 1)

    def _ignored(self, path: str, rules: Iterable[_Rules]) -> bool:
        answers = (each.ignores(path) for each in (self.exclude, *rules))
        return next((answer for answer in answers if answer is not None), False)

    def _count(self) -> None:
        self.entries += 1
        if self.entries > MAX_ENTRIES:
            raise ValueError(
                f"{_shown(self.path)}: it has more than {MAX_ENTRIES:,} files. Use --exclude."
            )

    def _read_file(self, path: str, entry: os.DirEntry[str]) -> None:
        known = is_stack_name(_shown(path))
        if not known and not path.lower().endswith(_RECOGNISED):
            return
        try:
            if entry.is_symlink() and not self._inside(entry.path):
                return
            status = entry.stat()
            if not S_ISREG(status.st_mode) or not self.found.is_new(status):
                return
            raw = content_of(entry.path)
        except FileNotFoundError:  # A link to nowhere.
            return
        except OSError as error:
            if known:
                self._add_problem(path, f"{error.strerror}.")
            return
        self._add(path, raw, known=known)

    def _inside(self, path: str) -> bool:
        return Path(path).resolve().is_relative_to(self.root)

    def _add(self, path: str, raw: bytes, *, known: bool) -> None:
        self.bytes += len(raw)
        try:
            stack = find_stack(raw, _shown(path))
        except FormatError as error:
            if known:
                self.found.files.append(StackFile(self._name(path), problems=error.problems))
            return
        self.stack_files += 1
        if self.stack_files > MAX_STACK_FILES or self.bytes > MAX_FOLDER_BYTES:
            raise ValueError(
                f"{_shown(self.path)}: it has more than {MAX_STACK_FILES:,} files to read, or more"
                f" than {MAX_FOLDER_BYTES // 1_000_000} MB. Use --exclude."
            )
        name = self._name(path)
        self.found.add(StackFile.of(stack, name))

    def _add_problem(self, path: str, message: str) -> None:
        self.found.files.append(
            StackFile(self._name(path), problems=[FormatProblem(0, "", message)])
        )

    def _name(self, path: str) -> str:
        """Return the path of a file as people would name it: `app/Dockerfile`."""
        return _shown(os.path.normpath(os.path.join(self.path, path)))


def content_of(path: str, limit: int | None = None) -> bytes:
    """Return the first bytes of a file, at most one more than the limit. Raises `OSError`."""
    with Path(path).open("rb") as file:
        return file.read((LIMITS.file_bytes if limit is None else limit) + 1)


def _shown(path: str) -> str:
    """Return a path as text that can be printed, whatever its bytes are."""
    return os.fsencode(path).decode("utf-8", "replace")


def _rules_above(root: Path) -> list[_Rules]:
    """Return the ignore rules of the repository that has a folder, the nearest first.

    Those of the folder itself are left out. Without a repository there are none.
    """
    rules = []
    for folder in (root, *root.parents):
        prefix = "".join(f"{part}/" for part in root.relative_to(folder).parts)
        if folder != root:
            rules.append(_Rules(_spec_of(folder / ".gitignore"), add=prefix))
        if (folder / ".git").exists():
            return [*rules, _Rules(_spec_of(folder / ".git/info/exclude"), add=prefix)]
    return []


def _spec_of(path: Path) -> GitIgnoreSpec:
    """Return the ignore rules in a file; none if it cannot be read."""
    try:
        return _spec(content_of(str(path)).decode("utf-8", "replace").splitlines())
    except OSError:
        return _spec(())


def _spec(lines: Iterable[str]) -> GitIgnoreSpec:
    """Return ignore rules. Patterns that are not valid match nothing, as in git."""
    valid = []
    for line in lines:
        with suppress(GitIgnorePatternError, re.error):
            GitIgnoreSpec.from_lines([line])
            valid.append(line)
    return GitIgnoreSpec.from_lines(valid)
