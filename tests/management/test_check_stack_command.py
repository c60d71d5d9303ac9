"""`manage.py check_stack`: what it prints, and its exit codes, as docs/stack-check.md has them."""

from __future__ import annotations

import json
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from releases.formats.stack import MAX_COMPONENTS
from releases.management.commands import check_stack
from releases.models import Identifier
from tests.factories import make_cycle, make_product, make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]

FILE = "Django==4.2.7\nrequests==2.32.0\n"


@pytest.fixture
def stack() -> None:
    """Django and Python, of which 4.2 is over and 3.10 ends in 40 days."""
    django, python = make_product("django"), make_product("python")
    Identifier.objects.create(product=django, type="purl", value="pkg:pypi/django")
    make_cycle(django, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30", lts="yes")
    old = make_cycle(django, "4.2", release="2023-04-03", eol="2026-04-07", latest="4.2.30")
    make_release(old, "4.2.30")
    make_cycle(python, "3.14", release="2025-10-07", eol="2030-10-31")
    make_cycle(python, "3.10", release="2021-10-04", eol="2026-12-31")


def write(folder: Path, text: str, name: str = "stack.txt") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def said(*files: str, **options: Any) -> list[str]:
    """The lines that the command prints where all is well: no error is exit code 0."""
    out = StringIO()
    call_command("check_stack", *files, stdout=out, **options)
    return out.getvalue().splitlines()


def failing(*files: str, **options: Any) -> tuple[list[str], str, int]:
    """The lines of a command that fails, its last sentence, and its exit code."""
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("check_stack", *files, stdout=out, **options)
    return out.getvalue().splitlines(), str(caught.value), caught.value.returncode


# ---- what it prints


def test_a_table(tmp_path: Path) -> None:
    """The most urgent first; what is not in it is counted and named."""
    project = "[project]\nrequires-python = '>=3.10'\ndependencies = ['Django~=5.2.1']\n"
    files = [
        write(tmp_path, FILE),
        write(tmp_path, "FROM python:3.10-slim\n", "Dockerfile"),
        write(tmp_path, project, "pyproject.toml"),
    ]
    assert said(*files) == [
        "You run       Status             Supported until  Days left  Latest  What to do",
        "Django 4.2.7  End of life        7 Apr 2026       -          4.2.30  Upgrade now",
        "Python 3.10   Active, ends soon  31 Dec 2026      40         -"
        "       Plan the upgrade now: 40 days left",
        "Django 5.2    Security only      30 Apr 2028      526        -       Security fixes only",
        "",
        "3 parts in the catalogue, as of 2026-11-21.",
        "Not in the catalogue: requests 2.32.0.",
    ]


def test_a_table_in_markdown(tmp_path: Path) -> None:
    """To paste into an issue; whatever a file says is shown as it is."""
    lines = said(write(tmp_path, FILE + "a_b_c==1\n"), format="markdown")
    assert lines[:3] == [
        "| You run | Status | Supported until | Days left | Latest | What to do |",
        "| --- | --- | --- | --- | --- | --- |",
        "| Django 4.2.7 | End of life | 7 Apr 2026 | - | 4.2.30 | Upgrade now |",
    ]
    assert lines[3:] == [
        "",
        "- 1 part in the catalogue, as of 2026-11-21.",
        r"- Not in the catalogue: requests 2.32.0, a\_b\_c 1.",
    ]


def test_json(tmp_path: Path) -> None:
    """For programs: dates as they are written in ISO 8601, what is not known is null."""
    file = write(tmp_path, f"{FILE}FROM\npython\n./x\n")
    out, _, _ = failing(file, format="json", fail_on=["eol", "ends-within=9d"])
    answer = json.loads("\n".join(out))
    (item,) = answer["items"]
    assert item["headlines"]
    assert item["reasons"]
    assert {key: item[key] for key in item if key not in ("headlines", "reasons")} == {
        "accepted": False,
        "product": "django",
        "label": "Django",
        "version": "4.2.7",
        "cycle": "4.2",
        "status": "eol",
        "answer": "unsupported",
        "until": "2026-04-07",
        "precision": "day",
        "days_left": None,
        "latest": "4.2.30",
        "data_as_of": "2025-04-02",
        "data_is_old": True,
        "breaks": ["eol", "ends-within=9d"],
    }
    assert {key: answer[key] for key in answer if key != "items"} == {
        "on": "2026-11-21",
        "ok": False,
        "unversioned": [],
        "unknown": [
            {"name": "requests", "version": "2.32.0", "line": 2},
            {"name": "FROM", "version": None, "line": 3},
            {"name": "python", "version": None, "line": 4},
        ],
        "left_out": 0,
        "problems": [f"{file}: line 5: “./x” is no requirement such as Django==5.2.1."],
    }


def test_what_has_no_version_is_named(tmp_path: Path) -> None:
    """Once, however often it is there."""
    lines = said(write(tmp_path, "FROM python\nFROM docker.io/python:slim\n"))
    assert lines[-2:] == [
        "0 parts in the catalogue, as of 2026-11-21.",
        "Without a version: python.",
    ]


def test_another_day(tmp_path: Path) -> None:
    """As of which the whole answer is."""
    lines = said(write(tmp_path, FILE), on="2026-04-07", fail_on=["eol"])
    assert lines[1].startswith("Django 4.2.7  Active, ends soon  7 Apr 2026       0  ")
    assert lines[3] == "1 part in the catalogue, as of 2026-04-07."


def test_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a file like others: `pip freeze | manage.py check_stack -`."""
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(FILE.encode())))
    assert said("-")[1].startswith("Django 4.2.7  End of life")


def test_lines_that_cannot_be_read_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside the answer, which is about the rest; alone they are no failure."""
    file = write(tmp_path, f"{FILE}no requirement\n")
    assert "Django 4.2.7" in said(file)[1]
    expected = "line 3: “no requirement” is no requirement such as Django==5.2.1."
    assert capsys.readouterr().err == f"{file}: {expected}\n"


# ---- exit codes


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Django==4.2.7", []),
        ("Django==5.2.1", ["eol"]),
        ("FROM python:3.10", ["eol"]),
        ("FROM python:3.10", ["ends-within=39d"]),
        ("Django==9.9", ["eol", "ends-within=99999d"]),
        ("FROM python", ["eol"]),
        ("requests==1", ["eol"]),
    ],
)
def test_exit_code_0(tmp_path: Path, text: str, rules: list[str]) -> None:
    """No rule is broken. What is not known breaks none."""
    assert said(write(tmp_path, text), fail_on=rules)


