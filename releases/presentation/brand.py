"""The brand of an installation: the colour and the logo that its settings name.

The colours of phases are fixed. The accent replaces two tokens of `static/tokens.css`, in a style
sheet of its own, because pages have no inline styles.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.urls import reverse

MIN_CONTRAST: Final = 4.5
"""The contrast of text with its background that level AA of WCAG 2.2 requires (1.4.3)."""

LIGHT, DARK = 0, 1
"""The places of the two schemes in `light-dark()`."""
_TINT: Final = (0.085, 0.15)
"""The part of the accent in its tint."""
_BACKGROUNDS: Final = ("--page", "--band", "--surface", "--sunken")

_TOKEN: Final = re.compile(r"(--[\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
_TOKENS: Final = {
    name: (light, dark)
    for sheet in ("bars.css", "tokens.css")
    for name, light, dark in _TOKEN.findall(
        (settings.BASE_DIR / "static" / sheet).read_text(encoding="utf-8")
    )
}


def brand_context() -> dict[str, str]:
    """Return the template context of the brand; its values are empty if it is not set."""
    css = brand_css()
    address = f"{reverse('releases:brand')}?v={digest(css)}" if css else ""
    return {"brand_css": address, "site_logo": settings.SITE_LOGO}


def brand_css() -> str:
    """Return the style sheet of the accent; empty if the site has no accent of its own."""
    if not (settings.SITE_ACCENT or settings.SITE_ACCENT_DARK):
        return ""
    light, dark = accents()
    tints = tint(light, LIGHT), tint(dark, DARK)
    return (
        f"@layer tokens {{ :root {{ --accent: light-dark({light}, {dark});"
        f" --accent-tint: light-dark({tints[LIGHT]}, {tints[DARK]}); }} }}\n"
    )


def digest(css: str) -> str:
    """Return the part of the address of a style sheet that changes with it."""
    return sha256(css.encode()).hexdigest()[:12]


def accents() -> tuple[str, str]:
    """Return the accents of the light and of the dark scheme.

    Without SITE_ACCENT_DARK, the dark one is SITE_ACCENT, as much lighter as it must be.
    """
    light, dark = _TOKENS["--accent"]
    if settings.SITE_ACCENT:
        light, dark = settings.SITE_ACCENT, lightened(settings.SITE_ACCENT)
    return light, settings.SITE_ACCENT_DARK or dark


def contrast_problems() -> Iterator[tuple[str, str]]:
    """Yield the settings of accents that are hard to read, each with a sentence about it."""
    for name, colour, scheme in zip(
        ("SITE_ACCENT", "SITE_ACCENT_DARK"), accents(), (LIGHT, DARK), strict=True
    ):
        found, background = weakest(colour, scheme)
        if getattr(settings, name) and found < MIN_CONTRAST:
            shown = math.floor(found * 100) / 100
            yield (
                name,
                f"{name} is {colour}: its contrast with the background {background} is"
                f" {shown:.2f}:1, and at least {MIN_CONTRAST}:1 is needed.",
            )


def weakest(colour: str, scheme: int) -> tuple[float, str]:
    """Return the lowest contrast of an accent with the backgrounds of a scheme, and which it is."""
    backgrounds = [_TOKENS[name][scheme] for name in _BACKGROUNDS] + [tint(colour, scheme)]
    return min((contrast(colour, each), each) for each in backgrounds)


@lru_cache(maxsize=8)
def lightened(colour: str) -> str:
    """Return a colour mixed with as little white as makes it readable in the dark scheme."""
    mixes = (mix("#ffffff", colour, part / 100) for part in range(101))
    return next(each for each in mixes if weakest(each, DARK)[0] >= MIN_CONTRAST)


def tint(colour: str, scheme: int) -> str:
    """Return the background of what is current: the page with some of the accent."""
    return mix(colour, _TOKENS["--page"][scheme], _TINT[scheme])


def mix(colour: str, other: str, part: float) -> str:
    """Return `part` of a colour (0 to 1) mixed with the rest of another one, in sRGB."""
    channels = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * part + b * (1 - part)):02x}" for a, b in channels)


def contrast(colour: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, as WCAG 2.2 defines it."""
    low, high = sorted((_luminance(colour), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour as WCAG 2.2 defines it."""
    linear = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    )
    return sum(map(float.__mul__, (0.2126, 0.7152, 0.0722), linear))


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
