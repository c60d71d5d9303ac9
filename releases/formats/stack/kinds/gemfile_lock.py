"""Parser for Gemfile.lock."""

from __future__ import annotations

import re
from typing import Final

from releases.domain.identifiers import build_purl
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.refusals import refusal

_GEM: Final = re.compile(r" {4}(?P<name>[^\s()]+) \((?P<version>[^\s()-]+)(?:-[^()]*)?\)")
"""A gem, in some files with a platform: `    nokogiri (1.15.4-x86_64-linux)`."""
_RUBY: Final = re.compile(
    r"\s+ruby (?P<version>\d[\d.]*+)(?P<suffix>\S*+)(?: \((?P<engine>\w+) (?P<number>\d[\d.]*)\))?"
)
_BUNDLER: Final = re.compile(r"\s+(?P<version>\d[\w.]*)")
_SOURCES: Final = frozenset({"GEM", "GIT", "PLUGIN SOURCE"})


def read(content: Content) -> Stack:
    """Parse a Gemfile.lock: the gems, Ruby and Bundler. Gems of the project itself are left out."""
    if not _recognise(content):
        raise refusal("It has no section GEM, GIT or PATH with specs.")
    stack = Stack(KIND.name)
    section = ""
    for number, raw in content.lines():
        line = raw.rstrip()
        if line and not line.startswith(" "):
            section = line
        elif section in _SOURCES and (gem := _GEM.fullmatch(line)):
            stack.add(gem["name"], gem["version"], build_purl("gem", gem["name"]), number)
        elif section == "RUBY VERSION" and (ruby := _RUBY.fullmatch(line)):
            engine = ruby["engine"] or "ruby"
            stack.add_named(engine, ruby["number"] or _release(ruby), number, moving=False)
        elif section == "BUNDLED WITH" and (bundler := _BUNDLER.fullmatch(line)):
            stack.add("bundler", bundler["version"], build_purl("gem", "bundler"), number)
    return stack


def _release(ruby: re.Match[str]) -> str:
    """Return the release without its patch level: 2.7.8 for `2.7.8p225`."""
    suffix = ruby["suffix"]
    return ruby["version"] + ("" if suffix.startswith("p") and suffix[1:].isdigit() else suffix)


def _recognise(content: Content) -> bool:
    sections = {line for _, line in content.lines() if line[:1].isupper()}
    has_specs = any(line == "  specs:" for _, line in content.lines())
    return has_specs and bool(sections & {"GEM", "GIT", "PATH"})


KIND: Final = Kind(
    name="Gemfile.lock",
    files=("gemfile.lock", "*.gemfile.lock", "gems.locked"),
    read=read,
    finds="all locked gems, Ruby and Bundler",
    recognise=_recognise,
)
