"""A strict parser for generated HTML. It raises for unbalanced or forbidden HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = frozenset({"br", "hr"})
FORBIDDEN = frozenset(
    [
        "script",
        "style",
        "iframe",
        "img",
        "object",
        "embed",
        "form",
        "input",
        "svg",
        "math",
        "template",
        "link",
        "meta",
        "base",
        "body",
    ]
)


class Parsed(HTMLParser):
    """The elements, links, ids and text (outside of code) of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(html)
        self.close()
        assert not self.open, f"left open: {self.open}"
        ids = [attributes["id"] for _, attributes in self.elements if "id" in attributes]
        assert len(ids) == len(set(ids)), "an id is there twice"
        assert all(name.startswith("text-") for name in ids)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in FORBIDDEN
        attributes = {name: value or "" for name, value in attrs}
        assert len(attributes) == len(attrs), "an attribute is there twice"
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        href = attributes.get("href", "")
        scheme = re.match(r"\s*([a-z][a-z\d+.-]*):", href, re.IGNORECASE)
        assert not scheme or scheme[1].lower() in ("http", "https", "mailto"), href
        assert not href.startswith(("//", "/\\", "\\"))
        assert tag != "a" or attributes["rel"] == "nofollow noopener"
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "code" not in self.open:
            self.words += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment came through")

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)

    def hrefs(self) -> list[str]:
        return [attributes["href"] for tag, attributes in self.elements if "href" in attributes]

    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    def classes(self) -> list[tuple[str, str]]:
        return [(tag, given["class"]) for tag, given in self.elements if "class" in given]
