"""The formats of a stack report for continuous integration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from junitparser import Failure, JUnitXml, Skipped

from tests.management.test_check_stack_command import failure_of, output_of, write
from tests.stack_samples import make_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]


SCHEMA = Path(__file__).parents[1] / "presentation/sarif-2.1.0-rtm.5.json"
"""The schema of the OASIS standard, as npm's @microsoft/jest-sarif 1.0.0-beta.0 has it."""
EVERY_FINDING = "requests==1\nDjango==4.2.7\nDjango==77\nDjango==6.1\n./x\n"


@pytest.fixture
def stack() -> None:
    make_catalogue()


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Files with a finding of each kind."""
    return [
        write(tmp_path, EVERY_FINDING, "requirements.txt"),
        write(tmp_path, "FROM python:3.10\nFROM python:3.10.2\nFROM postgres\n", "Dockerfile"),
    ]


def test_github_annotations_have_files_and_lines(tmp_path: Path) -> None:
    """Broken rules are errors; support that ends soon is a warning without a rule."""
    files = [
        write(tmp_path, "requests==1\nDjango==4.2.7\n", "requirements.txt"),
        write(tmp_path, "FROM python:3.10\nFROM python:3.10.2\n", "Dockerfile"),
    ]
    lines, _, code = failure_of(*files, fail_on=["eol"], format="github")
    assert code == 1
    assert lines == [
        f"::error file={files[0]},line=2,title=Support has ended%3A Django 4.2.7::"
        "Django 4.2.7: Ordinary support ended 7 Apr 2026. Upgrade to 6.1 now.",
        f"::warning file={files[1]},line=1,title=Support ends soon%3A Python 3.10 and 3.10.2::"
        "Python 3.10 and 3.10.2: Ordinary support until 31 Dec 2026. Upgrade to 3.14 by"
        f" 31 Dec 2026. Also in {files[1]}:2.",
        "2 judged, 1 not recorded, 0 not pinned, as of 2026-11-21.",
        "Not in the catalogue: requests 1.",
    ]


def test_github_annotations_are_escaped(tmp_path: Path) -> None:
    """Neither a file nor a component can begin another workflow command."""
    (tmp_path / "a,b:c%\n::error ::x").mkdir()
    file = write(tmp_path, "a::b,100%==4\nDjango==4.2.7\n", "a,b:c%\n::error ::x/requirements.txt")
    lines = output_of(file, format="github")
    path = str(tmp_path) + "/a%2Cb%3Ac%25%0A%3A%3Aerror %3A%3Ax/requirements.txt"
    assert [line.split(",line")[0] for line in lines if line.startswith("::")] == [
        f"::warning file={path}"
    ] * 2


def test_strict_check_fails_for_unknown_and_unpinned_components(tmp_path: Path) -> None:
    file = write(tmp_path, "requests==1\npsycopg\nDjango>=4\n")
    lines, error, code = failure_of(file, strict=True, format="github")
    assert code == 1
    assert error == (
        "Broken rule strict, not in the catalogue: requests 1, psycopg."
        " Broken rule strict, without a version: Django."
    )
    assert [line.partition(",title=")[2] for line in lines[:3]] == [
        "Not in the catalogue%3A requests 1::requests 1 is not in the catalogue.",
        "Not in the catalogue%3A psycopg::psycopg is not in the catalogue.",
        "Without a version%3A Django::The version of Django is not known."
        " Pin it, or give a lock file.",
    ]


@pytest.mark.parametrize(
    ("text", "code"), [("Django==77", 1), ("Django==5.2.1", 0), ("Django==4.2.1", 0)]
)
def test_strict_check_fails_for_a_version_that_is_not_recorded(
    tmp_path: Path, text: str, code: int
) -> None:
    """It adds no rule: software without support is known."""
    file = write(tmp_path, text)
    if code:
        assert failure_of(file, strict=True)[1:] == (
            "Broken rule strict, not in the catalogue: Django 77.",
            1,
        )
    else:
        assert output_of(file, strict=True)


# ---- SARIF


def sarif(*files: str, **options: Any) -> list[dict[str, Any]]:
    """Return the results of a valid report."""
    lines, _, code = failure_of(*files, format="sarif", fail_on=["eol"], **options)
    assert code == 1
    document = json.loads("\n".join(lines))
    Draft4Validator(json.loads(SCHEMA.read_text())).validate(document)
    rules = document["runs"][0]["tool"]["driver"]["rules"]
    results: list[dict[str, Any]] = document["runs"][0]["results"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in results)
    return results


def test_sarif_has_files_and_lines(files: list[str]) -> None:
    """Code scanning shows the first location of a result only, so each place has a result."""
    found = [
        (
            each["ruleId"],
            each["level"],
            each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].split("/")[-1],
            each["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for each in sarif(*files)
    ]
    assert found == [
        ("ended", "error", "requirements.txt", 2),
        ("ends-soon", "warning", "Dockerfile", 1),
        ("ends-soon", "warning", "Dockerfile", 2),
        ("not-read", "warning", "requirements.txt", 5),
    ]


def test_strict_sarif_has_components_without_a_verdict(files: list[str]) -> None:
    found = {(each["ruleId"], each["level"]) for each in sarif(*files, strict=True)}
    assert found >= {("not-recorded", "error"), ("not-pinned", "error")}


def test_sarif_uri_is_relative_to_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is percent-encoded."""
    (tmp_path / "a b").mkdir()
    write(tmp_path, "Django==4.2.7", "a b/requirements.txt")
    monkeypatch.chdir(tmp_path)
    (result,) = sarif(".")
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "a%20b/requirements.txt"}


