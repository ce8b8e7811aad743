"""What the settings come to when the whole is put together."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest

from bot import settings as env
from bot.bootstrap import build_context


@pytest.mark.parametrize(("every", "lasts"), [("15m", timedelta(minutes=45)), ("10s", timedelta(seconds=30))])
async def test_a_check_goes_by_a_snapshot_until_three_readings_have_come_to_nothing(
    monkeypatch: pytest.MonkeyPatch, every: str, lasts: timedelta
) -> None:
    for name, value in {
        "SLACK_BOT_TOKEN": f"xoxb-{secrets.token_hex(12)}",
        "SLACK_APP_TOKEN": f"xapp-{secrets.token_hex(12)}",
        "APPROVAL_CHANNEL": "C0APPROVALS",
        "APPROVERS": "U0APPROVE1",
        "TENANT_ID": "contoso.onmicrosoft.com",
        "CLIENT_ID": "66666666-7777-8888-9999-000000000000",
        "CLIENT_SECRET": secrets.token_hex(12),
        "WATCH_EVERY": every,
    }.items():
        monkeypatch.setenv(f"PORTCULLIS_{name}", value)
    context = build_context(env.load_all())
    assert context.snapshot_lasts == lasts
    await context.tenant.close()
