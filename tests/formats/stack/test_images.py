"""References of images: their products, mirrors, base systems, and the data file."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from typing import Any

import pytest

from releases.domain.names import NAME
from releases.formats.stack import Stack
from releases.formats.stack.images import DATA, add_image, product_of_image

TEXT = DATA.read_text("utf-8")
CONTENT: dict[str, Any] = tomllib.loads(TEXT)


def found(reference: str) -> list[str]:
    """Return the components of an image: the path or product, and the version."""
    stack = Stack("test")
    add_image(stack, reference, 3)
    assert all(each.lines == (3,) and each.moving for each in stack.components)
    return [str(each) for each in stack.components]


def purl(reference: str) -> str:
    stack = Stack("test")
    add_image(stack, reference)
    return stack.components[0].purl


def product(reference: str) -> str:
    return product_of_image(purl(reference))


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("python:3.8-slim-buster", ["python 3.8", "debian 10"]),
        ("node:16-alpine3.15", ["node 16", "alpine-linux 3.15"]),
        ("rust:1.70-alpine3.18.4", ["rust 1.70", "alpine-linux 3.18.4"]),
        ("eclipse-temurin:17-jdk-jammy", ["eclipse-temurin 17", "ubuntu 22.04"]),
        ("python:3.12-slim-bookworm", ["python 3.12", "debian 12"]),
        ("eclipse-temurin:17-jre-ubi9-minimal", ["eclipse-temurin 17", "rhel 9"]),
        ("bitnami/redis:7.2-debian-12-r0", ["bitnami/redis 7.2", "debian 12"]),
        ("nvidia/cuda:11.8.0-devel-ubuntu22.04", ["nvidia/cuda 11.8.0", "ubuntu 22.04"]),
        ("python:alpine3.19", ["python", "alpine-linux 3.19"]),
        ("python:slim-bookworm", ["python", "debian 12"]),
        ("buildpack-deps:focal", ["buildpack-deps", "ubuntu 20.04"]),
        ("registry.redhat.io/rhel8/x:1", ["registry.redhat.io/rhel8/x 1", "rhel 8"]),
        ("gcr.io/distroless/cc-debian11", ["gcr.io/distroless/cc-debian11", "debian 11"]),
    ],
)
def test_base_system_of_a_tag_is_a_component(reference: str, expected: list[str]) -> None:
    assert found(reference) == expected


@pytest.mark.parametrize(
    "reference",
    [
        *("python:3.12", "python:3.12-slim", "node:16-alpine", "myorg/solaris:1-alpine"),
        *("acme/focal:1", "mysql:8.0-oracle", "acme/busterio:1-busterio", "x:1-control7"),
        *("haproxy:2.8-alpine3", "x:1-myubi9", "redis@sha256:00", "acme/x:alpine"),
    ],
)
def test_nothing_is_invented(reference: str) -> None:
    """A word that only resembles a system, or one without a version, is none."""
    assert len(found(reference)) == 1


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("debian:buster-slim", "debian 10"),
        ("debian:bookworm-20240101-slim", "debian 12"),
        ("debian:12-slim", "debian 12"),
        ("ubuntu:noble", "ubuntu 24.04"),
        ("alpine:3.15", "alpine 3.15"),
        ("redhat/ubi8:latest", "redhat/ubi8 8"),
        ("redhat/ubi8:8.7", "redhat/ubi8 8.7"),
        ("node:iron", "node 20"),
        ("node:lts-iron", "node 20"),
        ("node:iron-slim", "node 20"),
        ("node:lts", "node lts"),
        ("quay.io/centos/centos:stream9", "centos-stream 9"),
        ("timescale/timescaledb:2.11.0-pg13", "postgresql 13"),
        ("timescale/timescaledb:latest", "postgresql"),
        ("mcr.microsoft.com/devcontainers/python:1-3.11", "python 3.11"),
        ("mcr.microsoft.com/devcontainers/typescript-node:0-18", "nodejs 18"),
        ("mcr.microsoft.com/windows/servercore:ltsc2019", "windows-server-core 2019"),
        ("public.ecr.aws/lambda/python:3.8", "python 3.8"),
    ],
)
def test_version_of_a_tag(reference: str, expected: str) -> None:
    """Codenames are resolved, and a system has no second row for itself."""
    assert found(reference) == [expected]


@pytest.mark.parametrize(
    "mirror",
    [
        *("docker.io/library/python", "docker.io/python", "index.docker.io/library/python"),
        *("public.ecr.aws/docker/library/python", "mirror.gcr.io/library/python"),
        *("registry.example.com/dockerhub/library/python", "harbor.x/proxy/library/python"),
        "1.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/python",
        "gitlab.example.com/group/dependency_proxy/containers/python",
        "harbor.x:5000/docker.io/library/python",
    ],
)
def test_mirror_of_docker_hub_is_docker_hub(mirror: str) -> None:
    assert purl(f"{mirror}:3.12") == "pkg:docker/library/python"
    assert found(f"{mirror}:3.12@sha256:00") == ["python 3.12"]


@pytest.mark.parametrize(
    ("mirror", "image"),
    [
        ("public.ecr.aws/bitnami/redis", "pkg:docker/bitnami/redis"),
        ("docker.io/bitnamilegacy/redis", "pkg:docker/bitnami/redis"),
        ("mirror.gcr.io/grafana/grafana", "pkg:docker/grafana/grafana"),
        ("harbor.x/cache/docker.io/bitnami/redis", "pkg:docker/bitnami/redis"),
        ("harbor.x/library/python", "pkg:oci/python?repository_url=harbor.x/library"),
        ("localhost:5000/python", "pkg:oci/python?repository_url=localhost:5000"),
        ("ghcr.io/a/library/python", "pkg:oci/python?repository_url=ghcr.io/a/library"),
    ],
)
def test_other_images_of_registries(mirror: str, image: str) -> None:
    """`library` alone may be a registry's own project."""
    assert purl(f"{mirror}:1") == image


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("mcr.microsoft.com/dotnet/sdk:6.0-focal", "dotnet"),
        ("mcr.microsoft.com/dotnet/framework/aspnet:4.8", "dotnetfx"),
        ("registry.access.redhat.com/ubi8/ubi-minimal", "rhel"),
        ("registry.access.redhat.com/ubi8/python-39", ""),
        ("quay.io/keycloak/keycloak:21.0", "keycloak"),
        ("docker.elastic.co/elasticsearch/elasticsearch:7.17.0", "elasticsearch"),
        ("grafana/grafana", "grafana"),
        ("apache/kafka:3.7.0", "apache-kafka"),
        ("hashicorp/terraform:1.5", "terraform"),
        ("jenkins/jenkins:lts", "jenkins"),
        ("bitnami/postgresql:15", "postgresql"),
        ("mongo:4.4", "mongodb"),
        ("acme/mongo:4.4", ""),
    ],
)
def test_product_of_an_image(reference: str, expected: str) -> None:
    assert product(reference) == expected


