"""The command `check_stack` with a stack.yaml and with exceptions."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from releases.models import Identifier
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

EXCEPTION = """
exceptions:
  - product: node
    version: 14
    until: {until}
    reason: The legacy host moves in spring, OPS-311.
"""
REASON = "21 Nov 2026: The legacy host moves in spring, OPS-311."


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    """Node.js 14 has ended, and Django 4.2 has ended."""
    nodejs = make_product("nodejs", label="Node.js", aliases=["node"])
    make_cycle(nodejs, "24", release="2025-05-06", eol="2028-04-30")
    make_cycle(nodejs, "14", release="2020-04-21", eol="2023-04-30")
    django = make_product("django")
    Identifier.objects.create(product=django, type="purl", value="pkg:pypi/django")
    make_cycle(django, "4.2", release="2023-04-03", eol="2026-04-07")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the Dockerfile of the legacy host."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM node:14.21.3\n")
    return tmp_path


def run(*paths: str, **options: Any) -> tuple[str, str, str, int]:
    """Return the output, the errors, the reason of a failure, and the exit code."""
    out, err = StringIO(), StringIO()
    try:
        call_command("check_stack", *paths, stdout=out, stderr=err, **options)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), str(error), error.returncode
    return out.getvalue(), err.getvalue(), "", 0


def write(folder: Path, text: str, name: str = "exceptions.yaml") -> str:
    (folder / name).write_text(text)
    return name


@pytest.mark.parametrize("until", ["2026-11-22", "2026-11-21"])
def test_part_passes_until_the_last_day_of_its_exception(folder: Path, until: str) -> None:
    file = write(folder, EXCEPTION.format(until=until))
    output, errors, _, code = run("Dockerfile", fail_on=["eol"], exceptions=[file])
    assert (errors, code) == ("", 0)
    assert "Exception until" in output
    assert "OPS-311" in output


@pytest.mark.parametrize("fail_on", [["eol"], []])
def test_ended_exception_breaks_the_build_with_its_reason(folder: Path, fail_on: list[str]) -> None:
    """It does so without a rule, too."""
    file = write(folder, EXCEPTION.format(until="2026-11-20"))
    output, _, failure, code = run("Dockerfile", fail_on=fail_on, exceptions=[file])
    assert code == 1
    assert "Node.js 14.21.3" in failure
    assert "The exception ended on 20 Nov 2026: The legacy host moves in spring" in failure
    assert "The exception ended on 20 Nov 2026" in output


def test_exception_covers_no_other_part(folder: Path) -> None:
    write(folder, "Django==4.2.7\n", "requirements.txt")
    file = write(folder, EXCEPTION.format(until="2027-03-31"))
    _, _, failure, code = run("Dockerfile", "requirements.txt", fail_on=["eol"], exceptions=[file])
    assert (failure, code) == ("Broken rule eol: Django 4.2.7.", 1)


def test_exception_without_a_part_is_reported(folder: Path) -> None:
    file = write(folder, EXCEPTION.format(until="2027-03-31").replace("14", "12"))
    output, _, _, code = run("Dockerfile", fail_on=["eol"], exceptions=[file])
    assert code == 1
    assert "No part needs the exception for node 12." in output


def test_exception_for_an_unknown_product_is_named_with_its_line(folder: Path) -> None:
    file = write(folder, EXCEPTION.format(until="2027-03-31").replace("node", "nodde"))
    _, errors, _, code = run("Dockerfile", fail_on=["eol"], exceptions=[file])
    assert code == 1
    assert errors.strip() == "exceptions.yaml: line 3: exceptions: There is no product “nodde”."


def test_two_exceptions_for_one_part_are_refused(folder: Path) -> None:
    text = EXCEPTION.format(until="2027-03-31")
    file = write(folder, text + text.partition("exceptions:")[2])
    _, _, failure, code = run("Dockerfile", exceptions=[file])
    assert code == 2
    assert failure == (
        "exceptions.yaml: line 8: exceptions[1]: The exception in line 3 is for the same part."
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("exceptions: none\n", "line 1: exceptions[0]: Expected keys and values"),
        ("parts: []\n", "line 1: parts: Expected one of exceptions."),
        ("- 1\n", "line 1: Expected keys and values: exceptions."),
        ("{", "It is no YAML here."),
        ("exceptions:\n- product: node\n", "line 2: exceptions[0]: until is missing"),
        ("exceptions:\n- {product: node, until: soon, reason: x}\n", "“soon” is no date"),
        ("exceptions:\n- {product: node, until: 2027-02-30, reason: x}\n", "is no date"),
        ("exceptions:\n- {product: node, until: 2027-02-28, reason: }\n", "It is empty."),
        ("exceptions:\n- {product: 'a b', until: 2027-02-28, reason: x}\n", "is no name"),
        ("exceptions:\n- {product: node, end: 2027-02-28, reason: x}\n", "Expected one of product"),
    ],
)
def test_mistake_in_a_file_of_exceptions_is_named(folder: Path, text: str, problem: str) -> None:
    _, _, failure, code = run("Dockerfile", exceptions=[write(folder, text)])
    assert code == 2
    assert failure.startswith("exceptions.yaml: ")
    assert problem in failure


def test_missing_file_of_exceptions_is_named(folder: Path) -> None:
    assert run("Dockerfile", exceptions=["no.yaml"])[2:] == (
        "no.yaml: No such file or directory.",
        2,
    )


def test_stack_yaml_has_parts_files_rules_and_exceptions(folder: Path) -> None:
    (folder / "app").mkdir()
    write(folder / "app", "Django==4.2.7\n", "requirements.txt")
    text = """
        parts:
          - {name: legacy host, product: nodejs, version: 14}
          - file: app/requirements.txt
        rules: [eol]
    """
    lines = [line[8:] for line in text.splitlines()]
    file = write(folder, "\n".join(lines) + EXCEPTION.format(until="2027-03-31"), "stack.yaml")
    output, errors, failure, code = run(file)
    assert (errors, failure, code) == ("", "Broken rule eol: Django 4.2.7.", 1)
    assert "app/requirements.txt:1" in output
    assert "stack.yaml:3" in output


def test_exceptions_alone_are_a_stack_yaml_beside_other_files(folder: Path) -> None:
    """The stack.yaml of a folder is found as any other file."""
    write(folder, "rules: [eol]\n" + EXCEPTION.format(until="2027-03-31"), "stack.yaml")
    assert run(".")[2:] == ("", 0)
    write(folder, "rules: [eol]\n" + EXCEPTION.format(until="2026-11-20"), "stack.yaml")
    assert run(".")[3] == 1


def test_unknown_product_of_accepted_support_is_named(folder: Path) -> None:
    """By the key of the file, or by the option."""
    file = write(folder, "parts:\n  - image: node:24\naccept_extended: [nodde]\n", "stack.yaml")
    assert run(file)[2:] == ("accept_extended: there is no product “nodde”.", 2)
    _, _, failure, _ = run("Dockerfile", accept_extended=["nodde"])
    assert failure == "--accept-extended: there is no product “nodde”."


def test_file_of_a_stack_yaml_that_cannot_be_read_is_not_passed(folder: Path) -> None:
    file = write(folder, "parts:\n  - file: no.txt\n  - image: node:24\n", "stack.yaml")
    _, errors, failure, code = run(file)
    assert (code, failure.partition(". ")[0]) == (2, "Cannot be read: no.txt")
    assert "no.txt: No such file or directory." in errors


def test_file_of_a_stack_yaml_stays_in_its_folder(folder: Path) -> None:
    """A link out of it is not followed."""
    inside = folder / "inside"
    inside.mkdir()
    (inside / "Dockerfile").symlink_to(folder / "Dockerfile")
    text = "parts:\n  - file: Dockerfile\n  - image: node:24\n"
    write(inside, text, "stack.yaml")
    output, errors, _, code = run("inside/stack.yaml")
    assert code == 2
    assert "not in the folder of the file that names it" in errors
    assert "Node.js 14" not in output


def test_files_of_stack_yaml_that_name_each_other_are_read_once(folder: Path) -> None:
    write(folder, "parts:\n  - file: b.stack.yaml\n  - image: node:14\n", "a.stack.yaml")
    write(folder, "parts:\n  - file: a.stack.yaml\n  - image: node:24\n", "b.stack.yaml")
    output, errors, _, code = run("a.stack.yaml")
    assert (errors, code) == ("", 0)
    assert output.count("Node.js 24") == 1


PARTS = """
parts:
  - {name: legacy host, product: node, version: 14}
  - {name: new host, product: node, version: NEW}
  - {name: app, file: Dockerfile}
