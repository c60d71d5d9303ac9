"""Clients generated from the OpenAPI document have every operation, and can read this site."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from releases.api.openapi import document
from releases.services.editing.roles import EDITOR
from tests.factories import make_cycle, make_product
from tests.tokens import make_token

OPERATIONS = [
    (details["tags"][0], details["operationId"])
    for methods in document()["paths"].values()
    for details in methods.values()
]
PACKAGE = "roadmap_client"
TYPESCRIPT = ("openapi-typescript@7.13.0", "typescript@5.9.3")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The path of the OpenAPI document as a file."""
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document()))
    return path


def output_of(*command: str | Path) -> str:
    """Return the output of a command, asserting success.

    The programs of this environment are on its path.
    """
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    result = subprocess.run(
        command, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def test_python_client(
    live_server: LiveServer, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is generated without warnings, and reads products and cycles of each version."""
    package = tmp_path / PACKAGE
    output = output_of(
        *("openapi-python-client", "generate", "--path", written, "--output-path", package),
        *("--meta", "none", "--fail-on-warning"),
    )
    assert "warning" not in output.lower()
    for version, name in OPERATIONS:
        module = (package / "api" / version / f"{name}.py").read_text()
        # The generator uses `Any` where it cannot derive a type.
        assert re.search(r"response_200 = (?!cast\(Any)", module), name

    monkeypatch.syspath_prepend(tmp_path)
    product = make_product("django", category="framework")
    make_product("acme", category="os")
    make_cycle(product, "6.2", release="2027-04", eol="2030-04")
    make_cycle(product, "5.2", release="2025-04-02", eol="2028-04-30", latest="5.2.9")
    with import_module(PACKAGE).Client(base_url=live_server.url) as client:

        def read(name: str, *arguments: str, **query: Any) -> Any:
            module = import_module(f"{PACKAGE}.api.{name[:2]}.{name}")
            return module.sync(*arguments, client=client, **query)

        check_v0(read)
        check_v1(read)
        check_v2(read)
    check_report(live_server.url)


Read = Callable[..., Any]


def check_v0(read: Read) -> None:
    assert read("v0_all_products") == ["acme", "django"]
    assert [each.cycle for each in read("v0_product", "django")] == ["5.2"]
    assert read("v0_cycle", "django", "5.2").eol == "2028-04-30"


def check_v1(read: Read) -> None:
    assert [each.name for each in read("v1_products").result] == ["acme", "django"]
    (cycle,) = read("v1_product", "django").result.releases
    assert (cycle.name, cycle.latest.name) == ("5.2", "5.2.9")
    assert read("v1_release", "django", "5.2").result.eol_from.isoformat() == "2028-04-30"


def check_v2(read: Read) -> None:
    products = read("v2_products", category="framework")
    assert [each.name for each in products.items] == ["django"]
    cycles = read("v2_cycles", product=["django"], limit=2)
    assert [each.name for each in cycles.items] == ["6.2", "5.2"]
    cycle = read("v2_cycle", "django", "5.2")
    assert cycle.milestones.eol.date.isoformat() == "2028-04-30"
    assert read("v2_product", "django").cycles[0].status == "planned"


def check_report(url: str) -> None:
    """A client with a token reports a release."""
    client = import_module(PACKAGE).AuthenticatedClient(base_url=url, token=make_token(EDITOR))
    models = import_module(f"{PACKAGE}.models")
    report = import_module(f"{PACKAGE}.api.v2.v2_add_product_release")
    with client:
        body = models.V2NewRelease(version="5.2.10")
        answer = report.sync("django", client=client, body=body)
    assert (answer.cycle, answer.version, answer.latest) == ("5.2", "5.2.10", True)


@pytest.mark.clients
def test_typescript_client(written: Path, tmp_path: Path) -> None:
    """It is generated without warnings, and its types compile."""
    tools, types = tmp_path / "tools", tmp_path / "api.d.ts"
    output_of("npm", "install", "--silent", "--no-save", "--prefix", tools, *TYPESCRIPT)
    programs = tools / "node_modules" / ".bin"
    output = output_of(programs / "openapi-typescript", written, "--output", types)
    assert not re.search("warn|error|⚠|✘", output, re.IGNORECASE)
    code = types.read_text()
    for _, name in OPERATIONS:
        assert f'operations["{name}"]' in code
    output_of(programs / "tsc", "--strict", "--noEmit", types)