@pytest.mark.parametrize(
    ("text", "rules", "sentence"),
    [
        ("Django==4.2.7", ["eol"], "--fail-on eol: Django 4.2.7."),
        ("Django==4.2.7", ["ends-within=0d"], "--fail-on ends-within=0d: Django 4.2.7."),
        ("FROM python:3.10", ["ends-within=40d"], "--fail-on ends-within=40d: Python 3.10."),
        ("FROM python:3.10", ["eol", "ends-within=90d"], "--fail-on ends-within=90d: Python 3.10."),
        (
            "Django==4.2.7\nDjango==4.2.8\nDjango==5.2",
            ["eol", "ends-within=999d"],
            "--fail-on eol: Django 4.2.7, Django 4.2.8."
            " --fail-on ends-within=999d: Django 4.2.7, Django 4.2.8, Django 5.2.0.",
        ),
    ],
)
@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_exit_code_1(tmp_path: Path, text: str, rules: list[str], sentence: str, form: str) -> None:
    """A rule is broken: which, and by what, is the last thing said, after the whole answer."""
    lines, error, code = failing(write(tmp_path, text), fail_on=rules, format=form)
    assert (error, code) == (sentence, 1)
    assert len(lines) >= 4


@pytest.mark.parametrize(
    ("rule", "quoted"),
    [("soon", "soon"), ("ends-within=90", "ends-within=90"), ("eol ", "eol "), ("", "")],
)
def test_exit_code_2_for_a_rule_that_is_none(tmp_path: Path, rule: str, quoted: str) -> None:
    """Nothing is printed but what was expected."""
    assert failing(write(tmp_path, FILE), fail_on=[rule]) == (
        [],
        f"“{quoted}” is no rule: expected eol, or ends-within=90d.",
        2,
    )


def test_exit_code_2_for_a_day_that_is_none(tmp_path: Path) -> None:
    lines, error, code = failing(write(tmp_path, FILE), on="2026-02-30")
    assert (lines, code) == ([], 2)
    assert error.startswith("--on: ")


