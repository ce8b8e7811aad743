"""What an access token says of itself, for diagnosis only.

An access token is for the service that it was issued for, and a client must not depend on what is inside: nothing here
is verified, nothing is decided by it, and a token that can't be looked into is no error. Source: Microsoft's page
"Access tokens in the Microsoft identity platform".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from bot.errors import UnreadableJson
from bot.outside_json import read_outside_json

#: Entra's tokens are of a few kilobytes.
_LARGEST_TOKEN = 64 * 1024


def unverified_claims(token: str) -> Mapping[str, object] | None:
    """The claims of a JWT, unverified; None when it is none, or is encrypted."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = read_outside_json(base64.b64decode(padded, altchars=b"-_", validate=True), most_bytes=_LARGEST_TOKEN)
    except (ValueError, UnreadableJson):
        return None
    return claims if isinstance(claims, dict) else None


def unverified_roles(token: str) -> frozenset[str] | None:
    """The app roles that the token names, unverified; None when it can't be looked into."""
    claims = unverified_claims(token)
    if claims is None:
        return None
    roles = claims.get("roles")
    return frozenset(role for role in roles if isinstance(role, str)) if isinstance(roles, list) else frozenset()
