"""Bills of materials that published tools write on the spot, in every version that they know."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from releases.formats.stack import read_stack
from tests.formats.stack.test_cyclonedx_document import assert_differs_by_properties

pytestmark = pytest.mark.clients

PYTHON_TOOLS = ("cyclonedx-bom==7.5.0", "spdx-tools==0.8.5")
NPM_TOOL = "@cyclonedx/cyclonedx-npm@6.0.1"
CORPUS = Path(__file__).parents[2] / "stacks"
FORMATS = ("json", "xml")
VERSIONS = ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")


def run(*command: str | Path, folder: Path) -> None:
    """Run a command, asserting success."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    result = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def found_in(path: Path) -> dict[str, str]:
    """Return the versions of the components of a file by their package URLs."""
    stack = read_stack(path.read_bytes(), path.name)
    assert not stack.problems
    assert stack == read_stack(path.read_bytes()), "it is told by its content, too"
    if stack.bill and not path.name.startswith("1.2."):
        assert_differs_by_properties(path.read_bytes())
    return {each.purl: each.version for each in stack.components}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the Python tools, in an environment of their own."""
    folder = tmp_path_factory.mktemp("tools")
    run(sys.executable, "-m", "venv", folder, folder=folder)
    run(folder / "bin" / "pip", "install", "-q", *PYTHON_TOOLS, folder=folder)
    return folder / "bin"


def test_bills_of_cyclonedx_py(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("Django==4.2.7\nrequests[socks]==2.32.0\n")
    for version in VERSIONS:
        for form in FORMATS:
            path = tmp_path / f"{version}.cdx.{form}"
            run(
                *(programs / "cyclonedx-py", "requirements", "requirements.txt"),
                *("--spec-version", version, "--output-format", form, "--output-file", path),
                folder=tmp_path,
            )
            wanted = {"pkg:pypi/django": "4.2.7", "pkg:pypi/requests": "2.32.0"}
            assert found_in(path) == wanted, path.name


def test_bill_of_an_environment(programs: Path, tmp_path: Path) -> None:
    path = tmp_path / "bom.json"
    run(programs / "cyclonedx-py", "environment", "--output-file", path, folder=tmp_path)
    assert found_in(path)["pkg:pypi/cyclonedx-bom"] == "7.5.0"


def test_bills_of_cyclonedx_npm(tmp_path: Path) -> None:
    project = {"name": "till", "version": "1.0.0", "dependencies": {"left-pad": "1.3.0"}}
    (tmp_path / "package.json").write_text(json.dumps(project))
    tools = tmp_path / "tools"
    run("npm", "install", "--silent", "--no-save", "--prefix", tools, NPM_TOOL, folder=tmp_path)
    run("npm", "install", "--silent", "--package-lock-only", folder=tmp_path)
    for version in VERSIONS:
        for form in FORMATS:
            path = tmp_path / f"{version}.cdx.{form}"
            run(
                tools / "node_modules" / ".bin" / "cyclonedx-npm",
                *("--package-lock-only", "--spec-version", version),
                *("--output-format", form.upper(), "--output-file", path),
                folder=tmp_path,
            )
            assert found_in(path) == {"pkg:npm/left-pad": "1.3.0"}, path.name


def test_documents_that_the_tools_of_spdx_write(programs: Path, tmp_path: Path) -> None:
    """The library of SPDX validates a file of the corpus, and writes it in both forms."""
    source = CORPUS / "spdx" / "json-2.3-valid" / "shop.spdx.json"
    wanted = found_in(source)
    for name in ("again.spdx.json", "again.spdx"):
        path = tmp_path / name
        run(programs / "pyspdxtools", "-i", source, "-o", path, folder=tmp_path)
        assert found_in(path) == wanted
