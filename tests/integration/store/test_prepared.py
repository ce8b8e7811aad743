"""Prepared statements on both databases: what they bind and give back is what the tables' columns say."""

from __future__ import annotations

import asyncio
import traceback
from typing import Any

import pytest
from sqlalchemy import Row, bindparam, func, insert, literal_column, select, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from bot.errors import CommitUnknown, StoreError
from bot.store import Store, prepared
from bot.store.awaited import awaited
from bot.store.prepared import for_driver
from bot.store.scope import Scope
from bot.store.slack_tables import DeliveryRow
from bot.store.table import core
from bot.store.tables import JobRow
from tests.integration.databases import Clock

_deliveries, _jobs = core(DeliveryRow), core(JobRow)
_ADD = insert(_deliveries)
_ONE = select(_deliveries).where(_deliveries.c.key == bindparam("key"))
_SOME = (
    select(_deliveries.c.key)
    .where(_deliveries.c.key.in_(bindparam("keys", expanding=True)), _deliveries.c.tenant_id.in_(["t"]))
    .order_by(_deliveries.c.key)
)
_ANSWER = update(_deliveries).where(_deliveries.c.key == bindparam("its_key")).values(answer=bindparam("new_answer"))
_BROKEN = select(func.nothing_that_is_there())


def scope_of(uow: Any) -> Scope:  # noqa: ANN401 - its transaction is its own
    found: Scope = uow._scope
    return found


def delivery(clock: Clock, key: str, answer: object = None) -> dict[str, Any]:
    return {"tenant_id": "t", "key": key, "seen_at": clock(), "answer": answer}


async def test_what_goes_in_comes_back_as_through_the_library(store: Store, clock: Clock) -> None:
    answer = {"text": "“quotes” \x00", "list": [1, True, None], "deep": {"é": 0.5}}
    async with store.write() as uow:
        scope = scope_of(uow)
        assert (await scope.prepared(_ADD, delivery(clock, "a", answer))).rowcount == 1
        prepared = (await scope.prepared(_ONE, {"key": "a"})).first()
        by_library: Row[Any] = (await scope.connection.execute(_ONE, {"key": "a"})).one()
    assert prepared is not None
    assert (prepared.key, prepared.seen_at, prepared.tenant_id) == ("a", clock(), "t")
    assert tuple(prepared) == tuple(by_library)
    assert prepared.answer["text"] == "“quotes” \ufffd"


async def test_a_list_may_have_any_length(store: Store, clock: Clock) -> None:
    async with store.write() as uow:
        scope = scope_of(uow)
        await scope.many(_ADD, [delivery(clock, key) for key in "abc"])
        for keys in (["a"], [], ["c", "a"], ["b", "x", "c", "a"]):
            found = await scope.prepared(_SOME, {"keys": keys})
            assert found.scalars() == sorted({*keys} & {*"abc"})
        assert (await scope.prepared(_SOME, {"keys": ["x"]})).scalar() is None
        assert (await scope.prepared(_SOME, {"keys": ["x"]})).first() is None


async def test_a_word_of_the_statements_own_stands_in_its_text(store: Store) -> None:
    """A job's state does, by which an index of some rows goes; what is bound, and what is no plain word, doesn't."""
    query = select(_jobs.c.id).where(
        _jobs.c.state == "todo", _jobs.c.kind.in_([bindparam("kind"), "it's one"]), _jobs.c.run_at.is_(None)
    )
    async with store.read() as uow:
        scope = scope_of(uow)
        made = for_driver(query, {"kind": "doing"}, scope.dialect)
        assert "'todo'" in made.text
        assert sorted(made.parameters({"kind": "doing"})) == ["doing", "it's one"]
        assert (await scope.prepared(query, {"kind": "doing"})).all() == []


async def test_it_says_how_many_rows_have_changed(store: Store, clock: Clock) -> None:
    async with store.write() as uow:
        scope = scope_of(uow)
        await scope.many(_ADD, [delivery(clock, "a")])
        assert (await scope.prepared(_ANSWER, {"its_key": "a", "new_answer": {"n": 1}})).rowcount == 1
        assert (await scope.prepared(_ANSWER, {"its_key": "x", "new_answer": None})).rowcount == 0
        assert await uow.deliveries.answered("x") is None


async def test_it_is_one_transaction_with_what_goes_through_the_mapping(store: Store, clock: Clock) -> None:
    async def both() -> None:
        async with store.write() as uow:
            scope = scope_of(uow)
            await scope.prepared(_ADD, delivery(clock, "a"))
            scope.session.add(DeliveryRow(**delivery(clock, "b")))
            await scope.session.flush()
            assert (await scope.prepared(_SOME, {"keys": ["a", "b"]})).scalars() == ["a", "b"]
            assert await scope.session.scalar(select(func.count()).select_from(DeliveryRow)) == 2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await both()
    async with store.read() as uow:
        assert (await scope_of(uow).prepared(_SOME, {"keys": ["a", "b"]})).all() == []


async def test_a_taken_key_is_what_both_databases_call_so(store: Store, clock: Clock) -> None:
    async def twice() -> None:
        async with store.write() as uow:
            await scope_of(uow).many(_ADD, [delivery(clock, "typed")])
            await scope_of(uow).prepared(_ADD, delivery(clock, "typed"))

    with pytest.raises(StoreError, match="somebody else was first") as told:
        await twice()
    assert isinstance(told.value.__cause__, IntegrityError)
    assert "typed" not in str(told.value.__cause__)
    assert "'typed'" not in "".join(traceback.format_exception_only(told.value.__cause__))


