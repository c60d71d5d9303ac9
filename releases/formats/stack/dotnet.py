"""The versions of SDKs of .NET."""

from __future__ import annotations

import re
from typing import Final

_SDK: Final = re.compile(r"(?P<major>\d+)\.(?P<minor>\d+)\.(?P<patch>\d+)(?:-.*)?")


def version_of_sdk(text: str) -> str:
    """Return the version of .NET that an SDK such as 8.0.100 is for; empty if it is no SDK.

    Up to 2.1.202, the SDKs 2.1 were for .NET Core 2.0:
    https://learn.microsoft.com/dotnet/core/versions/.
    """
    found = _SDK.fullmatch(text)
    if not found or found["major"] == "1":  # whose SDKs do not say it
        return ""
    is_older = (found["major"], found["minor"]) == ("2", "1") and len(found["patch"]) < 4
    if is_older and int(found["patch"]) < 300:
        return "2.0"
    return f"{found['major']}.{found['minor']}"
