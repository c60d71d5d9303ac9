"""The command `check_stack`: its output and exit codes, as documented in docs/stack-check.md."""

from __future__ import annotations

import json
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from releases.domain.stack import MAX_PARTS
from releases.formats.stack import LIMITS
from releases.management.commands import check_stack
from releases.models import Identifier
from tests.factories import make_cycle, make_product, make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]

FILE = "Django==4.2.7\nrequests==2.32.0\n"


@pytest.fixture
def stack() -> None:
    """Django and Python, where Django 4.2 has ended and Python 3.10 ends in 40 days."""
    django, python = make_product("django"), make_product("python")
    Identifier.objects.create(product=django, type="purl", value="pkg:pypi/django")
    make_cycle(django, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30", lts="yes")
    old = make_cycle(django, "4.2", release="2023-04-03", eol="2026-04-07", latest="4.2.30")
    make_release(old, "4.2.30")
    make_cycle(python, "3.14", release="2025-10-07", eol="2030-10-31")
    make_cycle(python, "3.10", release="2021-10-04", eol="2026-12-31")


def write(folder: Path, text: str, name: str = "") -> str:
    """Write a file; without a name, it has that of its kind."""
    path = folder / (name or ("Dockerfile" if text.startswith("FROM") else "requirements.txt"))
    path.write_text(text)
    return str(path)


def output_of(*files: str, **options: Any) -> list[str]:
    """Return the printed lines of a command that succeeds."""
    out = StringIO()
    call_command("check_stack", *files, stdout=out, **options)
    return out.getvalue().splitlines()


def failure_of(*files: str, **options: Any) -> tuple[list[str], str, int]:
    """Return the printed lines of a command that fails, its error message, and its exit code."""
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("check_stack", *files, stdout=out, **options)
    return out.getvalue().splitlines(), str(caught.value), caught.value.returncode


# ---- output


def test_table_starts_with_the_most_urgent_component(tmp_path: Path) -> None:
    """Components that are not in the table are counted and listed."""
    project = "[project]\nrequires-python = '>=3.10'\ndependencies = ['Django~=5.2.1']\n"
    files = [
        write(tmp_path, FILE),
        write(tmp_path, "FROM python:3.10-slim\n", "Dockerfile"),
        write(tmp_path, project, "pyproject.toml"),
    ]
    assert [line.replace(f"{tmp_path}/", "") for line in output_of(*files)] == [
        "You run       Status             Ordinary support   What to do"
        "                       Where",
        "Django 4.2.7  End of life        ended 7 Apr 2026   Upgrade to 5.2 LTS now."
        "          requirements.txt:1",
        "Python 3.10   Active, ends soon  until 31 Dec 2026  Upgrade to 3.14 by 31 Dec 2026."
        "  Dockerfile:1",
        "Django 5.2    Security only      until 30 Apr 2028  Nothing to do yet."
        "               pyproject.toml:3",
        "",
        "3 judged, 1 not recorded, 0 not pinned, as of 2026-11-21.",
        "Not in the catalogue: requests 2.32.0.",
    ]


def test_markdown_table_is_escaped(tmp_path: Path) -> None:
    """It can be pasted into an issue."""
    lines = output_of(write(tmp_path, FILE + "a_b_c==1\n", "a_b"), format="markdown")
    assert lines[:2] == [
        "| You run | Status | Ordinary support | What to do | Where |",
        "| --- | --- | --- | --- | --- |",
    ]
    start = "| Django 4.2.7 | End of life | ended 7 Apr 2026 | Upgrade to 5.2 LTS now. | "
    assert lines[2].startswith(start)
    assert lines[2].endswith(r"a\_b:1 |")
    assert lines[3:] == [
        "",
        "- 1 judged, 2 not recorded, 0 not pinned, as of 2026-11-21.",
        r"- Not in the catalogue: requests 2.32.0, a\_b\_c 1.",
    ]


def test_json_has_iso_dates_and_null(tmp_path: Path) -> None:
    file = write(tmp_path, f"{FILE}FROM\npython\n./x\n", "requirements.txt")
    out, _, _ = failure_of(file, format="json", fail_on=["eol", "ends-within=9d"])
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
        "exception": None,
        "versions": ["4.2.7"],
        "places": [{"file": file, "line": 1, "part": None}],
        "ordinary_until": "2026-04-07",
        "instruction": "Upgrade to 5.2 LTS now.",
    }
    assert {key: answer[key] for key in answer if key != "items"} == {
        "on": "2026-11-21",
        "ok": False,
        "summary": "1 judged, 3 not recorded, 0 not pinned, as of 2026-11-21.",
        "counts": {"judged": 1, "not_recorded": 3, "not_pinned": 0},
        "unversioned": [],
        "unknown": [
            {
                "name": name,
                "version": version,
                "line": line,
                "places": [{"file": file, "line": line, "part": None}],
                "product": None,
            }
            for name, version, line in (
                ("requests", "2.32.0", 2),
                ("FROM", None, 3),
                ("python", None, 4),
            )
        ],
        "known": 0,
        "left_out": 0,
        "unused_exceptions": [],
        "files": [{"name": file, "kind": "requirements.txt"}],
        "problems": [
            {
                "file": file,
                "line": 5,
                "path": None,
                "message": "“./x” is no requirement such as Django==5.2.1.",
            }
        ],
    }