def test_sarif_fingerprint_outlives_a_move_in_the_file(tmp_path: Path) -> None:
    """Code scanning knows an alert again by it."""
    (before,) = sarif(write(tmp_path, "Django==4.2.7\n", "requirements.txt"))
    (after,) = sarif(write(tmp_path, "\n\nDjango==4.2.7\n", "requirements.txt"))
    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert before["locations"] != after["locations"]


# ---- JUnit


def test_junit_is_read_by_a_ci_parser(files: list[str]) -> None:
    """Rows are tests; what fails the check is a failure, and what has no verdict is skipped."""
    lines, _, _ = failure_of(*files, format="junit", fail_on=["eol"])
    report = JUnitXml.fromstring("\n".join(lines).encode())
    (suite,) = report
    results = {case.name: [type(each) for each in case.result] for case in suite}
    assert (suite.tests, suite.failures, suite.skipped) == (len(results), 1, 4)
    assert results == {
        "Django 4.2.7": [Failure],
        "Python 3.10 and 3.10.2": [],
        "Django 6.1.0": [],
        "Django 77": [Skipped],
        "requests 1": [Skipped],
        "postgres": [Skipped],
        files[0]: [Skipped],
    }
    failed = next(case for case in suite if case.name == "Django 4.2.7")
    assert failed.result[0].message == (
        "Django 4.2.7: Ordinary support ended 7 Apr 2026. Upgrade to 6.1 now."
    )
    assert failed.result[0].text == f"{files[0]}:2"


def test_junit_has_no_characters_that_xml_forbids(tmp_path: Path) -> None:
    (tmp_path / "\x01<&\x0b").mkdir()
    file = write(tmp_path, "Django==4.2.7\n", "\x01<&\x0b/requirements.txt")
    lines, _, _ = failure_of(file, format="junit", fail_on=["eol"])
    assert JUnitXml.fromstring("\n".join(lines).encode()).failures == 1


# ---- baselines


def baseline(tmp_path: Path, text: str, **options: Any) -> str:
    """Write the report on a text, and return its path."""
    lines = output_of(write(tmp_path, text, "requirements.txt"), format="json", **options)
    return write(tmp_path, "\n".join(lines), "baseline.json")


@pytest.mark.parametrize(
    ("before", "on", "after", "rules", "code"),
    [
        ("Django==4.2.7", "", "Django==4.2.7", ["eol"], 0),
        ("Django==4.2.7", "", "Django==4.2.8", ["eol"], 0),
        ("Django==5.2.1", "", "Django==4.2.7", ["eol"], 1),
        ("Django==4.2.7", "2026-04-07", "Django==4.2.7", ["eol"], 1),
        ("Django==4.2.7", "2026-01-01", "Django==4.2.7", ["ends-within=90d"], 1),
        ("Django==5.2.1", "", "Django==5.2.1", ["ends-within=526d"], 0),
        ("Django==5.2.1", "2026-11-20", "Django==5.2.1", ["ends-within=526d"], 1),
        ("Django==77", "", "Django==77", ["eol"], 0),
    ],
)
def test_only_what_is_new_since_the_baseline_fails(
    tmp_path: Path, before: str, on: str, after: str, rules: list[str], code: int
) -> None:
    """Another patch of a cycle is not new; an end, a deadline and another cycle are."""
    earlier = baseline(tmp_path, before, on=on)
    file = write(tmp_path, after, "requirements.txt")
    if code:
        assert failure_of(file, baseline=earlier, fail_on=rules)[2] == code
    else:
        lines = output_of(file, baseline=earlier, fail_on=rules)
        assert "1 known from the check of 2026-11-21 are not listed." in lines


