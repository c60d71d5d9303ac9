"""devcontainer.json: the image and the versions of features."""

from __future__ import annotations

import re
from typing import Any, Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.setup_tools import add_setup, add_setup_of_java
from releases.formats.stack.values import table_of, text_of
from releases.formats.stack.variables import add_image_value
from releases.formats.stack.yaml_values import Located

_STRING: Final = r'"(?:[^"\\\n]|\\.)*+"?'
_COMMENT: Final = re.compile(_STRING + r"|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?")
_LAST_COMMA: Final = re.compile(_STRING + r"|,(?=\s*+[}\]])")
_FEATURE: Final = re.compile(
    r"(?:(?:ghcr\.io/)?devcontainers(?:-contrib|-extra)?/features/)?(?P<name>[\w-]+)(?:[:@].*)?"
)
_FEATURES: Final = frozenset(
    {
        *("deno", "dotnet", "elixir", "go", "node", "php", "powershell", "python", "ruby", "rust"),
        "terraform",
    }
)
"""The features that are tools (`PRODUCTS`)."""
_MARKS: Final = frozenset(
    {
        *("customizations", "forwardPorts", "postCreateCommand", "postStartCommand", "remoteUser"),
        *("workspaceFolder", "runArgs", "containerEnv", "remoteEnv", "mounts", "extensions"),
    }
)
"""Keys that no other kind of JSON file has beside an image or features."""
_SOURCES: Final = frozenset({"image", "features", "build", "dockerFile", "dockerComposeFile"})


def _read(content: Content) -> Stack:
    """Return the image and features. A Dockerfile or compose file that it names is not followed."""
    stack = Stack(KIND.name)
    document = table_of(json_with_comments(content))
    image = text_of(document.get("image"))
    add_image_value(stack, Located.at(image, content.line_of(image)))
    for feature, options in table_of(document.get("features")).items():
        found = _FEATURE.fullmatch(feature)
        version = text_of(table_of(options).get("version", options))
        if found and version not in {"none", "os-provided", "system"}:
            _add_feature(stack, found["name"], version, options, content.line_of(feature))
    return stack


def _add_feature(stack: Stack, name: str, version: str, options: Any, line: int) -> None:
    if name == "java":
        build = text_of(table_of(options).get("jdkDistro")) or "ms"
        add_setup_of_java(stack, build, version, line)
    elif name in _FEATURES:
        add_setup(stack, name, version or "latest", line)


def json_with_comments(content: Content) -> Any:
    """Return the values of a JSON file that may have comments and commas before brackets.

    Raises:
        FormatError: It is no JSON; names the line.
    """

    def blank(found: re.Match[str]) -> str:
        text = found[0]
        return text if text.startswith('"') else re.sub(r"[^\n]", " ", text)

    text = _LAST_COMMA.sub(blank, _COMMENT.sub(blank, content.text))
    return Content(text, content.name).json()


def _recognise(content: Content) -> bool:
    """Return True for an image, build or features beside a key of containers for development."""
    if not content.text.lstrip().startswith(("{", "/")):
        return False
    document = table_of(content.json() if content.is_json else json_with_comments(content))
    return bool(_SOURCES & document.keys()) and bool(_MARKS & document.keys())


KIND: Final = Kind(
    name="devcontainer.json",
    files=("devcontainer.json", ".devcontainer.json"),
    read=_read,
    finds="the image, and versions of well-known features; a Dockerfile or compose file that it"
    " names is not followed",
    recognise=_recognise,
)