def test_component_without_a_version_is_listed_once(tmp_path: Path) -> None:
    lines = output_of(write(tmp_path, "FROM python\nFROM docker.io/python:slim\n"))
    assert lines[-2:] == [
        "0 judged, 0 not recorded, 1 not pinned, as of 2026-11-21.",
        "Without a version: python.",
    ]


def test_result_as_of_another_day(tmp_path: Path) -> None:
    lines = output_of(write(tmp_path, FILE), on="2026-04-07", fail_on=["eol"])
    assert lines[1].startswith(
        "Django 4.2.7  Active, ends soon  until 7 Apr 2026  Support ends on "
    )
    assert lines[3] == "1 judged, 1 not recorded, 0 not pinned, as of 2026-04-07."


def test_standard_input_is_read_like_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """An example is `pip freeze | manage.py check_stack -`."""
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(FILE.encode())))
    assert output_of("-")[1].startswith("Django 4.2.7  End of life")


def test_unreadable_lines_are_reported_without_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, f"{FILE}no requirement\n")
    assert "Django 4.2.7" in output_of(file)[1]
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
def test_exit_code_0_if_no_rule_is_broken(tmp_path: Path, text: str, rules: list[str]) -> None:
    """Unknown components break none."""
    assert output_of(write(tmp_path, text), fail_on=rules)


@pytest.mark.parametrize(
    ("text", "rules", "sentence"),
    [
        ("Django==4.2.7", ["eol"], "Broken rule eol: Django 4.2.7."),
        ("Django==4.2.7", ["ends-within=0d"], "Broken rule ends-within=0d: Django 4.2.7."),
        ("FROM python:3.10", ["ends-within=40d"], "Broken rule ends-within=40d: Python 3.10."),
        (
            "FROM python:3.10",
            ["eol", "ends-within=90d"],
            "Broken rule ends-within=90d: Python 3.10.",
        ),
        (
            "Django==4.2.7\nDjango==4.2.8\nDjango==5.2",
            ["eol", "ends-within=999d"],
            "Broken rule eol: Django 4.2.7 and 4.2.8."
            " Broken rule ends-within=999d: Django 4.2.7 and 4.2.8, Django 5.2.0.",
        ),
    ],
)
@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_exit_code_1_if_a_rule_is_broken(
    tmp_path: Path, text: str, rules: list[str], sentence: str, form: str
) -> None:
    """The rule and the components that break it are the last line."""
    lines, error, code = failure_of(write(tmp_path, text), fail_on=rules, format=form)
    assert (error, code) == (sentence, 1)
    assert len(lines) >= 4


@pytest.mark.parametrize(
    ("rule", "quoted"),
    [("soon", "soon"), ("ends-within=90", "ends-within=90"), ("eol ", "eol "), ("", "")],
)
def test_exit_code_2_for_an_invalid_rule(tmp_path: Path, rule: str, quoted: str) -> None:
    """The error names the expected values, and nothing is printed."""
    assert failure_of(write(tmp_path, FILE), fail_on=[rule]) == (
        [],
        f"“{quoted}” is no rule: expected eol, or ends-within=90d.",
        2,
    )


def test_exit_code_2_for_an_invalid_day(tmp_path: Path) -> None:
    lines, error, code = failure_of(write(tmp_path, FILE), on="2026-02-30")
    assert (lines, code) == ([], 2)
    assert error.startswith("--on: ")


def test_exit_code_2_for_unreadable_files(tmp_path: Path) -> None:
    """These are missing files and invalid names."""
    missing, good = str(tmp_path / "missing.txt"), write(tmp_path, FILE)
    assert failure_of(good, missing) == ([], f"{missing}: No such file or directory.", 2)
    assert failure_of(f"{good}/x") == ([], f"{good}/x: Not a directory.", 2)
    assert failure_of("\0")[2] == 2


