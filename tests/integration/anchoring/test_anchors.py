"""The log's head, kept: signed, stamped by a real authority, added to a file, and held against all three later."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509 import load_pem_x509_certificates
from typer.testing import CliRunner

from bot.anchoring.keeper import AnchorKeeper
from bot.anchoring.keys import is_signed, read_private_key, read_public_key, sign
from bot.anchoring.time_stamps import stamp, stamped_at
from bot.cli.commands.audit import app
from bot.domain.auditing.anchors import Anchor, read_anchors
from bot.domain.auditing.chain import Head
from bot.domain.auditing.events import Event, EventKind
from bot.errors import AnchorFailed
from bot.store import Store
from bot.tls import outside_context
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.anchoring.authority import Authority

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to be the authority")

ANCHOR = Anchor(tenant_id="contoso", seq=26, hash="0" * 64, at=datetime.now(UTC))
HEAD = Head(seq=26, hash="0" * 64)


def private_pem(key: Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    running = Authority(tmp_path_factory.mktemp("authority"))
    yield running
    running.stop()


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def test_a_signature_is_of_the_anchor_as_it_stands(key: Ed25519PrivateKey) -> None:
    signed = sign(ANCHOR, read_private_key(private_pem(key).encode()))
    public = read_public_key(public_pem(key))
    assert is_signed(signed, public)
    assert not is_signed(replace(signed, hash="1" * 64), public)
    assert not is_signed(replace(signed, seq=25), public)
    assert not is_signed(replace(signed, signature="no base64"), public)
    assert not is_signed(ANCHOR, public)
    assert not is_signed(signed, Ed25519PrivateKey.generate().public_key())
    assert read_anchors(json.dumps(signed.as_json())) == (signed,)


def test_another_kind_of_key_is_refused() -> None:
    other = generate_private_key(65537, 2048)
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in (pem, b"no key", b""):
        with pytest.raises(ValueError, match="is no Ed25519 private key in PEM"):
            read_private_key(content)
    with pytest.raises(ValueError, match="is no Ed25519 public key in PEM"):
        read_public_key(other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


async def test_a_stamp_says_when_and_of_what(authority: Authority, tmp_path: Path) -> None:
    stamped = await stamp(ANCHOR, authority.url, tls=outside_context())
    roots = load_pem_x509_certificates(authority.root.read_bytes())
    assert abs((stamped_at(stamped, roots) - datetime.now(UTC)).total_seconds()) < 600
    with pytest.raises(AnchorFailed):
        stamped_at(replace(stamped, hash="1" * 64), roots)
    with pytest.raises(AnchorFailed, match="no time stamp"):
        stamped_at(ANCHOR, roots)
    with pytest.raises(AnchorFailed):
        stamped_at(replace(stamped, time_stamp="AAAA"), roots)
    another = tmp_path / "another"
    another.mkdir()
    stranger = Authority(another)
    stranger.stop()
    with pytest.raises(AnchorFailed, match="not one that this authority gave"):
        stamped_at(stamped, load_pem_x509_certificates(stranger.root.read_bytes()))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((500, b""), "answered 500"),
        ((200, b"<html>sign in</html>"), "can't be read"),
        ((200, b"x" * 300_000), "too large"),
    ],
)
async def test_what_an_authority_says_otherwise_costs_only_the_stamp(
    authority: Authority, tmp_path: Path, key: Ed25519PrivateKey, answer: tuple[int, bytes], said: str
) -> None:
    keeper = AnchorKeeper(file=tmp_path / "heads.jsonl", key=key, time_stamp_url=authority.url)
    authority.answer = answer
    try:
        kept = await keeper.keep("contoso", HEAD, at=datetime.now(UTC))
    finally:
        authority.answer = None
    assert len(kept.problems) == 1
    assert said in kept.problems[0]
    [line] = read_anchors((tmp_path / "heads.jsonl").read_text())
    assert (line.seq, line.time_stamp) == (26, "")
    assert is_signed(line, key.public_key())


async def test_an_answer_to_another_question_is_no_stamp(authority: Authority) -> None:
    """What was stamped once can't be sent again."""
    authority.answer = None
    await stamp(ANCHOR, authority.url, tls=outside_context())
    earlier = (authority.root.parent / "reply.tsr").read_bytes()
    authority.answer = (200, earlier)
    try:
        with pytest.raises(AnchorFailed, match="did not stamp what it was sent"):
            await stamp(ANCHOR, authority.url, tls=outside_context())
    finally:
        authority.answer = None


