"""Values of CI and infrastructure files: variables, expressions, matrices, and their limits.

`tests/stacks` has whole files.
"""

from __future__ import annotations

import pytest

from releases.formats.errors import FormatError
from releases.formats.stack import read_stack
from releases.formats.stack.kinds import terraform, workflow
from releases.formats.stack.kinds.vagrant import _system
from releases.formats.stack.matrix import MAX_COMBINATIONS, combinations
from releases.formats.stack.variables import UNKNOWN, cut_reference, substitute

WORKFLOW = ".github/workflows/test.yml"


def names(text: str, name: str) -> list[str]:
    return [str(each) for each in read_stack(text, name).components]


def job(text: str) -> str:
    """Return a workflow with one job."""
    return "on: push\njobs:\n  test:\n" + "".join(f"    {line}\n" for line in text.splitlines())


# ---- variables -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$V", "3.12"),
        ("${V}", "3.12"),
        ("${V:-3.13}", "3.12"),
        ("${EMPTY:-3.13}", "3.13"),
        ("${EMPTY-3.13}", ""),
        ("${W:-${X:-3.11}}", "3.11"),
        ("${V:+-slim}", "-slim"),
        ("${W:+-slim}", ""),
        ("${W}", UNKNOWN),
        ("${W:?needed}", UNKNOWN),
        ("${V%.*}", UNKNOWN),
        ("$(TAG)", UNKNOWN),
        ("a$", f"a{UNKNOWN}"),
        ("${V", f"{UNKNOWN}{{V"),
    ],
)
def test_variable_has_its_value_its_default_or_none(text: str, expected: str) -> None:
    assert substitute(text, {"V": "3.12", "EMPTY": ""}) == expected


def test_variables_that_contain_each_other_do_not_grow() -> None:
    values = {"A": "$B$B" * 100, "B": "$A$A" * 100}
    assert len(substitute("$A", values)) <= 500


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("python:3.12-slim", "python:3.12-slim"),
        (f"python:{UNKNOWN}", "python"),
        (f"python:3.{UNKNOWN}", "python"),
        (f"python:3.12-{UNKNOWN}", "python:3.12"),
        (f"python:3.12@{UNKNOWN}", "python:3.12"),
        (f"localhost:5000/python:{UNKNOWN}", "localhost:5000/python"),
        (f"localhost:{UNKNOWN}/python:3.12", ""),
        (f"{UNKNOWN}/python:3.12", ""),
        (f"python{UNKNOWN}", ""),
        (UNKNOWN, ""),
    ],
)
def test_unknown_part_of_an_image_is_no_version(reference: str, expected: str) -> None:
    assert cut_reference(reference) == expected


# ---- matrices and expressions --------------------------------------------------------------------


def test_combinations_are_limited() -> None:
    assert combinations({}) == []
    assert combinations({"a": ["1", "2"], "b": ["3"]}) == [
        {"a": "1", "b": "3"},
        {"a": "2", "b": "3"},
    ]
    assert combinations({"a": ["1"] * (MAX_COMBINATIONS + 1)}) == []


def test_versions_of_a_matrix_that_is_too_large_are_unknown() -> None:
    values = ", ".join(map(str, range(MAX_COMBINATIONS + 1)))
    text = f"""runs-on: ubuntu-22.04
strategy:
  matrix: {{node: [{values}]}}
container: node:${{{{ matrix.node }}}}
steps: []"""
    assert names(job(text), WORKFLOW) == ["ubuntu 22.04", "node"]


def test_values_of_different_combinations_are_not_mixed() -> None:
    text = """runs-on: ubuntu-22.04
strategy:
  matrix:
    include:
      - {image: debian, tag: "10"}
      - {image: fedora, tag: "33"}
container: ${{ matrix.image }}:${{ matrix.tag }}"""
    assert names(job(text), WORKFLOW) == ["ubuntu 22.04", "debian 10", "fedora 33"]


def test_excluded_combination_is_not_read() -> None:
    text = """runs-on: ${{ matrix.os }}
strategy:
  matrix:
    os: [ubuntu-20.04, ubuntu-22.04]
    python: ["3.8"]
    exclude: [{os: ubuntu-20.04}]"""
    assert names(job(text), WORKFLOW) == ["ubuntu 22.04"]


