"""API v2: the facts that v1 cannot express.

Planned cycles, precision, status, phases, filters over many products, identifiers, and milestones
in order of date. Programs with an API token write through it.
"""

from releases.api.v2 import views, writes
from releases.api.v2.router import router

__all__ = ["router", "views", "writes"]
