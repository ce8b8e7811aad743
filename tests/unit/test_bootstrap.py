"""What the settings come to when the whole is put together."""

from __future__ import annotations

import ast
import secrets
from datetime import timedelta
from pathlib import Path

import pytest

from bot import settings as env
from bot.as_set import build_who_is
from bot.bootstrap import build_context


@pytest.mark.parametrize(("every", "lasts"), [("15m", timedelta(minutes=45)), ("10s", timedelta(seconds=30))])
async def test_a_check_goes_by_a_snapshot_until_three_readings_have_come_to_nothing(
    monkeypatch: pytest.MonkeyPatch, every: str, lasts: timedelta
) -> None:
    for name, value in {
        "SLACK_BOT_TOKEN": f"xoxb-{secrets.token_hex(12)}",
        "SLACK_APP_TOKEN": f"xapp-{secrets.token_hex(12)}",
        "APPROVAL_CHANNEL": "C0APPROVALS",
        "APPROVERS": "U0APPROVE1,S0GROUP",
        "TENANT_ID": "contoso.onmicrosoft.com",
        "CLIENT_ID": "66666666-7777-8888-9999-000000000000",
        "CLIENT_SECRET": secrets.token_hex(12),
        "WATCH_EVERY": every,
    }.items():
        monkeypatch.setenv(f"PORTCULLIS_{name}", value)
    context = build_context(env.load_all())
    assert context.snapshot_lasts == lasts
    assert context.user_groups == {"S0GROUP"}
    await context.tenant.close()


@pytest.mark.parametrize(("given", "asks"), [("off", False), ("on", True)])
def test_dns_is_asked_only_where_the_operator_wants_it(monkeypatch: pytest.MonkeyPatch, given: str, asks: bool) -> None:
    monkeypatch.setenv("PORTCULLIS_WHO_IS", given)
    assert (build_who_is(env.load(env.LookingSettings)) is not None) == asks


def test_every_setting_is_read_where_the_whole_is_built_or_run() -> None:
    names = {name for part in env.PARTS.values() for name in part.model_fields}
    bot = Path(env.__file__).parent.parent
    # Some are read by the settings themselves, which make one value of several.
    modules = [
        *sorted((bot / "settings").glob("*.py")),
        bot / "bootstrap.py",
        bot / "as_set.py",
        bot / "serving.py",
        *sorted((bot / "cli").glob("*.py")),
    ]
    read = {
        node.attr
        for module in modules
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    assert names <= read, "a setting that nothing reads does nothing"