rules: eol
exceptions:
  - part: legacy host
    until: 2027-03-31
    reason: OPS-311.
"""


def test_exception_of_a_part_is_for_no_other_part(folder: Path) -> None:
    """A second host with the same version breaks the rule."""
    write(folder, "FROM node:24\n", "Dockerfile")
    assert run(write(folder, PARTS.replace("NEW", "24"), "stack.yaml"))[2:] == ("", 0)
    _, _, failure, code = run(write(folder, PARTS.replace("NEW", "14"), "stack.yaml"))
    assert (failure, code) == ("Broken rule eol: Node.js 14.", 1)


def test_names_of_parts_stand_beside_their_places(folder: Path) -> None:
    output = run(write(folder, PARTS.replace("NEW", "24"), "stack.yaml"))[0]
    assert "stack.yaml:3 (legacy host)" in output
    assert "stack.yaml:4 (new host)" in output


def test_exception_of_a_part_that_is_a_file(folder: Path) -> None:
    text = PARTS.replace("NEW", "24").replace(
        "- {name: legacy host, product: node, version: 14}", ""
    )
    of_app = text.replace("part: legacy host", "part: app\n    product: nodejs")
    assert run(write(folder, of_app, "stack.yaml"))[2:] == ("", 0)


def test_exception_of_files(folder: Path) -> None:
    (folder / "legacy").mkdir()
    write(folder / "legacy", "FROM node:14\n", "Dockerfile")
    text = EXCEPTION.format(until="2027-03-31").replace("version: 14", "file: legacy/*")
    file = write(folder, text)
    assert run("legacy", fail_on=["eol"], exceptions=[file])[3] == 0
    _, _, failure, code = run(".", fail_on=["eol"], exceptions=[file])
    assert code == 1
    assert failure.startswith("Broken rule eol: Node.js 14")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("part: legacy host", "part: old host", "There is no part “old host” in this file."),
        ("part: legacy host", "part: app", "exceptions[0]: product is missing"),
        ("part: legacy host", "part: app\n    file: x", "for a part or for files, not for both"),
        ("new host", "legacy host", "parts[1].name: Another part has this name."),
    ],
)
def test_mistake_in_the_part_of_an_exception_is_named(
    folder: Path, old: str, new: str, problem: str
) -> None:
    _, _, failure, code = run(write(folder, PARTS.replace(old, new), "stack.yaml"))
    assert code == 2
    assert problem in failure
