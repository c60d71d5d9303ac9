"""Bills of materials against the catalogue: what their components are, and what they are not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from releases import selectors
from releases.formats.stack import read_stack
from releases.models import Identifier
from releases.selectors import StackCheck
from tests.conftest import ON
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

DIGEST = f"sha256%3A{'ab' * 32}"


def make(name: str, cycle: str, *identifiers: str, category: str = "server-app") -> None:
    product = make_product(name, category=category)
    make_cycle(product, cycle, release="2020-01-01", eol="2024-01-01")
    for value in identifiers:
        type_ = "purl" if value.startswith("pkg:") else "cpe"
        Identifier.objects.create(product=product, type=type_, value=value)


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    make("nginx", "1.18", "pkg:generic/nginx", "cpe:2.3:a:f5:nginx")
    make("redis", "4.6", "cpe:2.3:a:redis:redis")
    make("go", "1.20")
    make("keycloak", "22", "pkg:oci/keycloak?repository_url=quay.io/keycloak")
    make("debian", "11", "cpe:/o:debian:debian_linux", category="os")
    make("alpine-linux", "3.17", category="os")
    make("opensuse", "15.5", "pkg:rpm/opensuse/libzypp", category="os")


def check(**component: Any) -> StackCheck:
    """Return the result for a bill with one component."""
    bill = {"bomFormat": "CycloneDX", "components": [{"name": "x", **component}]}
    return selectors.check_components(read_stack(json.dumps(bill)).components, ON)


def parts(found: StackCheck) -> list[str]:
    assert all(item.verdict.cycle for item in found.items)
    return [str(part) for item in found.items for part in item.parts]


@pytest.mark.parametrize(
    "cpe",
    [
        "cpe:2.3:a:f5:nginx:1.18.0:*:*:*:*:*:*:*",
        "cpe:2.3:a:nginx:nginx:1.18.0:*:*:*:*:*:*:*",
        "cpe:/a:igor_sysoev:nginx:1.18.0",
        "CPE:2.3:A:F5:NGINX:1.18.0",
    ],
)
def test_component_with_a_cpe_name_only_is_found(cpe: str) -> None:
    """Its version is that of the name, unless it has one itself."""
    assert parts(check(cpe=cpe)) == ["nginx:1.18.0"]
    assert parts(check(cpe=cpe, version="1.18")) == ["nginx:1.18.0"]


@pytest.mark.parametrize(
    "cpe",
    [
        "cpe:2.3:o:f5:nginx:1.18.0",
        "cpe:2.3:a:f5:nginx_plus:1.18.0",
        "cpe:2.3:a:other:nginx:1.18.0",
        "cpe:2.3:a:*:nginx:1.18.0",
        "f5:nginx:1.18.0",
        "cpe:",
    ],
)
def test_part_vendor_and_product_of_a_cpe_name_must_match(cpe: str) -> None:
    found = check(cpe=cpe, version="1.18.0")
    assert (parts(found), len(found.unknown)) == ([], 1)


def test_package_url_wins_over_a_cpe_name() -> None:
    nginx = check(purl="pkg:generic/nginx@1.18.0", cpe="cpe:2.3:a:redis:redis:4.6.0")
    assert parts(nginx) == ["nginx:1.18.0"]
    unknown = check(purl="pkg:generic/other@1.18.0", cpe="cpe:2.3:a:f5:nginx:1.18.0")
    assert parts(unknown) == ["nginx:1.18.0"]


@pytest.mark.parametrize("kind", ["npm", "pypi", "gem", "cargo", "golang/x", "maven/x"])
def test_package_of_an_index_is_not_found_by_a_guessed_cpe_name(kind: str) -> None:
    found = check(purl=f"pkg:{kind}/redis@4.6.7", cpe="cpe:2.3:a:redis:redis:4.6.7")
    assert (parts(found), len(found.unknown)) == ([], 1)


@pytest.mark.parametrize(
    ("purl", "part"),
    [
        (f"pkg:oci/debian@{DIGEST}?arch=amd64&tag=11.5", "debian:11.5"),
        (
            f"pkg:oci/debian@{DIGEST}?repository_url=docker.io/library/debian&tag=11.5",
            "debian:11.5",
        ),
        ("pkg:oci/debian?repository_url=index.docker.io%2Flibrary&tag=11.5-slim", "debian:11.5"),
        ("pkg:docker/library/debian@11.5", "debian:11.5"),
        ("pkg:docker/debian@11.5", "debian:11.5"),
        ("pkg:oci/keycloak?repository_url=quay.io/keycloak&tag=22.0.1", "keycloak:22.0.1"),
        ("pkg:oci/keycloak?repository_url=quay.io/keycloak/keycloak&tag=22.0.1", "keycloak:22.0.1"),
        ("pkg:golang/stdlib@1.20.3", "go:1.20.3"),
        ("pkg:generic/go@1.20.3?download_url=https://go.dev/dl/go.tar.gz", "go:1.20.3"),
    ],
)
def test_images_with_a_tag_and_go_are_found(purl: str, part: str) -> None:
    assert part in parts(check(purl=purl))


def test_image_of_another_registry_is_not_an_official_one() -> None:
    found = check(purl="pkg:oci/debian?repository_url=registry.example.org/debian&tag=11.5")
    assert (parts(found), len(found.unknown)) == ([], 1)


@pytest.mark.parametrize(
    ("purl", "part"),
    [
        ("pkg:deb/debian/curl@7.74.0?arch=amd64&distro=debian-11.5", "debian:11.5"),
        ("pkg:deb/debian/curl@7.74.0?distro=debian-11", "debian:11"),
        ("pkg:deb/raspbian/curl@7.74.0?distro=raspbian-11", "debian:11"),
        ("pkg:apk/alpine/curl@7.83.0-r0?distro=alpine-3.17.3", "alpine-linux:3.17.3"),
        ("pkg:apk/alpine/curl@7.83.0-r0?distro=3.17.3", "alpine-linux:3.17.3"),
        ("pkg:rpm/opensuse/curl@8?distro=opensuse-leap-15.5", "opensuse:15.5"),
    ],
)
def test_package_tells_its_distribution(purl: str, part: str) -> None:
    assert parts(check(purl=purl)) == [part]


def test_package_of_a_distribution_is_no_operating_system() -> None:
    """The catalogue may give a library the identifier of its distribution."""
    found = check(purl="pkg:rpm/opensuse/libzypp@17.31.0")
    assert (parts(found), len(found.unknown)) == ([], 1)


@pytest.mark.parametrize(
    ("name", "cpe"),
    [
        ("debian", ""),
        ("Debian GNU/Linux", ""),
        ("my-debian", "cpe:2.3:o:debian:debian_linux:11:*:*:*:*:*:*:*"),
    ],
)
def test_operating_system_is_found_by_name_or_cpe_name(name: str, cpe: str) -> None:
    found = check(type="operating-system", name=name, version="11", cpe=cpe)
    assert parts(found) == ["debian:11"]
