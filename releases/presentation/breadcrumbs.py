"""Breadcrumbs as structured data (https://schema.org/BreadcrumbList)."""

from __future__ import annotations

from typing import Any

from releases.presentation.alternates import AbsoluteUrl


def breadcrumbs(path: str, names: list[str], absolute: AbsoluteUrl) -> dict[str, Any]:
    """Return the path from the roadmap to a page as a `BreadcrumbList`.

    Args:
        path: The path of the page.
        names: The name of the page at each segment of the path.
        absolute: Makes a path an absolute URL.
    """
    parts = [part for part in path.split("/") if part]
    paths = ["/", *(f"/{'/'.join(parts[:end])}/" for end in range(1, len(parts) + 1))]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": name,
                "item": absolute(each),
            }
            for position, (name, each) in enumerate(
                zip(["Roadmap", *names], paths, strict=True), start=1
            )
        ],
    }
