"""requirements.txt and the output of `pip freeze`."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.python_packages import (
    add_requirement,
    name_of_file,
    read_requirement,
)

_ADDRESS: Final = re.compile(
    r"(?:(?:-e|--editable)[ =]\s*)?(?P<url>(?:(?:git|hg|svn|bzr)\+|https?:|file:)\S+)"
)
_OPTION: Final = re.compile(r"\s--(?:hash|config-settings?|global-option)[= ].*$")
_OPTION_LINE: Final = re.compile(
    r"(?:-[ceirf]|--(?:requirement|constraint|editable|(?:extra-)?index-url|no-index|find-links"
    r"|no-binary|only-binary|prefer-binary|require-hashes|pre|trusted-host|use-feature))(?:[ =]|$)"
)


def _read(content: Content) -> Stack:
    """Return the required packages.

    Options and included files are left out; a line that is no requirement is a problem.
    """
    stack = Stack(KIND.name)
    for line, whole in content.logical_lines():
        text = _OPTION.sub("", whole)
        if address := _ADDRESS.fullmatch(text):
            _add_address(stack, address["url"], line)
        elif not text.startswith("-"):  # an option, another file, the project itself
            add_requirement(stack, text, line)
    return stack


def _recognise(content: Content) -> bool:
    """Return True if every line is a requirement or an option, and one has a version or a URL.

    Otherwise any list of words would be requirements.
    """
    is_specific = False
    for _, whole in content.head.logical_lines():
        text = _OPTION.sub("", whole)
        if _OPTION_LINE.match(text) or _ADDRESS.fullmatch(text):
            is_specific = True
        elif requirement := read_requirement(text):
            is_specific = is_specific or bool(requirement.specifier or requirement.url)
        else:
            return False
    return is_specific


KIND: Final = Kind(
    name="requirements.txt",
    files=(
        *("*requirements*.txt", "requirements*.in", "requirements/*.txt", "requirements/*.in"),
        *("constraints*.txt", "pip-freeze.txt"),
    ),
    read=_read,
    finds="each requirement, with hashes, markers and continued lines; of a URL, `#egg=` or the"
    " file name. Options, `-r` and `-e ./here` are skipped",
    recognise=_recognise,
)


def _add_address(stack: Stack, url: str, line: int) -> None:
    """Add a package that is installed from a URL.

    It is a repository, `git+https://example.org/django.git@main#egg=Django`, or a file whose name
    contains the package and version.
    """
    try:
        parts = urlsplit(url)
        (egg,) = parse_qs(parts.fragment).get("egg", [""])
        name, version = name_of_file(parts.path)
    except ValueError:  # no URL; several eggs
        egg = name = version = ""
    if name and not egg:
        stack.add_python(name, version, line)
    else:
        add_requirement(stack, egg or url, line)
