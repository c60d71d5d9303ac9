"""Tools of version managers (asdf, mise, nvm, pyenv, jenv and others) as components."""

from __future__ import annotations

import re
from typing import Final

from releases.domain import limits
from releases.formats.stack.component import Stack
from releases.formats.stack.dotnet import version_of_sdk
from releases.formats.stack.images import version_of_codename
from releases.formats.stack.npm_packages import MANAGERS, add_locked_npm

PRODUCTS: Final = {
    "ansible-core": "ansible-core",
    "argocd": "argo-cd",
    "bun": "bun",
    "consul": "consul",
    "deno": "deno",
    "dotnet": "dotnet",
    "dotnet-core": "dotnet",
    "elasticsearch": "elasticsearch",
    "elixir": "elixir",
    "erlang": "erlang",
    "ghc": "ghc",
    "go": "go",
    "golang": "go",
    "gradle": "gradle",
    "groovy": "apache-groovy",
    "helm": "helm",
    "istioctl": "istio",
    "julia": "julia",
    "kotlin": "kotlin",
    "kubectl": "kubernetes",
    "lua": "lua",
    "mariadb": "mariadb",
    "maven": "apache-maven",
    "mongodb": "mongodb",
    "mysql": "mysql",
    "node": "nodejs",
    "nodejs": "nodejs",
    "nomad": "nomad",
    "opentofu": "opentofu",
    "packer": "packer",
    "perl": "perl",
    "php": "php",
    "pnpm": "pnpm",
    "postgres": "postgresql",
    "powershell": "powershell",
    "python": "python",
    "r": "r",
    "redis": "redis",
    "ruby": "ruby",
    "rust": "rust",
    "scala": "scala",
    "solr": "solr",
    "terraform": "terraform",
    "vault": "hashicorp-vault",
    "zig": "zig",
}
"""The products of tools, by the names that version managers have for them."""
_JDKS: Final = {
    "corretto": "amazon-corretto",
    "dragonwell": "alibaba-dragonwell",
    "graalvm": "graalvm",
    "graalvm-community": "graalvm-ce",
    "liberica": "bellsoft-liberica",
    "microsoft": "microsoft-build-of-openjdk",
    "openjdk": "openjdk-builds-from-oracle",
    "oracle": "oracle-jdk",
    "sapmachine": "sapmachine",
    "semeru-openj9": "ibm-semeru-runtime",
    "temurin": "eclipse-temurin",
    "zulu": "azul-zulu",
}
"""The products of builds of Java, by the beginnings of their versions."""
_MOVING: Final = re.compile(
    r"latest|lts|lts/\*|lts/-\d|lts-latest|node|stable|unstable|nightly|current|system|default|"
    r"min-required|latest-allowed|\w+-head|head|master|(?:ref|path|branch|tag):\S+|sub-\d\S*"
)
"""Words that mean another version on another day or machine, or a commit."""
_PREFIX: Final = re.compile(r"(?:latest:|prefix:)[\^~]?(?=\d)")
_NUMBER: Final = (
    r"(?P<version>\d+(?:\.\d+)*(?:[._-]?(?:alpha|beta|rc|a|b|preview|pre|dev)[._-]?\d*)?)"
    r"(?:\.x|\.\*|t|p\d+)?(?:[-+@][\w.+@-]*)?"
)
_NAMES: Final = {
    "go": "go|golang-",
    "node": "node[-/]?|nodejs-",
    "python": "c?python[-@]",
    "ruby": "ruby-",
    "php": "php-",
}
_OTHER: Final = re.compile(
    r"(?P<name>jruby|truffleruby|mruby|rbx|pypy|graalpy|anaconda|miniconda|miniforge|mambaforge)"
    r"@?(?:\d[\d.]*)?(?:-v?(?P<version>\d[\d.]*))?(?:[-+][\w.+-]*)?"
)
"""Another implementation, with its own versions: `jruby-9.4.5.0`, `pypy3.10-7.3.12`."""
_JDK: Final = re.compile(
    r"(?P<vendor>[a-z][a-z0-9-]*?)(?P<bits>64)?-(?:jre-|javafx-|crac-)*(?P<version>\d[\d.]*)\S*"
)
_OLD_JAVA: Final = re.compile(r"1\.(?P<version>[5-8])\b.*")


def add_tool(stack: Stack, tool: str, text: str, line: int) -> bool:
    """Add a tool with a version as version managers write it: `v18`, `lts/iron`, `jruby-9.4`.

    Moving words such as `latest` give no version. A tool that is not in `PRODUCTS` is a component
    without a product.

    Returns:
        False if the text is no version; nothing is added then.
    """
    if len(text) > limits.NAME:
        return False
    text = _PREFIX.sub("", text)
    version = _version(tool, text)
    if version is None and tool == "java":
        return _add_jdk(stack, text, line)
    if version is None:
        other = _OTHER.fullmatch(text) if tool in _NAMES else None
        if other:
            stack.add_named(other["name"], other["version"] or "", line, moving=False)
        return bool(other)
    if tool in MANAGERS:
        add_locked_npm(stack, tool, version, line)
    elif product := PRODUCTS.get(tool):
        stack.add_named(product, version, line)
    else:
        stack.add(tool, version, "", line, moving=True)
    return True


def _version(tool: str, text: str) -> str | None:
    """Return the version in a text: empty for a moving word, None if it is not understood."""
    if _MOVING.fullmatch(text):
        return ""
    if tool in ("node", "nodejs"):
        tool = "node"
        word = text.removeprefix("lts/").removeprefix("lts-")
        if word.isalpha():
            return version_of_codename("nodejs", word) or ("" if word != text else None)
    if tool in ("dotnet", "dotnet-core") and (version := version_of_sdk(text)):
        return version
    tool = "go" if tool == "golang" else tool
    found = re.fullmatch(f"(?:{_NAMES.get(tool, '')})?v?{_NUMBER}", text)
    return found["version"] if found else None


def _add_jdk(stack: Stack, text: str, line: int) -> bool:
    found = _JDK.fullmatch(text)
    if not found:
        return False
    # jenv's openjdk64 may be of any vendor.
    product = None if found["vendor"] == "openjdk" and found["bits"] else _JDKS.get(found["vendor"])
    version = _OLD_JAVA.sub(r"\g<version>", found["version"])
    if product:
        stack.add_named(product, version, line)
    else:
        stack.add("java", version, "", line, moving=True)
    return True
