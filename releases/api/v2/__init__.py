"""API v2: what v1 has no words for. Planned cycles, precision, status, phases, filters over many
products, identifiers, and milestones in order of date."""

from releases.api.v2.views import router

__all__ = ["router"]