async def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    kept = await AnchorKeeper(file=tmp_path / "missing" / "heads").keep("contoso", HEAD, at=datetime.now(UTC))
    assert "could not be added to" in kept.problems[0]
    assert kept.anchor.seq == 26


class TestCommand:
    """`portcullis audit anchor`, and what verifies by it."""

    @pytest.fixture
    def url(self, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setenv("PORTCULLIS_DATABASE_URL", sqlite_url)
        monkeypatch.setenv("PORTCULLIS_TENANT_ID", "contoso")
        return sqlite_url

    @staticmethod
    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    @staticmethod
    def write(url: str) -> None:
        async def go() -> None:
            store = Store(url, tenant_id="contoso")
            async with store.write() as uow:
                await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", target="x", at=store.clock())
            await store.close()

        asyncio.run(go())

    @staticmethod
    def state(url: str) -> tuple[list[Event], list[str]]:
        async def go() -> tuple[list[Event], list[str]]:
            store = Store(url, tenant_id="contoso")
            async with store.read() as uow:
                events = await uow.audit.page()
                alerts = [str(job.payload["details"]) for job in await uow.jobs.waiting(kind=JobKind.ALERT)]
            await store.close()
            return events, alerts

        return asyncio.run(go())

    def test_what_was_kept_proves_the_log_later(
        self,
        url: str,
        authority: Authority,
        key: Ed25519PrivateKey,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        heads, public = tmp_path / "heads.jsonl", tmp_path / "public.pem"
        public.write_bytes(public_pem(key))
        monkeypatch.setenv("PORTCULLIS_ANCHOR_FILE", str(heads))
        monkeypatch.setenv("PORTCULLIS_ANCHOR_KEY", private_pem(key))
        monkeypatch.setenv("PORTCULLIS_TIMESTAMP_URL", authority.url)
        for _ in range(2):
            self.write(url)
            kept = self.run("anchor")
            assert kept.exit_code == 0, kept.output
        assert [anchor.seq for anchor in read_anchors(heads.read_text())] == [1, 3]
        events, alerts = self.state(url)
        assert [event.kind for event in events] == ["audit.anchored", "check.asked"] * 2
        assert events[0].actor.startswith("account:")
        assert alerts[-1] == f"3 {json.loads(kept.stdout)['hash']}"
        proofs = ("--against", str(heads), "--key", str(public), "--authority", str(authority.root))
        verified = self.run("verify", *proofs)
        assert verified.exit_code == 0, verified.output
        assert "held against 2 heads kept elsewhere" in verified.stdout

        heads.write_text(heads.read_text().replace('"seq":3', '"seq":2'))
        details = [each["details"] for each in json.loads(self.run("verify", "--json", *proofs).stdout)["anchors"]]
        assert [detail.partition(".")[0] for detail in details] == [
            "A head that was kept elsewhere has another hash at 2: the log was written anew, from there or from before",
            "The head that was kept elsewhere wasn't signed, as it stands, with that key",
            "The head that was kept elsewhere proves no time",
        ]

    def test_without_any_setting_the_head_is_printed_and_posted(self, url: str) -> None:
        self.write(url)
        kept = self.run("anchor")
        assert kept.exit_code == 0
        assert json.loads(kept.stdout).keys() == {"tenant_id", "seq", "hash", "at"}
        assert len(self.state(url)[1]) == 1

    def test_a_log_without_events_has_no_head(self, url: str) -> None:
        refused = self.run("anchor", "--json")
        assert refused.exit_code == 2
        assert "no event yet" in json.loads(refused.stdout)["error"]
        assert self.state(url) == ([], [])

    def test_a_part_that_fails_is_told_and_the_rest_done(self, url: str, tmp_path: Path) -> None:
        self.write(url)
        kept = self.run("anchor", "--file", str(tmp_path / "missing" / "heads"))
        assert kept.exit_code == 1
        assert "could not be added" in kept.stderr
        assert "could not be added" in self.state(url)[1][0]

    def test_a_key_without_heads_is_refused(self, url: str, tmp_path: Path) -> None:
        self.write(url)
        assert self.run("verify", "--key", str(tmp_path / "key.pem")).exit_code == 2
