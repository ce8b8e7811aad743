"""The access tokens that are out: what each is good for, and until when.

A token looks like Entra's: a JWT whose `roles` claim names the app roles that the app has there. It is signed with
nothing that anybody could check, and judged only by whether this object issued it: a client may look inside, to explain
what is missing, and must never trust what it finds. Source: Microsoft Learn, "Access tokens in the Microsoft identity
platform" and "Access token claims reference".
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

EXCHANGE_RESOURCES = frozenset(
    {"https://outlook.office365.com", "https://outlook.office365.us", "https://outlook-dod.office365.us"}
)
GRAPH_RESOURCES = frozenset(
    {"https://graph.microsoft.com", "https://graph.microsoft.us", "https://dod-graph.microsoft.us"}
)


@dataclass(frozen=True)
class Grant:
    """What a token is good for, and until when."""

    resource: str
    expires: datetime


class Grants:
    """Issues tokens and knows them again. `roles_for` says which app roles the app has on a resource now."""

    def __init__(
        self,
        *,
        tenant_id: str,
        now: Callable[[], datetime],
        lifetime: timedelta,
        roles_for: Callable[[str], Sequence[str]],
    ) -> None:
        self.lifetime = lifetime
        self._tenant_id = tenant_id
        self._now = now
        self._roles_for = roles_for
        self._grants: dict[str, Grant] = {}

    def issue(self, resource: str, *, client_id: str) -> str:
        """A new token for the resource."""
        now = self._now()
        claims: dict[str, object] = {
            "aud": resource,
            "iss": f"https://sts.windows.net/{self._tenant_id}/",
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int((now + self.lifetime).timestamp()),
            "appid": client_id,
            "idtyp": "app",
            "tid": self._tenant_id,
            "uti": secrets.token_urlsafe(16),
        }
        # Entra leaves the claim out when there is no role, rather than listing none.
        if roles := list(self._roles_for(resource)):
            claims["roles"] = roles
        header = {"typ": "JWT", "alg": "RS256", "kid": secrets.token_urlsafe(20)}
        token = ".".join((_part(header), _part(claims), secrets.token_urlsafe(192)))
        self._grants[token] = Grant(resource=resource, expires=now + self.lifetime)
        return token

    def of(self, token: str) -> Grant | None:
        """What the token is good for now; None when it is unknown or has expired."""
        grant = self._grants.get(token)
        return grant if grant is not None and grant.expires > self._now() else None

    def revoke_all(self) -> None:
        """Every token issued so far stops working."""
        self._grants.clear()


def known_resource(resource: str) -> bool:
    """Whether the tenant has a service of that name."""
    return resource.rstrip("/") in EXCHANGE_RESOURCES | GRAPH_RESOURCES


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).rstrip(b"=").decode()