def test_other_package_urls_are_no_images() -> None:
    assert [product_of_image(each) for each in ("", "pkg:pypi/redis", "pkg:generic/redis")] == [
        ""
    ] * 3


# ---- the data file


def test_products_have_names() -> None:
    names = {*CONTENT["products"], *CONTENT["systems"], *CONTENT["numbered_systems"]}
    names |= {
        *CONTENT["dotted_systems"],
        *CONTENT["codenames"],
        *(each["product"] for each in CONTENT["tagged"]),
    }
    assert [name for name in names if not NAME.fullmatch(name)] == []


def test_names_of_systems_are_products_of_images_or_of_the_catalogue() -> None:
    """An image of a system and a tag that names it lead to the same product."""
    systems = {*CONTENT["systems"], *CONTENT["numbered_systems"]}
    named = {*CONTENT["products"], *(each["product"] for each in CONTENT["tagged"])}
    assert systems - named == set()


def test_every_image_is_listed_once_as_it_is_written() -> None:
    """It has no tag, no digest, and is no mirror."""
    images = [path for paths in CONTENT["products"].values() for path in paths]
    images += [path for each in CONTENT["tagged"] for path in each["images"]]
    assert [path for path, number in Counter(images).items() if number > 1] == []
    for path in images:
        assert re.fullmatch(r"(?:[a-z0-9][a-z0-9._-]*/)*(?:[a-z0-9][a-z0-9._-]*|\*)", path), path
        example = path.replace("*", "x")
        bare = [example, example.replace("library/", "")]
        tagged = any(path in each["images"] for each in CONTENT["tagged"])
        assert tagged or found(f"{example}:9")[0].removesuffix(" 9") in bare, path


def test_every_image_of_a_product_leads_to_it() -> None:
    for name, paths in CONTENT["products"].items():
        assert {product(path.replace("*", "x")) for path in paths} == {name}


def test_names_of_systems_are_not_ambiguous() -> None:
    words = [word for each in CONTENT["systems"].values() for word in each]
    words += [word for each in CONTENT["numbered_systems"].values() for word in each]
    assert len(words) == len(set(words))
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", word) for word in words)


def test_patterns_of_tags_have_one_group() -> None:
    assert {re.compile(each["tag"]).groups for each in CONTENT["tagged"]} == {1}


def test_lines_are_short() -> None:
    assert [line for line in TEXT.splitlines() if len(line) > 100] == []
