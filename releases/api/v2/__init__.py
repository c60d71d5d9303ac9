"""API v2: the facts that v1 cannot express.

Planned cycles, precision, status, phases, filters over many products, identifiers, and milestones
in order of date.
"""

from releases.api.v2.views import router

__all__ = ["router"]
