"""Dockerfiles: the images that they build on and copy from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.images import add_image
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import quoted
from releases.formats.stack.variables import cut_reference, substitute

_FROM: Final = re.compile(
    r"FROM\s++(?:--\S++\s++)*+(?P<image>[^\s-]\S*+)(?:\s++AS\s++(?P<stage>\S++))?", re.IGNORECASE
)
_ARG: Final = re.compile(r"(?<=\s)(?P<name>\w+)=[\"']?(?P<value>[^\s\"']*)")
_COPIED: Final = re.compile(r"\s--from=[\"']?([^\s\"']+)")
_MOUNTED: Final = re.compile(r"\s--mount=(?:(?!from=)[^\s,]++,)*+from=[\"']?([^\s,\"']+)")
_HERE: Final = re.compile(r"\s\d*<<(?P<dash>-?)([\"']?)(?P<end>[A-Za-z_]\w*)\2(?=\s|$)")
_DIRECTIVE: Final = re.compile(r"#\s*escape\s*=\s*`\s*")
_INSTRUCTION: Final = re.compile(
    r"ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL"
    r"|STOPSIGNAL|USER|VOLUME|WORKDIR"
)
_MAY_HAVE_HERE: Final = frozenset({"RUN", "COPY", "ADD"})
_WITH_IMAGE: Final = {"COPY": _COPIED, "ADD": _COPIED, "RUN": _MOUNTED}


def _read(content: Content) -> Stack:
    """Parse a Dockerfile: its images, except stages that it defines itself.

    Arguments have their defaults. A Dockerfile can use arguments of an image only if they precede
    the first stage.
    """
    stack = Stack(KIND.name)
    values: dict[str, str] = {}
    stages: set[str] = set()
    for line, instruction, text in _instructions(content.text):
        if instruction == "FROM":
            stages.add(_add_stage(stack, text, line, values, stages))
        elif instruction == "ARG" and not stages:
            for each in _ARG.finditer(text):
                values[each["name"]] = substitute(each["value"], values)
        elif found := _WITH_IMAGE.get(instruction):
            for each in found.finditer(text):
                image = cut_reference(substitute(each[1], values))
                if image and image.lower() not in stages and not image.isdigit():
                    add_image(stack, image, line)
    return stack


def _recognise(content: Content) -> bool:
    """Return True if all lines are instructions, one of which is a valid FROM."""
    valid = False
    for _, instruction, text in _instructions(content.text):
        if not _INSTRUCTION.fullmatch(instruction):
            return False
        valid = valid or _FROM.fullmatch(text) is not None
    return valid


def _add_stage(
    stack: Stack, text: str, line: int, values: Mapping[str, str], stages: Collection[str]
) -> str:
    """Add the image of a FROM line, unless it is an earlier stage.

    Returns the name of the stage that the line begins; empty if it has none.
    """
    found = _FROM.fullmatch(text)
    image = cut_reference(substitute(found["image"], values)) if found else ""
    if not image:
        stack.problem(f"“{quoted(text)}” names no image, such as FROM python:3.13.", line)
    elif image.lower() not in stages and image != "scratch":
        add_image(stack, image, line)
    return (found["stage"] or "").lower() if found else ""


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the logical lines of a Dockerfile with their numbers and instructions.

    Comments and here-documents are left out: between `RUN <<END` and `END` a line may begin with
    any word.
    """
    escape = "`" if _DIRECTIVE.match(text) else "\\"
    ends: list[re.Match[str]] = []
    held: list[str] = []
    began = 0
    for number, raw in enumerate(text.split("\n"), start=1):
        if ends:
            if (raw.lstrip("\t") if ends[-1]["dash"] else raw) == ends[-1]["end"]:
                ends.pop()
            continue
        line = raw.strip()
        if not line or line.startswith("#"):  # these do not end a continued line either
            continue
        began = began if held else number
        if line.endswith(escape):
            held.append(line[:-1])
            continue
        content = " ".join([*held, line]).strip()
        held.clear()
        instruction = content.split(maxsplit=1)[0].upper()
        if instruction in _MAY_HAVE_HERE:
            ends = list(_HERE.finditer(content))[::-1]
        yield began, instruction, content
    if last := " ".join(held).strip():
        yield began, last.split(maxsplit=1)[0].upper(), last


KIND: Final = Kind(
    name="Dockerfile",
    files=(
        "dockerfile",
        "dockerfile.*",
        "dockerfile-*",
        "*.dockerfile",
        "containerfile",
        "containerfile.*",
        "*.containerfile",
    ),
    read=_read,
    recognise=_recognise,
    finds="images of `FROM`, `COPY --from` and `RUN --mount`, with the defaults of `ARG`; earlier"
    " stages are skipped",
)
