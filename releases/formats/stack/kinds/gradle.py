"""Parsers for the files of Gradle: build files, lock files, version catalogues, wrappers.

A build file is a program. It is not run: the strings in the usual places of plugins and
dependencies are read, and variables that have one literal value in the same file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.java_packages import add_java, add_maven, add_plugin
from releases.formats.stack.key_lines import KeyLines
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import quoted, table_of, text_of

# A string or a comment, whichever begins first: `//` in an address is no comment.
_STRING_OR_COMMENT: Final = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?)|//[^\n]*|/\*.*?(?:\*/|\Z)""",
    re.DOTALL,
)
_VARIABLE: Final = re.compile(
    r"""(?:\b(?P<name>\w+)\s*[=:]|\bset\(\s*["'](?P<set>[\w.-]+)["']\s*,|"""
    r"""\b\w+\[["'](?P<key>[\w.-]+)["']\]\s*=)\s*["'](?P<value>[\d\[(][^"'\n$]*)["']"""
)
_REFERENCE: Final = re.compile(
    r"""\$\{?(?:(?:rootProject|project|ext|extra|versions|libs)\.)*(?P<name>\w+)\}?"""
    r"""|\$\{\s*(?:\w+\.)*(?:property|findProperty|extra)[(\[]\s*["'](?P<property>[\w.-]+)["']\s*[)\]]\s*\}"""
)
_PLUGIN: Final = re.compile(
    r"""\b(?:id\s*\(?\s*["'](?P<id>[\w.-]+)["']|kotlin\s*\(\s*["'](?P<kotlin>[\w.]+)["'])\s*+\)?"""
    r"""\s*+version\s*+\(?\s*+["']?(?P<version>[^"'\s)]+)"""
)
_CONFIGURATION: Final = (
    r"\b(?i:\w*(?:implementation|api|compile|compileOnly|runtime|runtimeOnly|classpath|kapt|ksp|"
    r"annotationProcessor|platform|mavenBom|developmentOnly|testFixtures|desugaring|"
    r"""providedCompile|providedRuntime))(?:["']\(|\s*+\(?)\s*+"""
)
_COORDINATES: Final = re.compile(
    _CONFIGURATION + r"""["'](?P<group>[A-Za-z][\w.-]*):(?P<name>[\w.-]+)"""
    r"""(?::(?P<version>\$\{[^}\n]*\}|[^"':@\n]*))?[^"'\n]*["']"""
)
_ENTRY: Final = re.compile(
    r"""\b\w++\s*+[:=]\s*+["'](?P<group>[A-Za-z][\w.-]*):(?P<name>[A-Za-z][\w.-]*)"""
    r""":(?P<version>\$[^"':@\n]+|\d[^"':@\n]*)["']"""
)
"""Coordinates with a name, in a variable or a map."""
_NAMED: Final = re.compile(
    r"""\bgroup\s*[:=]\s*["'](?P<group>[\w.-]+)["']\s*,\s*name\s*[:=]\s*["'](?P<name>[\w.-]+)["']"""
    r"""(?:\s*,\s*version\s*[:=]\s*["']?(?P<version>[^"',)\s]+))?"""
)
_JAVA: Final = re.compile(
    r"""\b(?:(?P<toolchain>JavaLanguageVersion\.of\(\s*|jvmToolchain\s*\(\s*)"""
    r"""|(?:source|target)Compatibility\s*+=?\s*+(?:JavaVersion\.)?)["']?(?P<version>[\w.]+)"""
)
_GRADLE: Final = re.compile(r"""\bgradleVersion\s*=\s*["'](?P<version>\d[\w.-]*)["']""")
_BLOCK: Final = re.compile(r"^[ \t]*(?:plugins|dependencies|buildscript|repositories)\s*\{", re.M)
_APPLY: Final = re.compile(r"^[ \t]*apply[ (]\s*plugin\s*[:=]", re.MULTILINE)
_LOCKED: Final = re.compile(
    r"(?P<group>[^\s:=#]+):(?P<name>[^\s:=]+):(?P<version>[^\s:=]+)(?:=\S*)?"
)
_LOCK_HEAD: Final = "# This is a Gradle generated file for dependency locking."
_DISTRIBUTION: Final = re.compile(
    r"^[ \t]*distributionUrl[ \t]*[=:].*?/(?P<tool>gradle|apache-maven)-(?P<version>\d[^/\n]*?)"
    r"(?:-(?:bin|all|src))?\.(?:zip|tar\.gz)",
    re.MULTILINE,
)


def read_build(content: Content) -> Stack:
    """Parse a build.gradle or build.gradle.kts: plugins, dependencies, the toolchain of Java.

    Plugins and dependencies that a version catalogue names are in that file.
    """
    stack = Stack(KINDS[0].name)
    text = _without_comments(content.text)
    variables = _variables(text)
    for line, found in _matches(_PLUGIN, text):
        name = found["id"] or f"org.jetbrains.kotlin.{found['kotlin']}"
        add_plugin(stack, name, _filled(found["version"], variables), line)
    for pattern in (_COORDINATES, _ENTRY, _NAMED):
        for line, found in _matches(pattern, text):
            version = _filled(found["version"] or "", variables)
            add_maven(stack, found["group"], found["name"], version, line)
    for line, found in _matches(_JAVA, text):
        add_java(stack, found["version"], line, lowest=not found["toolchain"])
    for line, found in _matches(_GRADLE, text):
        stack.add_named("gradle", found["version"], line, moving=False)
    return stack


