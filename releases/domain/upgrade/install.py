"""Install commands of a release, from the package URLs of its product."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from packageurl import PackageURL

from releases.domain.identifiers import parse_purl

_PLAIN: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+~-]*")
_NAME: Final = re.compile(r"[0-9A-Za-z@][0-9A-Za-z._/@-]*")

_COMMANDS: Final = {
    "pypi": ("pip", 'python -m pip install "{name}=={version}"'),
    "npm": ("npm", "npm install {name}@{version}"),
    "gem": ("gem", "gem install {name} --version {version}"),
    "composer": ("Composer", "composer require {name}:{version}"),
    "cargo": ("Cargo", "cargo install {name} --version {version}"),
    "nuget": (".NET", "dotnet add package {name} --version {version}"),
    "golang": ("Go", "go get {name}@v{version}"),
    "docker": ("Docker", "docker pull {name}:{version}"),
}
"""The tool and its command by the type of package URL, most likely first."""

OFFICIAL: Final = "library"
"""The namespace of Docker Hub's official images, which commands leave out."""


@dataclass(frozen=True, slots=True)
class Command:
    """A shell command and the tool that it runs."""

    tool: str
    text: str


def install_command(purls: Iterable[str], version: str, label: str = "") -> Command | None:
    """Return the command that installs a release; None if no package is known, or several are.

    Values of the catalogue are untrusted: there is no command for a name or version that a shell
    could interpret.

    Args:
        purls: The package URLs of the product.
        version: The release.
        label: The label of the product. Its capitalization is used if it is the name on PyPI, which
            ignores case.
    """
    packages: dict[str, list[PackageURL]] = {}
    for text in purls:
        if package := parse_purl(text):
            packages.setdefault(package.type, []).append(package)
    for kind, (tool, template) in _COMMANDS.items():
        name = _name(packages.get(kind, []))
        if not name:
            continue
        if kind == "pypi" and label.lower() == name.lower():
            name = label
        if not (_NAME.fullmatch(name) and _PLAIN.fullmatch(version)):
            return None
        return Command(tool, template.format(name=name, version=version))
    return None


def is_package(purls: Iterable[str], kind: str, name: str = "") -> bool:
    """Return True if a product is in a package index (`pypi`), with this name if one is given."""
    found = filter(None, map(parse_purl, purls))
    return any(each.type == kind and name in ("", each.name) for each in found)


def _name(packages: list[PackageURL]) -> str:
    """Return the name of the only package, or an empty string if it is ambiguous."""
    official = [each for each in packages if each.namespace == OFFICIAL]
    found = official or packages
    if len(found) != 1:
        return ""
    package = found[0]
    spaced = package.namespace and package.namespace != OFFICIAL
    name = f"{package.namespace}/{package.name}" if spaced else package.name
    return f"{name}/{package.subpath}" if package.subpath else name