@pytest.mark.parametrize(
    ("runner", "expected"),
    [
        ("ubuntu-22.04-arm", ["ubuntu 22.04"]),
        ("windows-2022", ["windows-server 2022"]),
        ("macos-13-xlarge", ["macos 13"]),
        ("buildjet-4vcpu-ubuntu-2204", ["ubuntu 22.04"]),
        ("ubuntu-latest", ["ubuntu"]),
        ("${{ matrix.os || 'macos-12' }}", ["macos 12"]),
        (
            "${{ github.fork && 'ubuntu-20.04' || 'ubuntu-22.04' }}",
            ["ubuntu 20.04", "ubuntu 22.04"],
        ),
    ],
)
def test_runner(runner: str, expected: list[str]) -> None:
    text = f'runs-on: "{runner}"\nstrategy: {{matrix: {{a: [1]}}}}'
    assert names(job(text), WORKFLOW) == expected


@pytest.mark.parametrize(
    "runner",
    ["windows-11-arm", "[self-hosted, ubuntu-20.04]", "linux", "${{ vars.RUNNER }}", "ubuntu-22"],
)
def test_runner_that_names_no_system(runner: str) -> None:
    with pytest.raises(FormatError, match="It names no packages or images"):
        read_stack(job(f"runs-on: {runner}"), WORKFLOW)


def test_expressions_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "MAX_EVALUATIONS", 5)
    text = "runs-on: ${{ matrix.os }}\nstrategy: {matrix: {os: [a, b, c, d, e, f]}}"
    with pytest.raises(FormatError, match="too many combinations"):
        read_stack(job(text), WORKFLOW)


def test_changes_of_a_matrix_are_limited() -> None:
    axis = ", ".join(map(str, range(200)))
    text = f"""runs-on: ubuntu-22.04
strategy:
  matrix: {{a: [{axis}], include: [{"{b: 1}, " * 600}]}}"""
    with pytest.raises(FormatError, match="too many combinations"):
        read_stack(job(text), WORKFLOW)


def test_value_that_contains_itself_is_unknown() -> None:
    text = """env: {A: "${{ env.B }}", B: "${{ env.A }}"}
runs-on: ubuntu-22.04
container: node:${{ env.A }}"""
    assert names(job(text), WORKFLOW) == ["ubuntu 22.04", "node"]


# ---- other files ---------------------------------------------------------------------------------


def test_terraform_is_parsed_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks without versions do not count."""
    text = 'resource "aws_eks_cluster" "a" {\n  version = "1.30"\n}\n'
    monkeypatch.setattr(terraform, "MAX_PARSED", len(text))
    other = 'resource "aws_vpc" "a" {\n  cidr_block = "10.0.0.0/16"\n}\n' * 100
    assert names(text + other, "main.tf") == ["amazon-eks 1.30"]
    with pytest.raises(FormatError, match="would be parsed"):
        read_stack(text + text.replace('"a"', '"b"'), "main.tf")


def test_terraform_has_a_limit_of_length() -> None:
    with pytest.raises(FormatError, match="more than 4,000,000 characters"):
        read_stack("a {} " * 1_000_000, "main.tf")


def test_terraform_has_all_containers_of_a_pod() -> None:
    text = """resource "kubernetes_pod" "a" {
  spec {
    container { image = "nginx:1.17" }
    container { image = local.image }
  }
}
locals {
  image = var.image
}
variable "image" { default = "redis:5" }
"""
    assert names(text, "main.tf") == ["nginx 1.17", "redis 5"]


def test_terraform_values_that_contain_each_other_are_unknown() -> None:
    text = """locals {
  a = local.b
  b = local.a
}
resource "aws_eks_cluster" "a" {
  version = local.a
}
"""
    assert names(text, "main.tf") == ["amazon-eks"]


def test_gitlab_matrix_that_is_too_large_has_no_values() -> None:
    runs = ", ".join(f'{{NODE: "{number}"}}' for number in range(MAX_COMBINATIONS + 1))
    text = f"test:\n  image: node:$NODE\n  script: test\n  parallel: {{matrix: [{runs}]}}\n"
    assert names(text, ".gitlab-ci.yml") == ["node"]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ("ubuntu/focal64", ("ubuntu", "20.04")),
        ("generic/ubuntu2204", ("ubuntu", "22.04")),
        ("bento/ubuntu-20.04", ("ubuntu", "20.04")),
        ("debian/contrib-buster64", ("debian", "10")),
        ("generic/alpine319", ("alpine-linux", "3.19")),
        ("centos/7", ("centos", "7")),
        ("centos/stream8", ("centos-stream", "8")),
        ("centos64", ("centos", "")),
        ("debian64", ("debian", "")),
        ("ubuntu/zesty64", ("", "")),
        ("hashicorp/boot2docker", ("", "")),
        ("scotch/box", ("", "")),
    ],
)
def test_box(box: str, expected: tuple[str, str]) -> None:
    assert _system(box) == expected
