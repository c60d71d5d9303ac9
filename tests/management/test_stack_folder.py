"""The stack check of a folder: the files that are read, ignored, listed and refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from releases.management import stack_files
from releases.management.stack_files import read_paths
from tests.management.test_check_stack_command import failure_of, output_of
from tests.stack_samples import make_catalogue

TEXT = "Django==4.2.7\n"


def write(folder: Path, *names: str, text: str = TEXT) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def read(folder: Path, *exclude: str) -> list[str]:
    """Return the names of the files that are read, relative to the folder."""
    return [os.path.relpath(file.name, folder) for file in read_paths([str(folder)], exclude)]


def test_files_of_known_kinds_are_read(tmp_path: Path) -> None:
    write(tmp_path, "requirements.txt", "b/requirements.txt", "a/x/requirements.txt")
    write(tmp_path, "README.md", "app.py", "Gemfile")
    assert read(tmp_path) == ["requirements.txt", "a/x/requirements.txt", "b/requirements.txt"]


def test_names_are_relative_as_the_folder_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub finds annotated files by paths from the root of the repository."""
    write(tmp_path, "app/requirements.txt")
    monkeypatch.chdir(tmp_path)
    assert [file.name for file in read_paths(["."])] == ["app/requirements.txt"]
    assert [file.name for file in read_paths(["app"])] == ["app/requirements.txt"]


def test_git_ignores_the_same_files(tmp_path: Path) -> None:
    """Rules of nested folders, of the repository above, negations, and of the repository itself."""
    names = [
        f"{folder}requirements.txt"
        for folder in ("", "build/", "lib/build/", "lib/kept/", "old/", "a/b/c/", "a/d/", "e/f/")
    ]
    write(tmp_path, *names, "a/requirements-dev.txt", "own/requirements.txt")
    write(tmp_path, ".gitignore", text="build/\n/old\n!\n*-dev.txt\n[z-a]\n")
    write(tmp_path, "lib/.gitignore", text="!build/\nkept/*\n!kept/requirements.txt\n")
    write(tmp_path, "a/.gitignore", text="b/**\n!requirements-dev.txt\n/d\n")
    write(tmp_path, "e/.gitignore", text="*\n!f/\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    write(tmp_path, ".git/info/exclude", text="own\n")
    command = ["git", "ls-files", "--others", "--exclude-standard"]
    for folder in (tmp_path, tmp_path / "lib", tmp_path / "a", tmp_path / "e"):
        listed = subprocess.check_output(command, cwd=folder, text=True).splitlines()
        expected = sorted(name for name in listed if name.endswith(".txt"))
        assert sorted(read(folder)) == expected


def test_excluded_files_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "requirements.txt", "tests/requirements.txt", "b/requirements-dev.txt")
    assert read(tmp_path, "tests/", "*-dev.txt") == ["requirements.txt"]


@pytest.mark.parametrize("name", [".git", "node_modules", ".tox", "venv"])
def test_folders_of_other_software_are_left_out(tmp_path: Path, name: str) -> None:
    """A virtual environment may have any name."""
    write(tmp_path, "requirements.txt", f"sub/{name}/requirements.txt")
    if name == "venv":
        write(tmp_path, "sub/venv/pyvenv.cfg")
    assert read(tmp_path) == ["requirements.txt"]


def test_each_file_is_read_once(tmp_path: Path) -> None:
    """Links in the folder and repeated arguments are the same file."""
    write(tmp_path, "requirements.txt")
    (tmp_path / "requirements-link.txt").symlink_to("requirements.txt")
    os.link(tmp_path / "requirements.txt", tmp_path / "requirements-hard.txt")
    paths = [str(tmp_path), str(tmp_path / "requirements.txt"), str(tmp_path)]
    assert len(read_paths(paths)) == 1


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    write(outside, "requirements.txt")
    write(folder, "sub/requirements.txt")
    (folder / "requirements.txt").symlink_to(outside / "requirements.txt")
    (folder / "all").symlink_to(outside)
    (folder / "sub/loop").symlink_to(folder)
    (folder / "requirements-broken.txt").symlink_to("nowhere")
    assert read(folder) == ["sub/requirements.txt"]


