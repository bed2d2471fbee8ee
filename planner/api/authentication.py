"""Bearer tokens: the header's token, by its digest, gives the user and the most that this request may do."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from planner.models import ApiToken
from planner.models.api_token import token_digest

KEYWORD = "Bearer"
# The time of the last use is kept to the minute, so that reading does not write each time.
USE_KEPT = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """Authorization: Bearer btp_..."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        """User and token; None where the header is for somebody else. The same answer for every kind of bad token."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != KEYWORD.lower().encode():
            return None
        if len(parts) != 2:
            raise AuthenticationFailed
        try:
            digest = token_digest(parts[1].decode("ascii"))
        except UnicodeError as error:
            raise AuthenticationFailed from error
        token = ApiToken.objects.select_related("user").filter(digest=digest).first()
        now = timezone.now()
        if token is None or not token.is_valid(now) or not token.user.is_active:
            raise AuthenticationFailed
        if token.last_used_at is None or now - token.last_used_at > USE_KEPT:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """So that a request without credentials is told 401 and how to sign in."""
        return f'{KEYWORD} realm="api"'


class TokenScheme(OpenApiAuthenticationExtension):
    """The token in the API's description."""

    target_class = "planner.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "description": "A token made in the admin under 'API tokens'."}
