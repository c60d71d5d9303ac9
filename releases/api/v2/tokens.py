"""Authentication of writes by API tokens, and what each token may do."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from ninja.security import HttpBearer
from ninja.throttling import AuthRateThrottle

from releases.api.errors import Refused
from releases.models import ApiToken
from releases.models.api_token import TokenState
from releases.services.editing.tokens import find_token, record_use
from releases.web import clock

RATE: Final = "120/m"
"""The maximum number of writes by a token, in each worker process."""
SCHEME: Final = "Bearer"


class TokenAuth(HttpBearer):
    """Authentication by `Authorization: Bearer TOKEN`."""

    openapi_description = "An API token, which editors create in the admin."

    @sensitive_variables()
    def __call__(self, request: HttpRequest) -> ApiToken:
        """Return the token, and make its owner the user of the request.

        The base class logs headers that it cannot read; this method does not.

        Raises:
            Refused: There is no token, or it is not valid.
        """
        scheme, _, text = request.headers.get(self.header, "").partition(" ")
        if scheme.lower() != self.openapi_scheme:
            raise _unauthorized("Send an API token: Authorization: Bearer rr_…", "")
        return self.authenticate(request, text.strip())

    @sensitive_variables()
    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        found = find_token(token)
        if found is None:
            raise _unauthorized("There is no such API token.")
        state = found.state(clock.today())
        if state is TokenState.EXPIRED:
            raise _unauthorized(f"The API token expired; its last day was {found.expires_on}.")
        if state is TokenState.REVOKED:
            raise _unauthorized("The API token was revoked.")
        owner: Any = found.owner
        if not (owner.is_active and owner.is_staff):
            raise _unauthorized("The owner of the API token may not log in to the admin.")
        record_use(found, timezone.now())
        request.user = owner
        return found


class TokenThrottle(AuthRateThrottle):
    """A throttle of the writes of each token."""

    def get_cache_key(self, request: HttpRequest) -> str:
        return f"api_token_{token_of(request).pk}"


def token_of(request: HttpRequest) -> ApiToken:
    """Return the token of an authenticated request."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    return token


def require(request: HttpRequest, product: str, *permissions: str) -> None:
    """Check that the token may change a product, and that its owner has these permissions.

    Raises:
        Refused: The token may not, whether the product exists or not.
    """
    token = token_of(request)
    if not token.allows(product):
        raise Refused(403, f"The API token is not for the product “{product[:100]}”.")
    owner: Any = token.owner
    missing = [name for name in permissions if not owner.has_perm(f"releases.{name}")]
    if missing:
        words = " and ".join(name.replace("_", " ") for name in missing)
        raise Refused(403, f"The owner of the API token may not do this: {words}.")


def _unauthorized(message: str, error: str = ', error="invalid_token"') -> Refused:
    """Return the refusal with the challenge of RFC 6750."""
    return Refused(401, message, headers={"WWW-Authenticate": f'{SCHEME} realm="API"{error}'})
