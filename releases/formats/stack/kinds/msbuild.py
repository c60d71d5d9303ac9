"""Parsers for the project files of .NET, the properties of a folder, and global.json."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from releases.domain.identifiers import build_purl
from releases.domain.ranges import Range
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content, LocatedElement
from releases.formats.stack.dotnet import version_of_sdk
from releases.formats.stack.key_lines import KeyLines
from releases.formats.stack.kind import Kind
from releases.formats.stack.properties import filled
from releases.formats.stack.refusals import refusal
from releases.formats.stack.values import quoted, table_of, text_of

_CORE: Final = re.compile(r"(?:netcoreapp|net)(?P<version>\d+\.\d+)(?:-.*)?")
_FRAMEWORK: Final = re.compile(r"net(?P<digits>[1-4]\d{1,2})")
_OLD_STYLE: Final = re.compile(r"v(?P<version>[1-4](?:\.\d){1,2})")
_OTHER_PLATFORM: Final = re.compile("Portable|Silverlight|WindowsPhone|Xamarin")
"""Imports of projects whose TargetFrameworkVersion is none of .NET Framework."""
_NO_RUNTIME: Final = re.compile(r"netstandard[\d.]*|portable-.*|uap.*")
_PROPERTY: Final = re.compile(r"\$\((?P<name>[\w.-]+)\)")
_PACKAGES: Final = frozenset({"PackageReference", "PackageVersion", "GlobalPackageReference"})
_ROLLS_FORWARD: Final = frozenset({"latestmajor", "major"})


def read(content: Content) -> Stack:
    """Parse a project file or a Directory.Build.props: target frameworks and packages.

    A package without a version has it in a Directory.Packages.props.
    """
    stack = Stack(KINDS[0].name)
    root = content.xml()
    if root.tag != "Project":
        raise refusal("It has no element Project.", root.line)
    properties = _properties(root)
    tags = {"TargetFramework", "TargetFrameworks"}
    if not any(_OTHER_PLATFORM.search(each.get("Project", "")) for each in root.iter("Import")):
        tags.add("TargetFrameworkVersion")
    for element in _elements(root):
        if element.tag in tags:
            for framework in filled(element.text or "", _PROPERTY, properties).split(";"):
                _add_framework(stack, framework.strip(), element.line)
        elif element.tag in _PACKAGES:
            _add_package(stack, element, properties)
    return stack


def read_global_json(content: Content) -> Stack:
    """Parse a global.json: the SDK of .NET.

    The number of an SDK begins with the version of .NET. A policy that allows later major versions
    makes it a lower bound.
    """
    stack = Stack("global.json")
    sdk = table_of(table_of(content.json()).get("sdk"))
    wanted = text_of(sdk.get("version"))
    line = KeyLines(content.text).line("sdk", "version")
    version = version_of_sdk(wanted)
    if wanted and not version:
        stack.problem(f"“{quoted(wanted)}” is no version of an SDK such as 8.0.100.", line)
    elif text_of(sdk.get("rollForward")).lower() in _ROLLS_FORWARD:
        stack.add_named("dotnet", "", line, wanted=Range("nuget", f"[{version},)"))
    elif version:
        stack.add_named("dotnet", version, line)
    return stack


def _elements(root: LocatedElement) -> Iterator[LocatedElement]:
    for element in root.iter():
        if isinstance(element, LocatedElement):
            yield element


def _properties(root: LocatedElement) -> Mapping[str, str]:
    """Return the properties with one value; conditions are not evaluated."""
    found: dict[str, str] = {}
    for group in root.iter("PropertyGroup"):
        for each in group:
            value = (each.text or "").strip()
            found[each.tag] = value if found.get(each.tag, value) == value else ""
    return found


def _add_framework(stack: Stack, name: str, line: int) -> None:
    lowered = name.lower()
    if core := _CORE.fullmatch(lowered):
        stack.add_named("dotnet", core["version"], line)
    elif framework := _FRAMEWORK.fullmatch(lowered):
        stack.add_named("dotnetfx", ".".join(framework["digits"]), line)
    elif old := _OLD_STYLE.fullmatch(lowered):
        stack.add_named("dotnetfx", old["version"], line)
    elif (
        name and "$(" not in name and not _NO_RUNTIME.fullmatch(lowered)
    ):  # MonoAndroid, Silverlight and others
        stack.add(name, "", "", line)


def _add_package(stack: Stack, element: LocatedElement, properties: Mapping[str, str]) -> None:
    name = element.get("Include") or element.get("Update") or ""
    inner = (element.findtext(each) for each in ("VersionOverride", "Version"))
    written = (
        element.get("VersionOverride") or element.get("Version") or next(filter(None, inner), "")
    )
    wanted = filled(written.strip(), _PROPERTY, properties)
    if not name or "$(" in name or "*" in name or (element.get("Update") and not wanted):
        return
    purl = build_purl("nuget", name)
    if wanted[:1].isdigit() and "*" not in wanted:  # NuGet takes the lowest version
        stack.add(name, wanted, purl, element.line)
    else:
        in_range = Range("nuget", wanted) if wanted and "$(" not in wanted else None
        stack.add(name, "", purl, element.line, wanted=in_range)


def _recognise(content: Content) -> bool:
    if not content.text.lstrip().startswith("<"):
        return False
    root = content.xml()
    return root.tag == "Project" and any(
        each.tag in ("PropertyGroup", "ItemGroup") for each in root
    )


def _recognise_global_json(content: Content) -> bool:
    if not content.text.lstrip().startswith("{"):
        return False
    sdk = table_of(table_of(content.json()).get("sdk"))
    return bool(version_of_sdk(text_of(sdk.get("version"))))


KINDS: Final = (
    Kind(
        name=".csproj",
        files=(
            "*.csproj",
            "*.fsproj",
            "*.vbproj",
            "directory.build.props",
            "directory.build.targets",
            "directory.packages.props",
        ),
        read=read,
        finds="target frameworks (.NET and .NET Framework); packages of NuGet",
        recognise=_recognise,
    ),
    Kind(
        name="global.json",
        files=("global.json",),
        read=read_global_json,
        finds="the version of .NET that the SDK is for",
        recognise=_recognise_global_json,
    ),
)
