"""Dockerfiles: the images of their stages, except stages that they define themselves."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.images import add_image
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import quoted

MAX_IMAGE_LENGTH: Final = 500
"""Maximum length of the name of an image and of the value of a variable in one.

Without it, a few lines could expand to a text of any size.
"""

_FROM: Final = re.compile(
    r"FROM\s++(?:--\S++\s++)*+(?P<image>[^\s-]\S*+)(?:\s++AS\s++(?P<stage>\S++))?", re.IGNORECASE
)
_INSTRUCTION: Final = re.compile(
    r"(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL"
    r"|STOPSIGNAL|USER|VOLUME|WORKDIR)\s",
    re.IGNORECASE,
)
_ARG: Final = re.compile(r"(?<=\s)(?P<name>\w+)=[\"']?(?P<value>[^\s\"']*)")
_VARIABLE: Final = re.compile(
    r"\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?::?(?P<sign>[-+])(?P<other>[^}]*))?\})"
)
_HERE: Final = re.compile(r"\s\d*<<-?([\"']?)(?P<end>[A-Za-z_]\w*)\1(?=\s|$)")
_MAY_HAVE_HERE: Final = frozenset({"RUN", "COPY", "ADD"})


def _read(content: Content) -> Stack:
    stack = Stack(KIND.name)
    values: dict[str, str] = {}
    stages: set[str] = set()
    for line, instruction, text in _instructions(content.logical_lines()):
        if instruction == "FROM":
            stages.add(_add_stage(stack, text, line, values, stages))
        elif instruction == "ARG" and not stages:  # FROM cannot use later ones
            for each in _ARG.finditer(text):
                values[each["name"]] = _filled(each["value"], values)
    return stack


def _recognise(content: Content) -> bool:
    """Return True if every line is an instruction and one is a valid FROM."""
    instructions = list(_instructions(content.logical_lines()))
    return all(_INSTRUCTION.match(text) for _, _, text in instructions) and any(
        _FROM.fullmatch(text) for _, _, text in instructions
    )


KIND: Final = Kind(
    name="Dockerfile",
    files=("dockerfile", "dockerfile.*", "*.dockerfile", "containerfile", "containerfile.*"),
    read=_read,
    finds="the images of `FROM` lines, with the defaults of `ARG`; references to earlier stages"
    " are skipped",
    recognise=_recognise,
)


def _instructions(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    """Yield the lines of a Dockerfile with their instructions, without here-documents.

    Between `RUN <<END` and `END` a line may begin with any word.
    """
    ends: list[str] = []
    for line, content in lines:
        if ends:
            if content == ends[-1]:
                ends.pop()
            continue
        instruction = content.split(maxsplit=1)[0].upper()
        if instruction in _MAY_HAVE_HERE:
            ends = [found["end"] for found in _HERE.finditer(content)][::-1]
        yield line, instruction, content


def _filled(image: str, values: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        known = values.get(found["plain"] or found["name"])
        if found["sign"] == "+":
            return found["other"] if known else ""
        return known or found["other"] or ""

    return _VARIABLE.sub(value, image[:MAX_IMAGE_LENGTH])[:MAX_IMAGE_LENGTH]


def _add_stage(
    stack: Stack, content: str, line: int, values: Mapping[str, str], stages: Collection[str]
) -> str:
    """Add the image of a FROM line, unless it is an earlier stage.

    Returns the name of the stage that the line begins; empty if it has none.
    """
    found = _FROM.fullmatch(content)
    image = _filled(found["image"], values) if found else ""
    if not image or "$" in image:
        stack.problem(f"“{quoted(content)}” names no image, such as FROM python:3.13.", line)
    elif image.lower() not in stages and image != "scratch":
        add_image(stack, image, line)
    return (found["stage"] or "").lower() if found else ""