async def test_a_transaction_that_has_failed_is_not_committed(store: Store, clock: Clock) -> None:
    """Whoever goes on after a failure that PostgreSQL doesn't forgive hears that nothing was recorded."""
    failed = False
    try:
        async with store.write() as uow:
            await scope_of(uow).prepared(_ADD, delivery(clock, "a"))
            with pytest.raises(IntegrityError):
                await scope_of(uow).prepared(_ADD, delivery(clock, "a"))
    except StoreError:
        failed = True
    async with store.read() as uow:
        assert bool((await scope_of(uow).prepared(_SOME, {"keys": ["a"]})).scalars()) is not failed


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("later", [["b"], []])
async def test_a_transaction_that_sqlite_has_undone_is_not_committed(
    store: Store, clock: Clock, later: list[str]
) -> None:
    """A disk that is full or fails ends it without a word: https://www.sqlite.org/lang_transaction.html"""

    async def undone() -> None:
        async with store.write() as uow:
            await scope_of(uow).prepared(_ADD, delivery(clock, "a"))
            await scope_of(uow).connection.exec_driver_sql("ROLLBACK")
            # Without a transaction around it each statement would be one of its own.
            await scope_of(uow).many(_ADD, [delivery(clock, key) for key in later])

    with pytest.raises(StoreError) as told:
        await undone()
    assert not isinstance(told.value, CommitUnknown)
    async with store.read() as uow:
        assert (await scope_of(uow).prepared(_SOME, {"keys": ["a", "b"]})).all() == []


async def test_a_default_stands_where_nothing_is_given(store: Store, clock: Clock) -> None:
    given = {"tenant_id": "t", "kind": "work", "payload": {}, "run_at": clock(), "due_at": clock(), "state": "todo"}
    async with store.write() as uow:
        made = for_driver(insert(_jobs), {**given, "created_at": clock()}, scope_of(uow).dialect)
    bound = dict(zip(made.names, made.parameters({**given, "created_at": clock()}), strict=True))
    assert (bound["attempts"], bound["fence"], bound["worker"], bound["error"]) == (0, 0, "", "")


class TestOneLook:
    async def test_what_is_read_is_of_one_moment(self, store: Store) -> None:
        async with store.one_look():
            async with store.read() as uow:
                assert await uow.jobs.waiting() == []
            async with store.read() as again:
                assert again is uow

    async def test_what_is_written_ends_it(self, store: Store) -> None:
        async with store.one_look():
            async with store.read() as uow:
                assert await uow.jobs.waiting() == []
            async with store.write() as writing:
                await writing.jobs.enqueue("work", {})
            async with store.read() as uow:
                assert [job.kind for job in await uow.jobs.waiting()] == ["work"]

    async def test_it_is_begun_anew_where_that_is_said(self, store: Store) -> None:
        async with store.one_look():
            async with store.read() as uow:
                await uow.jobs.waiting()
            await store.look_anew()
            async with store.read() as again:
                assert again is not uow

    async def test_it_is_the_tasks_own(self, store: Store) -> None:
        async with store.one_look(), store.read() as uow:

            async def another() -> bool:
                async with store.read() as own:
                    return own is not uow

            assert await asyncio.create_task(another())

    async def test_a_failure_in_it_is_told_as_one(self, store: Store) -> None:
        async def read() -> None:
            async with store.read() as uow:
                await scope_of(uow).prepared(_BROKEN, {})

        async with store.one_look():
            with pytest.raises(StoreError):
                await read()
        async with store.one_look(), store.read() as uow:
            assert await uow.jobs.waiting() == []

    async def test_what_is_read_after_a_failure_is_read_anew(self, store: Store) -> None:
        """Else PostgreSQL, which takes nothing more in a transaction that has failed, would refuse all the rest."""
        async with store.one_look():
            async with store.read() as uow:
                assert await uow.jobs.waiting() == []
            with pytest.raises(StoreError):
                async with store.read() as uow:
                    await scope_of(uow).prepared(_BROKEN, {})
            async with store.read() as again:
                assert await again.jobs.waiting() == []

    async def test_what_is_read_after_a_wait_that_was_ended_is_read_anew(self, store: Store) -> None:
        async def wait() -> None:
            async with asyncio.timeout(60) as within, store.read() as uow:
                await uow.jobs.waiting()
                within.reschedule(0)
                await asyncio.Event().wait()

        async with store.one_look():
            async with store.read() as uow:
                assert await uow.jobs.waiting() == []
            with pytest.raises(TimeoutError):
                await wait()
            async with store.read() as again:
                assert again is not uow
                assert await again.jobs.waiting() == []

    async def test_what_takes_longer_than_somebody_waits_is_told_as_that(self, store: Store) -> None:
        """And not as the end of the task, which nobody answers."""

        async def wait() -> None:
            async with store.read() as uow:
                await uow.jobs.waiting()
                await asyncio.Event().wait()

        with awaited("Ev1", within=0.5):
            async with store.one_look():
                with pytest.raises(StoreError, match="for too long; nothing was recorded"):
                    await wait()


def test_what_is_asked_later_is_kept_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "_KEPT", {})
    monkeypatch.setattr(prepared, "_MOST_KEPT", 3)
    for length in range(1, 6):
        for_driver(_SOME, {"keys": ["key"] * length}, sqlite.dialect())
    assert len(prepared._KEPT) == 3
    asked = {"key": "a"}
    assert for_driver(_ONE, asked, sqlite.dialect()) is for_driver(_ONE, asked, sqlite.dialect())
    assert len(prepared._KEPT) == 3


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_whatever_the_program_asks_stays_prepared_on_its_connection(store: Store) -> None:
    async with store.read() as uow:
        scope = scope_of(uow)
        for number in range(300):
            await scope.prepared(select(literal_column(f"{number:d}").label("n")), {})
        known = select(func.count()).select_from(text("pg_prepared_statements"))
        assert ((await scope.prepared(known, {})).scalar() or 0) >= 300
