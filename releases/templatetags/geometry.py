"""Writes the numbers of the timeline."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def percent(fraction: float) -> str:
    """A fraction as a percentage for SVG: 0.25 -> 25%."""
    return f"{fraction * 100:.4f}".rstrip("0").rstrip(".") + "%"
