"""The log's head leaves the bot each day: told in the alert channel, added to a file, held against the log later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bot.domain.auditing.anchors import Anchor, read_anchors
from bot.domain.auditing.events import EventKind
from bot.playground.page_client import PageClient
from bot.store import AuditFilter
from tests.acceptance.steps import idle, installation, looking
from tests.support.installation import ALERTS, APPROVER, AUDITOR, GENERAL, VISITOR, Installation
from tests.support.tampering import write_anew


@pytest.fixture(scope="module", params=["http-sqlite", "socket-postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that signs the heads and keeps them in a file."""
    folder = tmp_path_factory.mktemp("anchor")
    key = Ed25519PrivateKey.generate()
    public(folder).write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    private = folder / "private.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    settings = {"PORTCULLIS_ANCHOR_FILE": str(heads(folder)), "PORTCULLIS_ANCHOR_KEY_FILE": str(private)}
    with installation(request.param, request=request, folder=folder, settings=settings) as here:
        yield here


def heads(folder: Path) -> Path:
    return folder / "heads.jsonl"


def public(folder: Path) -> Path:
    return folder / "public.pem"


def kept(here: Installation) -> tuple[Anchor, ...]:
    file = heads(here.folder)
    return read_anchors(file.read_text()) if file.exists() else ()


def verified(here: Installation, *, by_heads: bool = True) -> tuple[int, list[int]]:
    """How `audit verify` ends, and which of the kept heads it names."""
    by = ("--against", str(heads(here.folder)), "--key", str(public(here.folder))) if by_heads else ()
    ended = here.command("audit", "verify", "--json", *by)
    return ended.returncode, [each["seq"] for each in json.loads(ended.stdout)["anchors"]]


async def test_a_log_that_was_written_anew_shows_by_yesterdays_head(page: PageClient, here: Installation) -> None:
    await page.type(AUDITOR, "/check now other.example")
    await page.message(AUDITOR, GENERAL, "Not listed")
    await idle(page, here)
    before = len(kept(here))
    here.pass_time(timedelta(days=1))

    async def look() -> Anchor | None:
        return kept(here)[-1] if len(kept(here)) > before else None

    daily = await page.until("the day's head in the file", look)
    await page.message(APPROVER, ALERTS, str(daily.seq), daily.hash)
    await idle(page, here)

    by_hand = here.command("audit", "anchor")
    assert by_hand.returncode == 0, by_hand.stderr
    [now] = read_anchors(by_hand.stdout)
    assert now == kept(here)[-1]
    assert now.seq > daily.seq
    assert now.signature
    await page.message(APPROVER, ALERTS, str(now.seq), now.hash)
    assert verified(here) == (0, [])

    await idle(page, here)
    async with looking(here) as uow:
        [asked] = await uow.audit.page(filters=AuditFilter(kind=EventKind.CHECK_ASKED.value))
    assert asked.actor == AUDITOR
    await write_anew(here.database_url, tenant_id=asked.tenant_id, seq=asked.seq, actor=VISITOR)
    assert verified(here, by_heads=False) == (0, []), "the chain itself is without a fault"
    code, named = verified(here)
    assert code == 1
    assert {daily.seq, now.seq} <= set(named)
