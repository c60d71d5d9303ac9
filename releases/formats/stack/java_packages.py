"""Coordinates of Maven and versions of Java, for the kinds of files of Maven and Gradle."""

from __future__ import annotations

import re
from typing import Final

from releases.domain.identifiers import build_purl
from releases.domain.ranges import Range
from releases.formats.stack.component import Stack

SPRING_BOOT: Final = "pkg:maven/org.springframework.boot/spring-boot"
KOTLIN: Final = "pkg:generic/kotlin"
QUARKUS: Final = "pkg:generic/quarkus-framework"
_PLATFORMS: Final = {
    "org.springframework.boot:spring-boot-starter-parent": SPRING_BOOT,
    "org.springframework.boot:spring-boot-dependencies": SPRING_BOOT,
    "org.springframework.boot:spring-boot-gradle-plugin": SPRING_BOOT,
    "org.springframework.boot:org.springframework.boot.gradle.plugin": SPRING_BOOT,
    "io.quarkus:quarkus-bom": QUARKUS,
    "io.quarkus.platform:quarkus-bom": QUARKUS,
    "io.quarkus:io.quarkus.gradle.plugin": QUARKUS,
    "org.jetbrains.kotlin:kotlin-gradle-plugin": KOTLIN,
    "org.jetbrains.kotlin:kotlin-stdlib": KOTLIN,
    "org.jetbrains.kotlin:kotlin-stdlib-jdk8": KOTLIN,
}
"""Artifacts that have the version of a product, with its package URL."""
_KOTLIN_PLUGIN: Final = re.compile(
    r"org\.jetbrains\.kotlin\.(?:jvm|android|multiplatform|js|plugin\.\w+)"
)
_PREFIX: Final = re.compile(r"(?P<version>\d+(?:\.\d+)*)\.?\+")
_JAVA: Final = re.compile(r"(?:VERSION_)?(?:1[._])?(?P<version>\d{1,2})(?:\.0)?")


def add_maven(stack: Stack, group: str, name: str, version: str, line: int) -> None:
    """Add an artifact. `version` may be empty, a range (`[5.3,6.0)`) or a prefix (`5.3.+`)."""
    label = f"{group}:{name}"
    _add(stack, label, version, _PLATFORMS.get(label) or build_purl("maven", name, group), line)


def add_plugin(stack: Stack, name: str, version: str, line: int) -> None:
    """Add a plugin of Gradle by its id."""
    if _KOTLIN_PLUGIN.fullmatch(name):
        _add(stack, name, version, KOTLIN, line)
    else:
        add_maven(stack, name, f"{name}.gradle.plugin", version, line)


def add_java(stack: Stack, text: str, line: int, *, lowest: bool = True) -> None:
    """Add Java, without a vendor, so that it belongs to no product.

    Args:
        stack: The stack.
        text: The version: `17`, `1.8` or `VERSION_1_8`; anything else is left out.
        line: The line number.
        lowest: True if later versions of Java will do, too.
    """
    if found := _JAVA.fullmatch(text):
        version = found["version"]
        wanted = Range("maven", f"[{version},)") if lowest else None
        stack.add("java", "" if lowest else version, "", line, moving=True, wanted=wanted)


def _add(stack: Stack, label: str, version: str, purl: str, line: int) -> None:
    if prefix := _PREFIX.fullmatch(version):
        stack.add(label, prefix["version"], purl, line, moving=True)
    elif version[:1] in ("[", "(", "]"):
        stack.add(label, "", purl, line, wanted=Range("maven", version))
    else:
        stack.add(label, version if version[:1].isdigit() else "", purl, line)
