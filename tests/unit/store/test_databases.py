"""Addresses, column types and errors: where the two databases are made to look alike."""

from __future__ import annotations

import os
import secrets
import ssl
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreError
from bot.store.addresses import normalise, shown, ssl_mode, unverified_mode
from bot.store.column_types import JsonValue, PlainText, Utc
from bot.store.databases import in_chunks
from bot.store.engines import create_engine
from bot.store.failures import store_error
from bot.store.scope import LONGEST_KEY, short_key

SQLITE, POSTGRESQL = sqlite.dialect(), postgresql.dialect()  # type: ignore[no-untyped-call]
AT = datetime(2030, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "driver"),
    [
        ("sqlite:///portcullis.sqlite3", "sqlite+aiosqlite"),
        ("sqlite:////var/lib/portcullis.sqlite3", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///x", "sqlite+aiosqlite"),
        ("postgres://user@db.example/portcullis", "postgresql+asyncpg"),
        ("postgresql://user@db.example:5433/portcullis?sslmode=require", "postgresql+asyncpg"),
        ("postgresql+asyncpg://user@[2001:db8::1]/portcullis", "postgresql+asyncpg"),
        (" postgresql:///portcullis?host=/run/postgresql ", "postgresql+asyncpg"),
    ],
)
def test_takes_the_usual_addresses(address: str, driver: str) -> None:
    assert normalise(address).drivername == driver


@pytest.mark.parametrize(
    "address",
    [
        "", "portcullis.sqlite3", "mysql://user@db.example/x", "postgresql+psycopg://db.example/x",
        "postgresql://db.example", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory", "://",
    ],
)  # fmt: skip
def test_refuses_other_addresses_and_says_what_would_do(address: str) -> None:
    with pytest.raises(StoreError) as caught:
        normalise(address)
    assert "PORTCULLIS_DATABASE_URL" in caught.value.remedy or "sqlite:///" in caught.value.remedy


def test_a_password_is_never_shown() -> None:
    password = secrets.token_urlsafe()
    url = normalise(f"postgresql://user:{password}@db.example/portcullis?password={password}")
    assert "db.example" in shown(url)
    assert password not in shown(url)
    with pytest.raises(StoreError) as caught:
        normalise(f"postgresql:/user:{password}@db.example:port/portcullis")
    assert password not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"folder for the database x\.sqlite3 doesn't exist"):
        create_engine(normalise(f"sqlite:///{tmp_path}/missing/x.sqlite3"), create=True)


class TestTheWayToTheServer:
    """A server elsewhere shows a certificate for its name, unless the address says otherwise."""

    @pytest.mark.parametrize(
        ("address", "unproved"),
        [
            ("postgresql://db.example/x", None),
            ("postgresql://db.example/x?sslmode=verify-full", None),
            ("postgresql://db.example/x?sslmode=verify-ca", "verify-ca"),
            ("postgresql://db.example/x?sslmode=require", "require"),
            ("postgresql://db.example/x?sslmode=disable", "disable"),
            ("postgresql://db.example/x?ssl=prefer", "prefer"),
            ("postgresql:///x?host=db.example&sslmode=disable", "disable"),
            ("postgresql:///x?host=localhost&host=db.example:5433&sslmode=disable", "disable"),
            ("postgresql://localhost/x?sslmode=disable", None),
            ("sqlite:///x.sqlite3", None),
        ],
    )
    def test_what_is_left_unproved(self, address: str, unproved: str | None) -> None:
        assert unverified_mode(normalise(address)) == unproved

    @pytest.mark.parametrize(
        ("address", "mode"),
        [
            ("postgresql://db.example/x", "verify-full"),
            ("postgresql://203.0.113.7/x", "verify-full"),
            ("postgresql:///x?host=localhost,db.example:5433", "verify-full"),
            ("postgresql:///x", None),
            ("postgresql://localhost/x", None),
            ("postgresql://127.0.0.1:5433/x", None),
            ("postgresql://[::1]/x", None),
            ("postgresql:///x?host=/run/postgresql", None),
            ("postgresql:///x?host=localhost:5433", None),
            ("postgresql://localhost/x?sslmode=verify-full", "verify-full"),
        ],
    )
    def test_the_default_goes_by_where_the_server_is(self, address: str, mode: str | None) -> None:
        assert ssl_mode(normalise(address)) == mode


