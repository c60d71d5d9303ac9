"""Parsers of package URLs, CPE names and Repology projects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.identifiers import READERS, read_cpe, read_purl


@pytest.mark.parametrize(
    ("purl", "value", "version"),
    [
        ("pkg:pypi/Django@5.2.1", "pkg:pypi/django", "5.2.1"),
        ("pkg:pypi/django", "pkg:pypi/django", ""),
        ("pkg:docker/library/nginx@1.28#sub/path", "pkg:docker/library/nginx", "1.28"),
        ("pkg:deb/debian/postgresql@1:17.2-1?arch=amd64", "pkg:deb/debian/postgresql", "17.2-1"),
        ("pkg:npm/%40angular/core@12.3.1", "pkg:npm/@angular/core", "12.3.1"),
        ("not a package", "not a package", ""),
    ],
)
def test_package_url(purl: str, value: str, version: str) -> None:
    """It has the keys under which the catalogue may list it, and a version without an epoch."""
    wanted = read_purl(purl)
    assert value in wanted.values
    assert wanted.version == version


def test_package_with_qualifiers_wins_over_one_without() -> None:
    values = read_purl("pkg:oci/deno@2.1?repository_url=ghcr.io/denoland").values
    full, bare = "pkg:oci/deno?repository_url=ghcr.io/denoland", "pkg:oci/deno"
    assert values.index(full) < values.index(bare)


@pytest.mark.parametrize(
    ("cpe", "version"),
    [
        ("cpe:2.3:a:djangoproject:django:5.2.1:*:*:*:*:*:*:*", "5.2.1"),
        ("cpe:2.3:a:djangoproject:django:*", ""),
        ("cpe:2.3:a:djangoproject:django", ""),
        (r"cpe:2.3:a:DjangoProject:Django:5\.2", "5.2"),
        ("cpe:/a:djangoproject:django:5.2.1", "5.2.1"),
        ("cpe:/a:djangoproject:django", ""),
    ],
)
def test_both_forms_of_a_cpe_name_are_the_same_product(cpe: str, version: str) -> None:
    wanted = read_cpe(cpe)
    assert set(wanted.values) == {
        "cpe:2.3:a:djangoproject:django",
        "cpe:/a:djangoproject:django",
    }
    assert wanted.version == version


@pytest.mark.parametrize(
    ("cpe", "value"),
    [
        (r"cpe:2.3:a:nodejs:node\.js:14.0", "cpe:2.3:a:nodejs:node.js"),
        ("cpe:/a:notepad-plus-plus:notepad%2b%2b:8", "cpe:/a:notepad-plus-plus:notepad++"),
        (r"cpe:2.3:a:notepad-plus-plus:notepad\+\+:8", r"cpe:2.3:a:notepad-plus-plus:notepad\+\+"),
        ("cpe:/a:igor_sysoev:nginx:1.18.0", "cpe:2.3:a:f5:nginx"),
        ("cpe:2.3:a:f5:nginx:1.18.0", "cpe:2.3:a:nginx:nginx"),
    ],
)
def test_cpe_names_are_found_in_other_spellings(cpe: str, value: str) -> None:
    """With and without escapes, and by a name that the dictionary has renamed."""
    assert value in read_cpe(cpe).values


def test_vendor_belongs_to_the_name_of_a_product() -> None:
    """Other software has the same name: `redis` of another vendor is its client."""
    assert not {
        each for each in read_cpe("cpe:2.3:a:python:redis:4.6").values if "redis:redis" in each
    }


@given(type_=st.sampled_from(sorted(READERS)), text=st.text())
def test_any_text_is_parsed(type_: str, text: str) -> None:
    """A text that is no identifier matches no product."""
    assert READERS[type_](text).values


@pytest.mark.parametrize(
    ("type_", "text", "exact"),
    [
        ("purl", "pkg:pypi/Django@5.2", "pkg:pypi/django@5.2"),
        ("purl", "pkg:deb/debian/base-files@12.4?arch=amd64", "pkg:deb/debian/base-files@12.4"),
        ("cpe", "cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*", "cpe:/o:debian:debian_linux:12"),
        ("cpe", "cpe:2.3:o:debian:debian_linux:12", "cpe:2.3:o:debian:debian_linux:12"),
        ("cpe", "cpe:2.3:o:x:y:8:sp3:*:*", "cpe:2.3:o:x:y:8:sp3"),
        ("cpe", "cpe:2.3:o:x:y:8:sp3:*:*", "cpe:2.3:o:x:y:8"),
    ],
)
def test_identifier_with_its_version_may_be_that_of_a_cycle(
    type_: str, text: str, exact: str
) -> None:
    assert exact in READERS[type_](text).exact


@pytest.mark.parametrize(
    ("type_", "text"),
    [("purl", "pkg:pypi/django"), ("cpe", "cpe:2.3:a:x:y:*"), ("repology", "django")],
)
def test_identifier_without_a_version_is_of_no_cycle(type_: str, text: str) -> None:
    assert READERS[type_](text).exact == ()
