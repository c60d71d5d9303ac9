"""The geometry of badges: two coloured fields, each as wide as its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from unicodedata import combining, east_asian_width

HEIGHT: Final = 20
FONT_SIZE: Final = 11
PADDING: Final = 6

_WIDTHS: Final = {
    character: width
    for width, characters in {
        28: "'ijl",
        32: "IJ ,./:;\\|",
        37: "f-()[]t",
        42: "!r",
        48: '"*_`',
        53: "sz?c",
        58: "LFkvxyP",
        63: "TYaoeESbdghnpqu0123456789${}",
        68: "KAVBRXZC",
        75: "UHNDG&",
        80: "OQw",
        84: "#+<=>^~M",
        97: "%mW@",
    }.items()
    for character in characters
}
"""Widths of characters in hundredths of the font size, approximately those of DejaVu Sans and
Verdana. The image stretches its texts to the computed width."""

_DEFAULT_WIDTH: Final = 63
_WIDE_WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class Field:
    """A coloured field with a text, in pixels. `middle` is the centre of the text."""

    text: str
    fill: str
    ink: str
    x: int
    width: int

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def text_width(self) -> int:
        return self.width - 2 * PADDING


@dataclass(frozen=True, slots=True)
class BadgeImage:
    """The two fields of a badge."""

    label: Field
    message: Field

    @property
    def fields(self) -> tuple[Field, Field]:
        return self.label, self.message

    @property
    def title(self) -> str:
        return f"{self.label.text}: {self.message.text}"

    @property
    def width(self) -> int:
        return self.label.width + self.message.width


def badge_image(
    label: str, message: str, label_colours: tuple[str, str], colours: tuple[str, str]
) -> BadgeImage:
    """Return the geometry of a badge. Colours are pairs of background and text colour."""
    first = Field(label, *label_colours, x=0, width=_field_width(label))
    second = Field(message, *colours, x=first.width, width=_field_width(message))
    return BadgeImage(first, second)


def text_width(text: str) -> int:
    """Return the width of a text in pixels, rounded up."""
    return -(-sum(map(_character_width, text)) * FONT_SIZE // 100)


def _field_width(text: str) -> int:
    return text_width(text) + 2 * PADDING


def _character_width(character: str) -> int:
    if combining(character):
        return 0
    if east_asian_width(character) in "WF":
        return _WIDE_WIDTH
    return _WIDTHS.get(character, _DEFAULT_WIDTH)