def test_a_new_sqlite_file_is_for_its_account_alone(tmp_path: Path) -> None:
    path = tmp_path / "portcullis.sqlite3"
    before = os.umask(0)
    try:
        create_engine(normalise(f"sqlite:///{path}"), create=True)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_rights_of_a_file_that_is_there_stay(tmp_path: Path) -> None:
    path = tmp_path / "portcullis.sqlite3"
    path.touch()
    path.chmod(0o640)
    create_engine(normalise(f"sqlite:///{path}"), create=True)
    assert path.stat().st_mode & 0o777 == 0o640


class TestCertificates:
    def test_verification_uses_the_usual_variables(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
        with pytest.raises(StoreError, match=r"missing\.pem"):
            create_engine(normalise("postgresql://db.example/x?sslmode=verify-full"))

    @pytest.mark.parametrize(("mode", "checks"), [("verify-ca", False), ("verify-full", True)])
    def test_verification_checks_what_the_mode_says(self, mode: str, checks: bool) -> None:
        from bot.store.engines import _ssl  # noqa: PLC0415

        context = _ssl(mode, None)
        assert isinstance(context, ssl.SSLContext)
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname is checks

    def test_other_modes_are_the_drivers(self) -> None:
        from bot.store.engines import _ssl  # noqa: PLC0415

        assert _ssl("require", None) == "require"


class TestTimes:
    @pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL])
    def test_a_naive_time_is_refused(self, dialect: object) -> None:
        with pytest.raises(ValueError, match="time zone"):
            Utc().process_bind_param(AT.replace(tzinfo=None), dialect)  # type: ignore[arg-type]

    @pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL])
    def test_any_zone_comes_back_as_utc(self, dialect: object) -> None:
        elsewhere = AT.astimezone(timezone(timedelta(hours=-8)))
        stored = Utc().process_bind_param(elsewhere, dialect)  # type: ignore[arg-type]
        read = Utc().process_result_value(stored, dialect)  # type: ignore[arg-type]
        assert read == AT
        assert read is not None
        assert read.tzinfo is UTC


def test_what_postgresql_refuses_is_replaced() -> None:
    assert PlainText().process_bind_param("a\0b\ud800", POSTGRESQL) == "a\ufffdb\ufffd"
    assert JsonValue().process_bind_param({"k\0": ["\0", 1, None]}, SQLITE) == {"k\ufffd": ["\ufffd", 1, None]}


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (9, [3, 3, 3])])
def test_chunks_hold_everything_once_and_in_order(count: int, sizes: list[int]) -> None:
    chunks = list(in_chunks(range(count), 3))
    assert [len(chunk) for chunk in chunks] == sizes
    assert [each for chunk in chunks for each in chunk] == list(range(count))


def test_long_keys_are_hashed_and_stay_different() -> None:
    assert short_key("x" * LONGEST_KEY) == "x" * LONGEST_KEY
    assert len(short_key("x" * 10_000)) < LONGEST_KEY
    assert short_key("x" * 10_000) != short_key("x" * 10_001)
    assert short_key("\ud800" * 300)


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ("database is locked", "was locked"),
        ("database or disk is full", "disk"),
        ("no such table: jobs", "lacks tables"),
        ("file is not a database", "no database"),
        ("attempt to write a readonly database", "may not write"),
        ("unable to open database file", "can't be opened"),
        ("audit_events is append-only", "only new rows"),
        ("something nobody has thought of", "failed"),
    ],
)
def test_errors_are_told_apart_without_repeating_values(told: str, what: str) -> None:
    typed = "typed by somebody"
    error = DBAPIError("INSERT", {"value": typed}, Exception(told))
    translated = store_error(error, normalise("sqlite:///x.sqlite3"))
    assert what in translated.what
    assert typed not in str(translated)
