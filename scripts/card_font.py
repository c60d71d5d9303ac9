"""Make the font of cards from that of the pages: `python scripts/card_font.py`.

The renderer of cards reads no WOFF2, and draws nothing for letters that a font lacks; this one has
a box for them. Needed again only if `static/inter.woff2` changes: `pip install fonttools brotli`.
"""

from __future__ import annotations

from pathlib import Path

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "static" / "inter.woff2"
TARGET = ROOT / "releases" / "presentation" / "fonts" / "inter.ttf"
MISSING = ".notdef"

Points = list[tuple[int, int]]


def main() -> None:
    """Write the font."""
    font = TTFont(SOURCE)
    font.flavor = None
    em = font["head"].unitsPerEm
    left, right, top, edge = em // 10, em * 6 // 10, em * 7 // 10, em * 7 // 100
    pen = TTGlyphPen(None)
    _draw(pen, [(left, 0), (left, top), (right, top), (right, 0)])
    inner = left + edge, right - edge, top - edge
    _draw(pen, [(inner[0], edge), (inner[1], edge), (inner[1], inner[2]), (inner[0], inner[2])])
    font["glyf"][MISSING] = pen.glyph()
    font["hmtx"][MISSING] = (right + left, left)
    font["gvar"].variations[MISSING] = []
    font.save(TARGET)


def _draw(pen: TTGlyphPen, points: Points) -> None:
    pen.moveTo(points[0])
    for point in points[1:]:
        pen.lineTo(point)
    pen.closePath()


if __name__ == "__main__":
    main()
