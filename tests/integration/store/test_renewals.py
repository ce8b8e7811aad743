"""Which entries are due, as the database finds them: the same as the rules say; and each open once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.renewal import Answer, Closing, PassedOn, Renewal, RenewalState
from bot.domain.requests.renewing import Renewing, is_due
from bot.errors import StoreError
from bot.store import Store
from bot.store.renewal_messages import RenewalMessage
from tests.integration.databases import Clock
from tests.support.requests import add_request

DAY = timedelta(days=1)
AGES = (0, 82, 83, 89, 90, 91, 400)
LEFT = (None, -1, 1, 89, 90, 91, 500)


async def held(store: Store) -> list[KnownEntry]:
    """An entry of every age, with every end, of both actions."""
    now = store.clock()
    async with store.write() as uow:
        request = await add_request(uow, store)
        entries = [
            KnownEntry(
                list=ListName.SPOOF,
                action=action,
                value=f"a{age}l{left}@fabrikam.example, 203.0.113.0/24",
                requester="U1" if age != 400 else "U2",
                request_id=request.id,
                reason="Partner",
                since=now - age * DAY,
                expires=None if left is None else now + left * DAY,
            )
            for age, left, action in product(AGES, LEFT, Action)
        ]
        await uow.known.put_all(entries)
    return entries


async def found(store: Store, rules: Renewing, owner: str) -> set[tuple[Action, str]]:
    async with store.read() as uow:
        due = await uow.renewals.due(rules, owner, now=store.clock(), after=0, limit=1_000)
    return {(entry.action, entry.value) for _, entry in due}


@pytest.mark.parametrize("rules", [Renewing(), Renewing(blocks=True), Renewing(every=30 * DAY), Renewing(every=None)])
async def test_what_is_due_is_what_the_rules_say(store: Store, rules: Renewing) -> None:
    entries, now = await held(store), store.clock()
    async with store.read() as uow:
        owners = await uow.renewals.owners_due(rules, now=now, after="", limit=10)
        others = await uow.renewals.owners_due(rules, now=now, after="U1", limit=10)
    assert owners == sorted({entry.requester for entry in entries if is_due(entry, rules, now=now)})
    assert others == [owner for owner in owners if owner > "U1"]
    for owner in ("U1", "U2"):
        assert await found(store, rules, owner) == {
            (entry.action, entry.value)
            for entry in entries
            if entry.requester == owner and is_due(entry, rules, now=now, ahead=True)
        }


async def opened(store: Store) -> Renewal:
    [entry] = [each for each in await held(store) if each.action is Action.ALLOW and each.value.startswith("a91lNone@")]
    async with store.write() as uow:
        [renewal] = await uow.renewals.add([entry], at=store.clock(), answer_by=store.clock() + 14 * DAY)
    return renewal


async def test_an_entry_has_one_open_renewal(store: Store) -> None:
    renewal = await opened(store)
    assert (renewal.state, renewal.version, renewal.told_at) == (RenewalState.ASKED, 1, None)
    assert (Action.ALLOW, renewal.value) not in await found(store, Renewing(), "U1")
    async with store.read() as uow:
        known = await uow.known.active(values=[renewal.value])
    entry = next(each for each in known if each.action is Action.ALLOW)
    with pytest.raises(StoreError):
        async with store.write() as uow:
            await uow.renewals.add([entry], at=store.clock(), answer_by=store.clock())


async def test_a_renewal_is_changed_once_from_the_version_that_was_seen(store: Store) -> None:
    renewal = await opened(store)
    async with store.write() as uow:
        assert await uow.renewals.untold(RenewalState.ASKED, owner="U1") == [(renewal.id, 1)]
        await uow.renewals.note_told([(renewal.id, 1)], at=store.clock())
        assert not await uow.renewals.is_untold(RenewalState.ASKED, owner="U1")
        assert await uow.renewals.set(renewal, RenewalState.PASSED_ON, why=PassedOn.UNANSWERED, at=store.clock())
        assert not await uow.renewals.set(renewal, RenewalState.ANSWERED, answer=Answer.END, at=store.clock())
        [now] = await uow.renewals.page({RenewalState.PASSED_ON})
        await uow.renewals.note_told([(renewal.id, 1)], at=store.clock())
        assert await uow.renewals.untold(RenewalState.PASSED_ON) == [(renewal.id, 2)], "of another version"
    assert now == replace(renewal, state=RenewalState.PASSED_ON, version=2, why=PassedOn.UNANSWERED, told_at=None)


async def test_many_are_answered_by_one_request_at_once(store: Store) -> None:
    renewal = await opened(store)
    async with store.write() as uow:
        await uow.renewals.set(renewal, RenewalState.PASSED_ON, why=PassedOn.UNANSWERED, at=store.clock())
        waiting = await uow.renewals.about(renewal.list, renewal.action, [renewal.value], lock=True)
        await uow.renewals.answer_all(waiting, Answer.END, answer_id=renewal.request_id)
        [now] = await uow.renewals.page({RenewalState.ANSWERED})
    assert (now.version, now.answer, now.answer_id) == (3, Answer.END, renewal.request_id)
    assert now.why is PassedOn.UNANSWERED


async def test_what_stays_is_due_again_after_another_period(store: Store, clock: Clock) -> None:
    renewal = await opened(store)
    async with store.write() as uow:
        assert await uow.renewals.set(renewal, RenewalState.CLOSED, closing=Closing.STAYS, at=clock())
    named = (Action.ALLOW, renewal.value)
    assert named not in await found(store, Renewing(), "U1")
    clock.advance(days=82)
    assert named not in await found(store, Renewing(), "U1")
    clock.advance(days=1)
    assert named in await found(store, Renewing(), "U1"), "with what is due in the next days"


async def test_a_message_is_known_by_its_reader(store: Store) -> None:
    first = RenewalMessage(number=1, channel="D1", ts="1.0", shown=("1.1", "of 1"))
    async with store.write() as uow:
        assert await uow.renewal_messages.find("U1") is None
        await uow.renewal_messages.note("U1", first)
        await uow.renewal_messages.note("U2", replace(first, channel=""))
        assert await uow.renewal_messages.standing() == {"U1": first}
        await uow.renewal_messages.note("U1", replace(first, number=2))
        assert await uow.renewal_messages.find("U1") == replace(first, number=2)
