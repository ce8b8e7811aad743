"""What counts as an access token: nothing that would break the header it is sent in."""

from __future__ import annotations

import secrets

import pytest

from bot.errors import TenantUnavailable
from bot.tenant.signing_in.grant import grant_from


def test_a_token_and_its_end() -> None:
    token = f"{secrets.token_urlsafe(20)}.{secrets.token_urlsafe(20)}.~+/{secrets.token_urlsafe(20)}=="
    grant = grant_from({"access_token": token, "expires_in": 3599})
    assert grant is not None
    assert (grant.token, grant.expires is not None) == (token, True)
    assert token not in repr(grant)


@pytest.mark.parametrize("odd", ["{}\n", "{} {}", "{}\r\nX-More: 1", "\u00e9{}", "", "{}\x00"])
def test_what_can_not_stand_in_a_header_is_no_token_and_is_not_repeated(odd: str) -> None:
    token = secrets.token_hex(16)
    with pytest.raises(TenantUnavailable) as caught:
        grant_from({"access_token": odd.replace("{}", token), "expires_in": 3599})
    assert token not in str(caught.value)


def test_an_error_is_no_grant() -> None:
    assert grant_from({"error": "invalid_client"}) is None
