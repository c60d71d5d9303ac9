"""Commands that install a release."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.upgrade.install import Command, install_command, is_package


@pytest.mark.parametrize(
    ("purl", "version", "text"),
    [
        ("pkg:pypi/django", "5.2.19", 'python -m pip install "django==5.2.19"'),
        ("pkg:npm/%40ionic/core", "8.1.0", "npm install @ionic/core@8.1.0"),
        ("pkg:gem/rails", "8.1.0", "gem install rails --version 8.1.0"),
        ("pkg:composer/twbs/bootstrap", "5.3.8", "composer require twbs/bootstrap:5.3.8"),
        ("pkg:cargo/deno", "2.5.0", "cargo install deno --version 2.5.0"),
        ("pkg:nuget/bootstrap", "5.3.8", "dotnet add package bootstrap --version 5.3.8"),
        (
            "pkg:golang/github.com/caddyserver/caddy/v2",
            "2.10.0",
            "go get github.com/caddyserver/caddy/v2@v2.10.0",
        ),
        ("pkg:docker/library/postgres", "18.6", "docker pull postgres:18.6"),
        ("pkg:docker/denoland/deno", "2.5.0", "docker pull denoland/deno:2.5.0"),
    ],
)
def test_commands(purl: str, version: str, text: str) -> None:
    found = install_command([purl], version)
    assert found
    assert found.text == text


def test_name_has_its_usual_spelling() -> None:
    assert install_command(["pkg:pypi/django"], "5.2.19", "Django") == Command(
        "pip", 'python -m pip install "Django==5.2.19"'
    )


def test_most_likely_tool_comes_first() -> None:
    purls = ["pkg:docker/library/bootstrap", "pkg:gem/bootstrap", "pkg:npm/bootstrap"]
    found = install_command(purls, "5.3.8")
    assert found
    assert found.tool == "npm"


def test_official_image_is_used() -> None:
    purls = ["pkg:docker/bitnami/node", "pkg:docker/library/node", "pkg:docker/cimg/node"]
    found = install_command(purls, "24.1.0")
    assert found
    assert found.text == "docker pull node:24.1.0"


@pytest.mark.parametrize(
    "purls",
    [
        [],
        ["pkg:deb/debian/python"],
        ["pkg:docker/bitnami/node", "pkg:docker/cimg/node"],
        ["no purl"],
        ["pkg:maven/log4j/log4j"],
    ],
)
def test_product_without_identifiers_has_no_command(purls: list[str]) -> None:
    assert install_command(purls, "1.0") is None


@pytest.mark.parametrize("version", ['1"; rm -rf /', "$(id)", "", "1 2", "-1", "1\n2"])
def test_version_with_shell_syntax_is_rejected(version: str) -> None:
    assert install_command(["pkg:pypi/django"], version) is None


@given(st.text(), st.text(), st.text())
def test_no_text_can_escape_from_a_command(name: str, version: str, label: str) -> None:
    found = install_command([f"pkg:pypi/{name}", f"pkg:npm/{name}"], version, label)
    if found:
        inside = found.text.removeprefix('python -m pip install "').removesuffix('"')
        assert not set(inside) & set("\"'`$\\;|&<>()\n")


def test_is_package() -> None:
    assert is_package(["x", "pkg:pypi/django"], "pypi", "django")
    assert is_package(["pkg:pypi/flask"], "pypi")
    assert not is_package(["pkg:pypi/flask"], "pypi", "django")
    assert not is_package(["pkg:npm/django"], "pypi")
