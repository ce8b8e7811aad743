"""Faults on demand: the statuses, the cut connections, and the answers that aren't true."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

import httpx
import pytest
from starlette.types import Message

from bot.playground.tenant.connection import CutConnection
from tests.integration.playground.tenant_wire import FILTER, ITEMS, Wire, hashtable, new_stand_in, served

NEW, GET = f"New-{ITEMS}", f"Get-{ITEMS}"
BLOCK = {"ListType": "Sender", "Entries": ["bad.example"], "Block": True}


@pytest.fixture(scope="module")
def shared() -> Iterator[Wire]:
    with served(new_stand_in()) as wire:
        yield wire


@pytest.fixture
def wire(shared: Wire) -> Wire:
    shared.page("POST", "/reset")
    return shared


@pytest.mark.parametrize("status", [401, 403, 404, 408, 429, 500, 503, 504])
def test_a_status_comes_once_and_nothing_is_done(wire: Wire, status: int) -> None:
    wire.arm(str(status))
    assert wire.post(NEW, **BLOCK).status_code == status
    assert wire.values("Sender") == []
    assert wire.post(NEW, **BLOCK).status_code == 200


def test_it_comes_as_often_as_ordered_and_for_its_cmdlet_only(wire: Wire) -> None:
    wire.arm("503", cmdlet=NEW, times=2)
    assert wire.post(GET, ListType="Sender").status_code == 200
    assert [wire.post(NEW, **BLOCK).status_code for _ in range(3)] == [503, 503, 200]


def test_faults_come_in_the_order_in_which_they_were_armed(wire: Wire) -> None:
    wire.arm("500")
    wire.arm("503")
    assert [wire.post(GET, ListType="Sender").status_code for _ in range(3)] == [500, 503, 200]


def test_429_names_a_time_or_only_says_so(wire: Wire) -> None:
    wire.arm("429", retry_after=7)
    wire.arm("429_text")
    assert wire.post(GET, ListType="Sender").headers["retry-after"] == "7"
    second = wire.post(GET, ListType="Sender")
    assert second.status_code == 429
    assert "retry-after" not in second.headers
    assert "You have reached the maximum number of concurrent requests per tenant" in second.text


def test_a_403_that_doesnt_decode(wire: Wire) -> None:
    wire.arm("403_nul")
    with pytest.raises(httpx.DecodingError):
        wire.post(GET, ListType="Sender")
    assert wire.page("GET", "/calls")[-1]["status"] == 403


def test_a_connection_cut_before_leaves_nothing_done(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    wire.arm("drop_before")
    with caplog.at_level(logging.WARNING), pytest.raises(httpx.TransportError):
        wire.post(NEW, **BLOCK)
    assert wire.values("Sender") == []
    assert wire.page("GET", "/calls")[-2]["status"] is None
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


def test_a_connection_cut_after_leaves_it_done(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    wire.arm("drop_after")
    with caplog.at_level(logging.WARNING), pytest.raises(httpx.TransportError):
        wire.post(NEW, **BLOCK)
    assert wire.values("Sender") == ["bad.example"]
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


def test_a_504_after_it_was_done(wire: Wire) -> None:
    wire.arm("504_after")
    assert wire.post(NEW, **BLOCK).status_code == 504
    assert wire.values("Sender") == ["bad.example"]


async def test_without_uvicorn_a_cut_answer_is_announced_and_never_sent() -> None:
    sent: list[str] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    await CutConnection()({"type": "http"}, receive, send)
    assert sent == ["http.response.start"]


def test_a_delay_is_a_delay_and_no_more(wire: Wire) -> None:
    wire.arm("delay", delay=0.2)
    began = time.monotonic()
    assert wire.post(NEW, **BLOCK).status_code == 200
    assert time.monotonic() - began >= 0.2
    assert wire.values("Sender") == ["bad.example"]


def test_a_truncated_page_is_no_json(wire: Wire) -> None:
    wire.run(NEW, **BLOCK)
    wire.arm("truncate_page")
    answer = wire.post(GET, ListType="Sender")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    assert wire.values("Sender") == ["bad.example"]


def test_a_page_that_expires_hits_a_further_page_only(wire: Wire) -> None:
    wire.run(NEW, ListType="Sender", Entries=["a.example", "b.example"], Block=True)
    wire.arm("expired_page")
    first = wire.post(GET, page_size=1, ListType="Sender")
    assert first.status_code == 200
    body = {"CmdletInput": {"CmdletName": GET, "Parameters": {"ListType": "Sender"}}}
    link = first.json()["@odata.nextLink"]
    further = wire.http.post(link, json=body, headers=wire.headers(GET, page_size=1))
    assert further.status_code == 400
    assert "Expired or Invalid pagination request" in further.text


def test_ok_but_nothing_happens(wire: Wire) -> None:
    wire.arm("ok_but_nothing_happens")
    assert wire.values("Sender") == []
    assert wire.run(NEW, **BLOCK)["value"][0]["Value"] == "bad.example"
    assert wire.values("Sender") == []
    wire.arm("ok_but_nothing_happens")
    wire.run(f"Set-{FILTER}", Identity="Default", IPBlockList=hashtable(Add=["192.0.2.1"]))
    assert wire.policy()["IPBlockList"] == []


def test_ok_but_half_of_it_happens(wire: Wire) -> None:
    values = ["a.example", "b.example", "c.example"]
    wire.arm("ok_but_half")
    body = wire.run(NEW, ListType="Sender", Entries=values, Block=True)
    assert [record["Value"] for record in body["value"]] == values
    assert wire.values("Sender") == ["a.example"]
    wire.arm("ok_but_half")
    wire.run(f"Set-{FILTER}", Identity="Default", IPBlockList=hashtable(Add=["192.0.2.1", "192.0.2.2"]))
    assert wire.policy()["IPBlockList"] == ["192.0.2.1"]
    # Half of one is nothing.
    wire.arm("ok_but_half")
    wire.run(NEW, **BLOCK)
    wire.arm("ok_but_half")
    wire.run(f"Set-{FILTER}", Identity="Default", IPBlockList=hashtable(Remove=["192.0.2.1"]))
    assert wire.values("Sender") == ["a.example"]
    assert wire.policy()["IPBlockList"] == ["192.0.2.1"]


def test_an_answer_without_its_value(wire: Wire) -> None:
    wire.run(NEW, **BLOCK)
    wire.arm("no_value")
    wire.run(NEW, ListType="Sender", Entries=["more.example"], Block=True)
    body = wire.run(GET, ListType="Sender")
    assert "value" not in body
    assert wire.values("Sender") == ["bad.example", "more.example"]


def test_a_lag_hides_a_write_from_the_next_reads(wire: Wire) -> None:
    wire.arm("lag", times=2)
    wire.run(NEW, **BLOCK)
    assert [wire.values("Sender") for _ in range(3)] == [[], [], ["bad.example"]]


def test_a_lag_hides_the_write_from_reads_of_its_own_kind_only(wire: Wire) -> None:
    wire.arm("lag", cmdlet=f"Set-{FILTER}", times=1)
    wire.run(NEW, **BLOCK)
    wire.run(f"Set-{FILTER}", Identity="Default", EnableSafeList=True)
    assert wire.values("Sender") == ["bad.example"]
    assert [wire.policy()["EnableSafeList"] for _ in range(2)] == [False, True]


def test_a_refused_write_under_a_cut_connection_stays_refused(wire: Wire) -> None:
    wire.run(NEW, **BLOCK)
    wire.arm("drop_after")
    with pytest.raises(httpx.TransportError):
        wire.post(NEW, **BLOCK)
    assert "Duplicate" in wire.page("GET", "/calls")[-1]["error"]


def test_faults_can_be_seen_and_cleared(wire: Wire) -> None:
    wire.arm("500", times=3)
    wire.post(GET, ListType="Sender")
    (armed,) = wire.page("GET", "/faults")
    assert (armed["kind"], armed["times"], armed["left"]) == ("500", 3, 2)
    assert wire.page("DELETE", "/faults") == []
    assert wire.post(GET, ListType="Sender").status_code == 200


@pytest.mark.parametrize("order", [{"kind": "418"}, {"kind": "500", "times": 0}, {"kind": "500", "more": 1}, {}, []])
def test_an_order_that_isnt_understood_is_refused(wire: Wire, order: object) -> None:
    answer = wire.http.post("/api/tenant/faults", json=order)
    assert answer.status_code == 422
    assert answer.json()["ok"] is False
    assert wire.page("GET", "/faults") == []
