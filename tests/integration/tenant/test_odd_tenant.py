"""A tenant that holds odd records, over HTTP: they are read as they are, and what can't be read hides nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.traits import Action, ListName
from bot.errors import IncompleteAnswer, PermissionMissing
from bot.playground.tenant.faults import Fault, FaultKind
from bot.playground.tenant.tenant import Roles
from tests.integration.tenant.conftest import Stage
from tests.unit.tenant.exchange.odd_records import ODD, UNREADABLE, Odd


def names(odd: Odd) -> str:
    return odd.name


def place(stage: Stage, odd: Odd) -> None:
    stage.standin.place(odd.cmdlet, [dict(record) for record in odd.records], list_type=odd.list_type, instead=True)


@pytest.mark.parametrize("name", list(ListName))
async def test_they_are_read_whole(stage: Stage, name: ListName) -> None:
    odd_ones = [odd for odd in ODD if odd.list is name]
    assert odd_ones
    for odd in odd_ones:
        stage.standin.reset()
        place(stage, odd)
        lists = await stage.tenant.read_lists()
        assert lists.unreadable == {}, odd.name
        assert len(lists.entries) == odd.entries, odd.name
        for entry in lists.entries:
            asked = Change(operation=Operation.REMOVE, action=entry.action, list=odd.list, values=(entry.value,))
            reading = await stage.tenant.read_for(asked)
            assert entry in reading.held(entry.value, entry.action), odd.name
            assert reading.state(asked, now=datetime.now(UTC)) == {entry.value: False}, odd.name


@pytest.mark.parametrize("odd", UNREADABLE, ids=names)
async def test_what_cannot_be_read_hides_no_other_list(stage: Stage, odd: Odd) -> None:
    stage.standin.edit("New-TenantAllowBlockListItems", {"ListType": "IP", "Entries": ["2001:db8::1"], "Block": True})
    place(stage, odd)
    lists = await stage.tenant.read_lists()
    assert set(lists.unreadable) == {odd.list}
    assert f"Record {len(odd.records)}" in lists.unreadable[odd.list]
    assert [entry.value for entry in lists.entries] == ["2001:db8::1"]
    asked = Change(operation=Operation.REMOVE, action=Action.BLOCK, list=odd.list, values=("a.example, b.example",))
    with pytest.raises(IncompleteAnswer):
        await stage.tenant.read_back(asked, waits=())
    with pytest.raises(IncompleteAnswer):
        await stage.tenant.apply(asked)
    assert not any(str(call["cmdlet"]).startswith(("Set", "New", "Remove")) for call in stage.standin.calls())


@pytest.mark.parametrize("kind", ["truncate_page", "no_value"])
async def test_an_answer_that_is_not_whole_is_never_a_shorter_list(stage: Stage, kind: FaultKind) -> None:
    stage.standin.arm(Fault(kind=kind, times=100))
    for name in ListName:
        with pytest.raises(IncompleteAnswer):
            await stage.tenant.read_list(name)
    lists = await stage.tenant.read_lists()
    assert set(lists.unreadable) == set(ListName)
    assert lists.entries == ()


async def test_a_write_of_which_half_is_done_is_told_value_by_value(stage: Stage) -> None:
    values = tuple(f"host{number}.example" for number in range(6))
    asked = Change(operation=Operation.ADD, action=Action.BLOCK, list=ListName.SENDER, values=values)
    stage.standin.arm(Fault(kind="ok_but_half", cmdlet="New-TenantAllowBlockListItems"))
    await stage.tenant.apply(asked)
    assert await stage.state(asked) == {value: position < 3 for position, value in enumerate(values)}


async def test_nul_bytes_in_a_refusal_are_a_missing_role(stage: Stage) -> None:
    stage.standin.set_roles(Roles(directory_role="none", nul_bodies=True))
    asked = Change(operation=Operation.ADD, action=Action.BLOCK, list=ListName.SENDER, values=("bad.example",))
    with pytest.raises(PermissionMissing, match="may not run"):
        await stage.tenant.apply(asked)
    with pytest.raises(PermissionMissing):
        await stage.tenant.read_back(asked)