def test_exit_code_2_for_other_files(tmp_path: Path) -> None:
    """Each problem has its file and line."""
    file = write(tmp_path, "[project]\nname = \n", "pyproject.toml")
    assert failure_of(file) == ([], f"{file}: line 2: It is no TOML here.", 2)
    prose = write(tmp_path, "This is\nno stack.\n")
    assert failure_of(prose)[1].splitlines() == [
        f"{prose}: It could not be read: it has more mistakes than components. It was read as"
        " requirements.txt.",
        f"{prose}: line 1: “This is” is no requirement such as Django==5.2.1.",
        f"{prose}: line 2: “no stack.” is no requirement such as Django==5.2.1.",
    ]


def test_exit_code_2_above_the_limits(tmp_path: Path) -> None:
    """One file and all files together have limits."""
    large = write(tmp_path, "#" * 10_000_001, "large.txt")
    assert failure_of(large) == ([], f"{large}: It is larger than 10 MB.", 2)
    many = [
        write(
            tmp_path,
            "".join(f"{name}{n}\n" for n in range(LIMITS.components)),
            f"requirements-{name}.txt",
        )
        for name in "ab"
    ]
    assert failure_of(*many) == ([], "The files have more than 20,000 components.", 2)
    assert output_of(many[0], many[0])  # the same ones


def test_exit_code_2_if_parts_are_left_out(tmp_path: Path) -> None:
    """One of them could break a rule."""
    text = "".join(f"Django==5.2.{number}\n" for number in range(MAX_PARTS + 2))
    file = write(tmp_path, text)
    lines, error, code = failure_of(file, fail_on=["eol"])
    assert (error, code) == (
        "2 more parts left out; the maximum is 500. Check the files in parts.",
        2,
    )
    assert lines[1].startswith("Django 5.2.0, 5.2.1, 5.2.2 and 497 more")
    out, _, _ = failure_of(file, fail_on=["eol"], format="json")
    assert json.loads("\n".join(out))["ok"] is False


@pytest.mark.parametrize("arguments", [[], ["x", "--format", "yaml"], ["x", "--fail-on"]])
def test_exit_code_2_for_invalid_arguments(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The usage is printed."""
    with pytest.raises(SystemExit) as caught:
        check_stack.Command().run_from_argv(["manage.py", "check_stack", *arguments])
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: manage.py check_stack ")


def test_command_module_is_short() -> None:
    """The logic lives in other modules."""
    assert len(Path(check_stack.__file__).read_text().splitlines()) <= 40


# ---- extended support ----------------------------------------------------------------------------


@pytest.fixture
def images(tmp_path: Path) -> str:
    """Node.js 18 with commercial support, and Debian 12 with free LTS."""
    node = make_product("nodejs", label="Node.js", aliases=["node"], extended_terms="contract")
    node.eoes_label = "Commercial Support"
    node.save()
    make_cycle(node, "18", release="2022-04-19", eol="2025-04-30", eoes="no")
    debian = make_product("debian", label="Debian", extended_terms="free")
    make_cycle(debian, "12", release="2023-06-10", eol="2026-07-11", eoes="2028-06-30")
    return write(tmp_path, "FROM node:18\nFROM debian:12\n", "Dockerfile")


def test_failure_has_the_day_and_the_flag(images: str) -> None:
    """Free extended support counts as support."""
    lines, sentence, code = failure_of(images, fail_on=["eol"])
    assert code == 1
    assert sentence == (
        "Broken rule eol: Node.js 18. Security support of Node.js 18 ended on 30 Apr 2025."
        " Commercial support continues; no end announced. If you have that support, add"
        " --accept-extended nodejs."
    )
    assert lines[1].split()[:8] == [
        "Node.js",
        "18",
        "Extended",
        "only",
        "ended",
        "30",
        "Apr",
        "2025",
    ]


@pytest.mark.parametrize("accepted", [["nodejs"], ["node"], ["all"], []])
def test_accepted_extended_support_passes(images: str, accepted: list[str]) -> None:
    """Products are accepted by name or alias; the flag without names accepts all."""
    lines = output_of(images, fail_on=["eol"], accept_extended=accepted)
    assert any("Commercial support, no end announced." in line for line in lines[1:3])


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
def test_unknown_accepted_product_is_an_error(
    images: str, accepted: list[str], sentence: str
) -> None:
    assert failure_of(images, accept_extended=accepted)[1:] == (sentence, 2)


def test_flag_takes_names_until_the_next_option(images: str) -> None:
    out = StringIO()
    call_command(
        "check_stack", images, "--accept-extended", "nodejs", "--fail-on", "eol", stdout=out
    )
    assert "2 judged, 0 not recorded" in out.getvalue()