def test_report_has_only_what_is_new(tmp_path: Path) -> None:
    """The summary counts everything."""
    earlier = baseline(tmp_path, "Django==4.2.7\nrequests==1\nDjango>=4\n")
    text = "Django==4.2.7\nDjango==6.1\nrequests==1\nrequests==2\n"
    file = write(tmp_path, text, "requirements.txt")
    lines, error, _ = failure_of(file, baseline=earlier, strict=True, fail_on=["eol"])
    assert [line.partition("  ")[0] for line in lines] == [
        "You run",
        "Django 6.1.0",
        "",
        "2 judged, 2 not recorded, 0 not pinned, as of 2026-11-21.",
        "1 known from the check of 2026-11-21 are not listed.",
        "Not in the catalogue: requests 2.",
    ]
    assert error == "Broken rule strict, not in the catalogue: requests 2."


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"on": "soon"}', "\x00", "[" * 10_000])
def test_other_files_are_no_baseline(tmp_path: Path, text: str) -> None:
    file = write(tmp_path, "Django==4.2.7", "requirements.txt")
    earlier = write(tmp_path, text, "baseline.json")
    assert failure_of(file, baseline=earlier)[1:] == (
        f"{earlier}: It is no report of an earlier check: expected the output of --format json.",
        2,
    )
    assert failure_of(file, baseline="nowhere")[1:] == ("nowhere: No such file or directory.", 2)


# ---- exceptions

EXCEPTIONS = """exceptions:
- product: django
  version: 4.2
  until: 2026-11-{day}
  reason: The old host moves in spring, OPS-311
"""


@pytest.mark.parametrize(("day", "rules"), [(21, ["eol"]), (22, ["eol", "ends-within=90d"])])
def test_accepted_part_passes_and_is_listed(tmp_path: Path, day: int, rules: list[str]) -> None:
    """The last day of an exception belongs to it."""
    file = write(tmp_path, "Django==4.2.7\n", "requirements.txt")
    exceptions = write(tmp_path, EXCEPTIONS.format(day=day), "exceptions.yaml")
    assert failure_of(file, fail_on=rules)[2] == 1
    lines = output_of(file, fail_on=rules, exceptions=[exceptions])
    reason = "The old host moves in spring, OPS-311."
    assert lines[-1] == f"Django 4.2.7: Exception until {day} Nov 2026: {reason}"
    annotations = output_of(file, fail_on=rules, exceptions=[exceptions], format="github")
    assert not [line for line in annotations if line.startswith("::")]


@pytest.mark.parametrize("rules", [[], ["eol"]])
def test_ended_exception_fails_with_its_reason(tmp_path: Path, rules: list[str]) -> None:
    file = write(tmp_path, "Django==4.2.7\n", "requirements.txt")
    exceptions = write(tmp_path, EXCEPTIONS.format(day=20), "exceptions.yaml")
    options: dict[str, Any] = {"fail_on": rules, "exceptions": [exceptions]}
    assert failure_of(file, **options)[1:] == (
        "Broken rule eol: Django 4.2.7. The exception ended on 20 Nov 2026: The old host moves in"
        " spring, OPS-311.",
        1,
    )
    lines, _, _ = failure_of(file, format="github", **options)
    assert lines[0].startswith(f"::error file={file},line=1,title=The exception has ended%3A ")


def test_accepted_part_is_suppressed_in_sarif(tmp_path: Path) -> None:
    text = "Django==4.2.7\nDjango==5.2.1\nFROM\n"
    file = write(tmp_path, text, "requirements.txt")
    exceptions = write(tmp_path, EXCEPTIONS.format(day=21), "exceptions.yaml")
    lines = output_of(file, exceptions=[exceptions], fail_on=["eol"], format="sarif")
    (result,) = json.loads("\n".join(lines))["runs"][0]["results"]
    assert (result["level"], result["suppressions"]) == (
        "warning",
        [{"kind": "external", "justification": "The old host moves in spring, OPS-311"}],
    )
