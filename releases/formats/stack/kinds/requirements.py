"""requirements.txt and the output of `pip freeze`."""

from __future__ import annotations

import re
from typing import Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.python_packages import (
    ADDRESS,
    OPTION,
    add_line,
    read_requirement,
)

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
        add_line(stack, whole, line)
    return stack


def _recognise(content: Content) -> bool:
    """Return True if every line is a requirement or an option, and one has a version or a URL.

    Otherwise any list of words would be requirements.
    """
    is_specific = False
    for _, whole in content.head.logical_lines():
        text = OPTION.sub("", whole)
        if _OPTION_LINE.match(text) or ADDRESS.fullmatch(text):
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
