"""How a release is installed, from what package managers call its product (purls)."""

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
"""The tool and its command by the type of a purl, the likeliest way to install something first."""

OFFICIAL: Final = "library"
"""The namespace of the images that Docker Hub itself looks after; nobody writes it."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to type, and the tool that it is for."""

    tool: str
    text: str


def install_command(purls: Iterable[str], version: str, label: str = "") -> Command | None:
    """The command that installs a release; None where nothing is known, or several packages are.

    `label` is what people call the product: its capitals are used where it is the package's name,
    and the index does not mind. Texts of a catalogue are not trusted: what a shell could take for
    more than a name is no command.
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
    """Whether a product is in a package index (`pypi`), under this name if one is given."""
    found = filter(None, map(parse_purl, purls))
    return any(each.type == kind and name in ("", each.name) for each in found)


def _name(packages: list[PackageURL]) -> str:
    """The one package that is meant; empty where it is not clear which."""
    official = [each for each in packages if each.namespace == OFFICIAL]
    found = official or packages
    if len(found) != 1:
        return ""
    package = found[0]
    spaced = package.namespace and package.namespace != OFFICIAL
    name = f"{package.namespace}/{package.name}" if spaced else package.name
    return f"{name}/{package.subpath}" if package.subpath else name
