"""An archive proves itself: whatever is done to its lines shows, and says at which event."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.auditing.anchors import Anchor
from bot.domain.auditing.archives import Archive, ArchiveReader, event_line, first_line, gaps, last_line
from bot.domain.auditing.chain import Head
from bot.domain.auditing.events import chain_hash, compose, genesis

TENANT = "contoso"
NOW = datetime(2030, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def archive(*texts: str, first: int = 1, before: str = "") -> list[str]:
    """An archive with an event for each of these texts."""
    at = Head(seq=first - 1, hash=before or (genesis(TENANT) if first == 1 else "0" * 64))
    lines = [first_line(TENANT, at)]
    for text in texts:
        event = compose(
            seq=at.seq + 1,
            tenant_id=TENANT,
            at=NOW + timedelta(seconds=len(lines)),
            kind="check.asked",
            actor="U1",
            target=text,
            request_id=7,
            payload={"text": text, "count": 1, "none": None},
        )
        at = Head(seq=event.seq, hash=chain_hash(at.hash, event))
        lines.append(event_line(event, at.hash))
    return [*lines, last_line(Anchor(tenant_id=TENANT, seq=at.seq, hash=at.hash, at=NOW))]


def read(lines: list[str], *, file: str = "a.jsonl") -> Archive:
    reader = ArchiveReader(file)
    for line in io.BytesIO("".join(lines).encode()):
        reader.add(line)
    return reader.finish()


def told(lines: list[str]) -> list[tuple[int, str]]:
    return [(each.seq, each.details) for each in read(lines).findings]


def changed(line: str, **values: object) -> str:
    return json.dumps(json.loads(line) | values) + "\n"


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5), st.integers(min_value=1, max_value=1 << 40))
def test_what_was_written_is_sound_whatever_it_says(texts: list[str], first: int) -> None:
    found = read(archive(*texts, first=first))
    assert found.findings == ()
    assert (found.tenant_id, found.first, found.last) == (TENANT, first, first + len(texts) - 1)


def test_whoever_has_only_the_document_can_hold_it_against_itself() -> None:
    """As docs/audit.md says how each hash is made."""
    first, *events, last = (json.loads(line) for line in archive("one", "bücher.example \u2028"))
    before = first["before"]["hash"]
    for event in events:
        said = {name: value for name, value in event.items() if name not in {"seq", "hash"}}
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        before = hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
        assert before == event["hash"]
    assert last["hash"] == before


WHOLE = archive("one", "two", "three")
CASES = {
    "an event's text": ([*WHOLE[:2], changed(WHOLE[2], target="2"), *WHOLE[3:]], 2, "its hash is another"),
    "a payload with a fraction": ([*WHOLE[:2], changed(WHOLE[2], payload={"n": 1.5}), *WHOLE[3:]], 2, "another"),
    "a time in another spelling": (
        [*WHOLE[:2], changed(WHOLE[2], at="2030-01-02T03:04:06.678901+00:00"), *WHOLE[3:]],
        2,
        "can't be read",
    ),
    "another tenant's event": ([*WHOLE[:2], changed(WHOLE[2], tenant_id="other"), *WHOLE[3:]], 2, "can't be read"),
    "an event left out": ([*WHOLE[:2], *WHOLE[3:]], 2, "missing"),
    "the last event left out": ([*WHOLE[:3], WHOLE[4]], 3, "Its last line is of event 3, and it ends with 2."),
    "two events the other way round": ([WHOLE[0], WHOLE[2], WHOLE[1], *WHOLE[3:]], 1, "missing"),
    "its end": (WHOLE[:4], 3, "It breaks off"),
    "a line behind its end": ([*WHOLE, WHOLE[1]], 3, "behind its last line"),
    "a line of nothing known": ([*WHOLE[:2], "[]\n", *WHOLE[2:]], 2, "no event"),
    "a line that is no JSON": ([*WHOLE[:2], "{\n", *WHOLE[2:]], 2, "can't be read"),
    "a head that is none": ([*WHOLE[:4], '{"seq": 3}\n'], 3, "no head"),
    "another tenant's head": ([*WHOLE[:4], changed(WHOLE[4], tenant_id="other")], 3, "no head"),
    "another beginning": (archive("one", before="1" * 64), 0, "another beginning"),
    "another version": ([changed(WHOLE[0], archive=2), *WHOLE[1:]], 0, "no archive, or a newer version's"),
    "no archive": (["seq,at\n"], 1, "can't be read"),
    "no line": ([], 0, "It is empty."),
}


@pytest.mark.parametrize("case", CASES)
def test_what_was_done_to_it_shows(case: str) -> None:
    lines, seq, words = CASES[case]
    found = told(lines)
    assert found[0][0] == seq
    assert words in found[0][1]


@given(st.data())
def test_no_byte_can_be_changed_unseen_but_between_the_values(data: st.DataObject) -> None:
    """Whatever comes of a change, it is either told or says the same."""
    content = "".join(WHOLE[:4]).encode()
    place = data.draw(st.integers(min_value=0, max_value=len(content) - 1))
    byte = data.draw(st.integers(min_value=0, max_value=255))
    spoilt = content[:place] + bytes([byte]) + content[place + 1 :] + WHOLE[4].encode()
    reader = ArchiveReader("a.jsonl")
    for line in io.BytesIO(spoilt):
        reader.add(line)
    if not reader.finish().findings:
        lines = [line for line in spoilt.split(b"\n") if line.strip()]
        assert [json.loads(line) for line in lines] == [json.loads(line) for line in WHOLE]


@pytest.mark.parametrize(
    ("stretches", "missing"),
    [
        ([(1, 2), (3, 2)], []),
        ([(3, 2), (1, 2)], []),
        ([(1, 3), (2, 3)], []),
        ([(1, 5), (2, 1), (6, 1)], []),
        ([(3, 2)], ["The archive with the events 1 to 2 is missing."]),
        ([(1, 1), (4, 1)], ["The archive with the events 2 to 3 is missing."]),
    ],
)
def test_archives_follow_upon_each_other(stretches: list[tuple[int, int]], missing: list[str]) -> None:
    read_ones = [read(archive(*("x" * count), first=first)) for first, count in stretches]
    assert [each.details for each in gaps(read_ones)] == missing