def test_exit_code_2_for_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing ones, folders, and names that no file can have."""
    missing, good = str(tmp_path / "missing.txt"), write(tmp_path, FILE)
    assert failing(good, missing) == ([], f"{missing}: No such file or directory.", 2)
    assert failing(str(tmp_path)) == ([], f"{tmp_path}: Is a directory.", 2)
    assert failing(f"{good}/x") == ([], f"{good}/x: Not a directory.", 2)
    assert failing("\0")[2] == 2


def test_exit_code_2_for_what_is_no_stack(tmp_path: Path) -> None:
    """Each problem with file and line."""
    file = write(tmp_path, "[project]\nname = \n")
    assert failing(file) == ([], f"{file}: line 2: It is no TOML here.", 2)
    prose = write(tmp_path, "This is\nno stack.\n")
    assert failing(prose)[1].splitlines() == [
        f"{prose}: It names no packages or images. It was read as requirements.txt.",
        f"{prose}: line 1: “This is” is no requirement such as Django==5.2.1.",
        f"{prose}: line 2: “no stack.” is no requirement such as Django==5.2.1.",
    ]


def test_exit_code_2_for_too_much(tmp_path: Path) -> None:
    """Of one file, and of all of them together."""
    large = write(tmp_path, "#" * 1_000_001, "large.txt")
    assert failing(large) == ([], f"{large}: It is larger than 1 MB.", 2)
    many = [
        write(tmp_path, "".join(f"{name}{n}\n" for n in range(MAX_COMPONENTS)), f"{name}.txt")
        for name in "ab"
    ]
    assert failing(*many) == ([], "The files have more than 5,000 components.", 2)
    assert said(many[0], many[0])  # the same ones


@pytest.mark.parametrize("arguments", [[], ["x", "--format", "yaml"], ["x", "--fail-on"]])
def test_exit_code_2_for_arguments_that_are_wrong(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """And how to write them."""
    with pytest.raises(SystemExit) as caught:
        check_stack.Command().run_from_argv(["manage.py", "check_stack", *arguments])
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: manage.py check_stack ")


def test_the_command_is_short() -> None:
    """What there is to it stands elsewhere."""
    assert len(Path(check_stack.__file__).read_text().splitlines()) <= 40


# ---- extended support ----------------------------------------------------------------------------


@pytest.fixture
def images(tmp_path: Path) -> str:
    """Node.js 18, whose commercial support goes on, and Debian 12, which has free LTS."""
    node = make_product("nodejs", label="Node.js", aliases=["node"], extended_terms="contract")
    node.eoes_label = "Commercial Support"
    node.save()
    make_cycle(node, "18", release="2022-04-19", eol="2025-04-30", eoes="no")
    debian = make_product("debian", label="Debian", extended_terms="free")
    make_cycle(debian, "12", release="2023-06-10", eol="2026-07-11", eoes="2028-06-30")
    return write(tmp_path, "FROM node:18\nFROM debian:12\n", "Dockerfile")


def test_a_failure_names_the_day_and_the_flag(images: str) -> None:
    """Free extended support is support."""
    lines, sentence, code = failing(images, fail_on=["eol"])
    assert code == 1
    assert sentence == (
        "--fail-on eol: Node.js 18. Security support of Node.js 18 ended on 30 Apr 2025. Commercial"
        " support continues; no end announced. If you have that support, add --accept-extended"
        " nodejs."
    )
    assert lines[1].split()[:8] == ["Node.js", "18", "Extended", "only", "30", "Apr", "2025", "-"]


@pytest.mark.parametrize("accepted", [["nodejs"], ["node"], ["all"], []])
def test_accepted_extended_support_passes(images: str, accepted: list[str]) -> None:
    """By name, by alias, or all of it; a flag without names accepts all."""
    lines = said(images, fail_on=["eol"], accept_extended=accepted)
    assert lines[1].endswith("Commercial support, no end announced") or lines[2].endswith(
        "Commercial support, no end announced"
    )


@pytest.mark.parametrize(
    ("accepted", "sentence"),
    [
        (["nodjs"], "--accept-extended: there is no product “nodjs”."),
        (
            ["node js"],
            "--accept-extended: “node js” is ignored: expected the name of a product, such as"
            " nodejs, or all.",
        ),
    ],
)
def test_what_cannot_be_accepted_is_an_error(
    images: str, accepted: list[str], sentence: str
) -> None:
    assert failing(images, accept_extended=accepted)[1:] == (sentence, 2)


def test_the_flag_takes_names_until_the_next_option(images: str) -> None:
    out = StringIO()
    call_command(
        "check_stack", images, "--accept-extended", "nodejs", "--fail-on", "eol", stdout=out
    )
    assert "2 parts in the catalogue" in out.getvalue()
