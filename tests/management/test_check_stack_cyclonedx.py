"""`check_stack --format cyclonedx`: the file with the dates of its components."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from releases.domain.cyclonedx import PREFIX
from releases.formats.stack.content import Content
from releases.models import Identifier
from releases.presentation.stack.cyclonedx import enriched_bill
from tests.conftest import ON
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    django = make_product("django")
    Identifier.objects.create(product=django, type="purl", value="pkg:pypi/django")
    make_cycle(django, "5.2", release="2025-04-02", eoas="2025-12", eol="2028-04-30")
    make_cycle(django, "4.2", release="2023-04-03", eol="2026-04-07")
    for name, eol in (("openjdk", "2030-09-30"), ("temurin", "2031-10-31")):
        java = make_product(name)
        Identifier.objects.create(product=java, type="purl", value="pkg:generic/jdk")
        make_cycle(java, "21", release="2023-09-19", eol=eol)
        make_cycle(java, "17", release="2021-09-14", eol="2029-10-31")
    python = make_product("python")
    make_cycle(python, "3.14", release="2025-10-07", eol="2030-10-31")
    make_cycle(python, "3.13", release="2024-10-07", eol="2029-10-31")
    make_cycle(make_product("debian", category="os"), "12", release="2023-06-10", eol="2026-06-10")


def bill(*components: Any, **keys: Any) -> str:
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "components": [{"type": "library", **each} for each in components],
            **keys,
        },
        indent=2,
    )


def library(purl: str) -> dict[str, str]:
    return {"name": purl.rpartition("/")[2].partition("@")[0], "purl": purl}


def dates(text: str) -> list[dict[str, str]]:
    """Return the lifecycle properties of the components of a bill, without their prefix."""
    return [
        {
            each["name"].removeprefix(PREFIX): each["value"]
            for each in component.get("properties", [])
        }
        for component in json.loads(text)["components"]
    ]


def run(path: Path, *paths: str, **options: Any) -> tuple[str, str]:
    """Return what the command writes to its standard output and error."""
    out, error = StringIO(), StringIO()
    call_command(
        "check_stack", str(path), *paths, format="cyclonedx", stdout=out, stderr=error, **options
    )
    return out.getvalue(), error.getvalue()


def test_components_get_the_dates_of_their_cycles(tmp_path: Path) -> None:
    """A date that is known to the month is left out and counted."""
    path = tmp_path / "bom.json"
    path.write_text(bill(library("pkg:pypi/django@5.2.17"), library("pkg:pypi/requests@2.32.0")))
    out, error = run(path)
    assert dates(out) == [
        {"generalAvailability": "2025-04-02", "endOfSupport": "2028-04-30"},
        {},
    ]
    assert error == ("1 of 2 components with lifecycle dates; 1 date without a day left out.\n")
    path.write_text(out)
    assert run(path)[0] == out


def test_software_that_the_bill_describes_gets_its_dates() -> None:
    """A vendor gives customers a bill of its own product."""
    subject = {"type": "framework", "version": "5.2.17", **library("pkg:pypi/django@5.2.17")}
    found = enriched_bill(Content.decode(bill(metadata={"component": subject})), ON)
    assert json.loads(found.text)["metadata"]["component"] == subject | {
        "properties": [
            {"name": f"{PREFIX}generalAvailability", "value": "2025-04-02"},
            {"name": f"{PREFIX}endOfSupport", "value": "2028-04-30"},
        ]
    }
    assert (found.components, found.dated) == (1, 1)


def test_exit_code_is_that_of_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "bom.json"
    path.write_text(bill(library("pkg:pypi/django@4.2.7")))
    with pytest.raises(CommandError, match="Broken rule eol: Django 4") as caught:
        run(path, fail_on=["eol"])
    assert caught.value.returncode == 1


@pytest.mark.parametrize(
    "names", [["Dockerfile"], ["bom.json", "Dockerfile"], ["bom.json", "x.cdx.json"]]
)
def test_one_cyclonedx_file_is_expected(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        text = "FROM python:3.13" if name == "Dockerfile" else bill(library("pkg:pypi/django@4.2"))
        (tmp_path / name).write_text(text)
    first, *others = (tmp_path / name for name in names)
    with pytest.raises(CommandError, match="a single CycloneDX file only") as caught:
        run(first, *map(str, others))
    assert caught.value.returncode == 2


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"specVersion": "1.2"}, "which 1.3 to 1.7 have"),
        ({"signature": {"value": "x"}}, "The file is signed"),
    ],
)
def test_bill_that_cannot_have_dates_is_refused(
    tmp_path: Path, keys: dict[str, Any], message: str
) -> None:
    path = tmp_path / "bom.json"
    path.write_text(bill(library("pkg:pypi/django@4.2.7"), **keys))
    with pytest.raises(CommandError, match=message) as caught:
        run(path)
    assert caught.value.returncode == 2


# ---- what is certain


def only(*components: Any) -> list[dict[str, str]]:
    return dates(enriched_bill(Content.decode(bill(*components)), ON).text)


def test_version_that_stands_for_several_cycles_has_no_dates() -> None:
    images = [
        {"type": "container", "name": f"python:{tag}", "purl": f"pkg:docker/python@{tag}"}
        for tag in ("3.13-slim", "3", "latest", "latest-bookworm")
    ]
    found = only(*images, library("pkg:pypi/django@%3E%3D4%2C%3C6"), library("pkg:pypi/django"))
    assert found == [{"generalAvailability": "2024-10-07", "endOfSupport": "2029-10-31"}] + [{}] * 5


def test_products_that_share_an_identifier_must_agree() -> None:
    found = only(library("pkg:generic/jdk@21.0.1"), library("pkg:generic/jdk@17.0.1"))
    assert found == [{}, {"generalAvailability": "2021-09-14", "endOfSupport": "2029-10-31"}]


def test_package_does_not_have_the_dates_of_its_system() -> None:
    package = library("pkg:deb/debian/zlib1g@1.2?distro=debian-12")
    system = {"type": "operating-system", "name": "debian", "version": "12"}
    assert only(package, package | {"name": "x" * 1_000}, system) == [
        {},
        {},
        {"generalAvailability": "2023-06-10", "endOfSupport": "2026-06-10"},
    ]


def test_draft_products_have_no_dates() -> None:
    draft = make_product("secret", draft=True)
    Identifier.objects.create(product=draft, type="purl", value="pkg:npm/secret")
    make_cycle(draft, "1", eol="2030-01-01")
    assert only(library("pkg:npm/secret@1.0")) == [{}]


def test_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    many = [library(f"pkg:pypi/django@5.2.{number}") for number in range(50)]
    image = {"type": "container", "name": "python:3.13"}
    content = Content.decode(bill(*many, image))
    with django_assert_num_queries(7):
        assert enriched_bill(content, ON).dated == 51