def test_pipes_are_not_read(tmp_path: Path) -> None:
    """Reading one would never end."""
    os.mkfifo(tmp_path / "requirements.txt")
    assert read(tmp_path) == []


@pytest.mark.parametrize(
    ("limit", "value", "says"),
    [
        ("MAX_ENTRIES", 2, "more than 2 files. Use --exclude."),
        ("MAX_STACK_FILES", 1, "more than 1 files to read, or more than 200 MB. Use --exclude."),
        ("MAX_FOLDER_BYTES", 10, "or more than 0 MB. Use --exclude."),
        ("MAX_DEPTH", 1, "folders are deeper than 1."),
    ],
)
def test_large_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, says: str
) -> None:
    write(tmp_path, "a/b/requirements.txt", "requirements.txt")
    assert len(read(tmp_path)) == 2
    monkeypatch.setattr(stack_files, limit, value)
    with pytest.raises(ValueError, match=says):
        read_paths([str(tmp_path)])


def test_unreadable_file_names_are_printable(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff\n"
    os.mkdir(folder)
    Path(os.fsdecode(folder), "requirements.txt").write_text(TEXT)
    (file,) = read_paths([str(tmp_path)])
    assert file.name.encode().endswith("/\ufffd\n/requirements.txt".encode())


# ---- the command


@pytest.fixture
def _catalogue(db: Any) -> None:
    make_catalogue()


@pytest.mark.usefixtures("_catalogue")
def test_answer_is_for_the_whole_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A component has all files and lines that name it."""
    write(tmp_path, "requirements.txt", "app/requirements.txt", text=f"\n{TEXT}requests==1\n")
    monkeypatch.chdir(tmp_path)
    answer = json.loads("\n".join(output_of(".", format="json")))
    (item,) = answer["items"]
    assert item["places"] == [
        {"file": "app/requirements.txt", "line": 2, "part": None},
        {"file": "requirements.txt", "line": 2, "part": None},
    ]
    assert [each["file"] for each in answer["unknown"][0]["places"]] == [
        "requirements.txt",
        "app/requirements.txt",
    ]


@pytest.mark.usefixtures("_catalogue")
def test_files_that_cannot_be_read_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken rule comes first; otherwise the exit code is 2, as nobody knows what is in them."""
    write(tmp_path, "requirements.txt")
    write(tmp_path, "sub/pyproject.toml", text="[project\n")
    monkeypatch.chdir(tmp_path)
    assert failure_of(".", fail_on=["eol"])[2] == 1
    lines, error, code = failure_of(".")
    assert (error, code) == (
        "Cannot be read: sub/pyproject.toml. Use --exclude if that is right.",
        2,
    )
    assert "Cannot be read: sub/pyproject.toml." in lines
    assert "sub/pyproject.toml: line 1: " in capsys.readouterr().err
    assert output_of(".", exclude=["sub"])


@pytest.mark.usefixtures("_catalogue")
def test_file_without_components_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project has many of them, such as settings of tools in pyproject.toml."""
    write(tmp_path, "requirements.txt")
    write(tmp_path, "pyproject.toml", text="[tool.ruff]\nline-length = 100\n")
    monkeypatch.chdir(tmp_path)
    assert output_of(".")


def test_folder_without_stack_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "README.md", "data.json", text="{}")
    assert failure_of(str(tmp_path)) == (
        [],
        f"{tmp_path}: there is no file of a known kind.",
        2,
    )
    shutil.rmtree(tmp_path)
    assert failure_of(str(tmp_path)) == ([], f"{tmp_path}: No such file or directory.", 2)
