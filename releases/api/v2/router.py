"""The router of API v2, to which `views` and `writes` add operations."""

from ninja import Router

router = Router(tags=["v2"])