def read_lock(content: Content) -> Stack:
    """Parse a gradle.lockfile."""
    stack = Stack("gradle.lockfile")
    for number, line in content.lines():
        if locked := _LOCKED.fullmatch(line.strip()):
            add_maven(stack, locked["group"], locked["name"], locked["version"], number)
        elif line.strip() and not line.startswith(("#", "empty=")):
            stack.problem(f"“{quoted(line)}” is no locked dependency.", number)
    return stack


def read_wrapper(content: Content) -> Stack:
    """Parse a gradle-wrapper.properties or maven-wrapper.properties."""
    stack = Stack("gradle-wrapper.properties")
    for line, found in _matches(_DISTRIBUTION, content.text):
        stack.add_named(found["tool"], found["version"], line, moving=False)
    return stack


def read_catalogue(content: Content) -> Stack:
    """Parse a version catalogue: libs.versions.toml."""
    stack = Stack("libs.versions.toml")
    document, lines = content.toml(), KeyLines.of_toml(content.text)
    versions = table_of(document.get("versions"))
    for alias, entry in table_of(document.get("libraries")).items():
        group, name, version = _library(entry, versions)
        if group and name:
            add_maven(stack, group, name, version, lines.line("libraries", alias))
    for alias, entry in table_of(document.get("plugins")).items():
        table = table_of(entry)
        name, _, version = text_of(entry).partition(":")
        version = version or _version(table.get("version"), versions)
        if name := name or text_of(table.get("id")):
            add_plugin(stack, name, version, lines.line("plugins", alias))
    return stack


def _library(entry: Any, versions: Mapping[str, Any]) -> tuple[str, str, str]:
    table = table_of(entry)
    module = text_of(entry) or text_of(table.get("module"))
    group, name, version = [*module.split(":"), "", "", ""][:3]
    return (
        group or text_of(table.get("group")),
        name or text_of(table.get("name")),
        version or _version(table.get("version"), versions),
    )


def _version(value: Any, versions: Mapping[str, Any]) -> str:
    """Return a version: a text, a reference to one, or a rich version."""
    table = table_of(value)
    if "ref" in table:
        value = versions.get(text_of(table["ref"]))
        table = table_of(value)
    keys = ("strictly", "require", "prefer")
    return text_of(value) or next(filter(None, (text_of(table.get(each)) for each in keys)), "")


def _without_comments(text: str) -> str:
    """Return the text with the comments of Groovy and Kotlin left out and all lines kept."""
    return _STRING_OR_COMMENT.sub(
        lambda each: each["string"] or " " + "\n" * each[0].count("\n"), text
    )


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, re.Match[str]]]:
    line, end = 1, 0
    for found in pattern.finditer(text):
        line += text.count("\n", end, found.start())
        end = found.start()
        yield line, found


def _variables(text: str) -> Mapping[str, str]:
    """Return the variables with one literal value."""
    values: dict[str, str] = {}
    for each in _VARIABLE.finditer(text):
        name, value = each["name"] or each["set"] or each["key"], each["value"]
        values[name] = value if values.get(name, value) == value else ""
    return values


def _filled(text: str, variables: Mapping[str, str]) -> str:
    """Return a version with its variable filled in; empty if its value is not known."""
    if text.isidentifier():  # version: springVersion
        text = f"${text}"
    reference = _REFERENCE.fullmatch(text)
    if reference:
        text = variables.get(reference["name"] or reference["property"], "")
    return "" if "$" in text else text.rstrip("!")


def _recognise_build(content: Content) -> bool:
    blocks = {found.strip(" \t{") for found in _BLOCK.findall(content.text)}
    return len(blocks) > 1 or bool(blocks and _APPLY.search(content.text))


def _recognise_catalogue(content: Content) -> bool:
    if "[libraries]" not in content.text and "[plugins]" not in content.text:
        return False
    document = content.toml()
    libraries = table_of(document.get("libraries")).values()
    return all(
        ":" in text_of(each) or table_of(each).keys() & {"module", "group"} for each in libraries
    )


KINDS: Final = (
    Kind(
        name="build.gradle",
        files=("*.gradle", "*.gradle.kts"),
        read=read_build,
        finds="plugins and dependencies with a version that the file says; the toolchain of Java "
        "(`sourceCompatibility` is a lower bound)",
        recognise=_recognise_build,
    ),
    Kind(
        name="gradle.lockfile",
        files=("*gradle.lockfile", "dependency-locks/*.lockfile"),
        read=read_lock,
        finds="all locked dependencies",
        recognise=lambda content: content.text.startswith(_LOCK_HEAD),
    ),
    Kind(
        name="gradle-wrapper.properties",
        files=("gradle-wrapper.properties", "maven-wrapper.properties"),
        read=read_wrapper,
        finds="the version of Gradle or Maven",
        recognise=lambda content: bool(_DISTRIBUTION.search(content.text)),
    ),
    Kind(
        name="libs.versions.toml",
        files=("*.versions.toml",),
        read=read_catalogue,
        finds="libraries and plugins of a version catalogue",
        recognise=_recognise_catalogue,
    ),
)
