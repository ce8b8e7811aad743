"""Verification of the audit log: whatever was done to it is found, at the row to which it was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.auditing.chain import MOST_FINDINGS, ChainFindings, ChainProblem, ChainRow, Head, verify
from bot.domain.auditing.events import chain_hash, genesis
from tests.unit.domain.auditing.chains import TENANT, chain, event, forged


def check(rows: Sequence[ChainRow], head: Head | None) -> ChainFindings:
    return verify(sorted(rows, key=lambda row: (row.seq, row.id)), head, tenant_id=TENANT)


def named(findings: ChainFindings) -> list[tuple[int, str]]:
    return [(finding.seq, finding.problem.value) for finding in findings.findings]


@pytest.mark.parametrize("length", [0, 1, 2, 50])
def test_an_untouched_log_is_intact(length: int) -> None:
    rows, head = chain(length)
    findings = check(rows, head)
    assert findings.intact
    assert findings.events == length


@pytest.mark.parametrize("seq", [1, 5, 10])
def test_a_changed_row_is_one_finding(seq: int) -> None:
    rows, head = chain(10)
    changed = rows[seq - 1]
    assert changed.event is not None
    rows[seq - 1] = replace(changed, event=replace(changed.event, target="something else"))
    findings = check(rows, head)
    assert named(findings) == [(seq, "changed")]
    assert findings.findings[0].id == 1000 + seq


@pytest.mark.parametrize("seq", [1, 5, 10])
def test_a_row_rewritten_with_a_fitting_hash_is_one_finding(seq: int) -> None:
    rows, head = chain(10)
    rows[seq - 1] = forged(rows[seq - 1])
    assert named(check(rows, head)) == [(seq, "changed")]


@pytest.mark.parametrize("seq", [1, 5, 10])
def test_a_row_replaced_by_one_that_stands_on_nothing_is_one_finding(seq: int) -> None:
    rows, head = chain(10)
    rows[seq - 1] = forged(rows[seq - 1], previous="f" * 64)
    assert named(check(rows, head)) == [(seq, "changed")]


@pytest.mark.parametrize("column", ["previous_hash", "hash"])
@pytest.mark.parametrize("seq", [1, 5, 10])
def test_a_changed_hash_is_one_finding(column: str, seq: int) -> None:
    rows, head = chain(10)
    rows[seq - 1] = replace(rows[seq - 1], **{column: "f" * 64})
    assert named(check(rows, head)) == [(seq, "changed")]


def test_a_row_that_cannot_be_read_is_changed() -> None:
    rows, head = chain(10)
    rows[3] = replace(rows[3], event=None)
    assert named(check(rows, head)) == [(4, "changed")]


def test_changes_beyond_the_first_are_found_too() -> None:
    rows, head = chain(20)
    for seq in (3, 12):
        rows[seq - 1] = forged(rows[seq - 1])
    changed = rows[6]
    assert changed.event is not None
    rows[6] = replace(changed, event=replace(changed.event, kind="request.denied"))
    assert named(check(rows, head)) == [(3, "changed"), (7, "changed"), (12, "changed")]


@pytest.mark.parametrize("gone", [{1}, {5}, {10}, {1, 2, 3}, {4, 5, 6}, {9, 10}, {2, 6, 10}, set(range(1, 11))])
def test_missing_rows_are_named(gone: set[int]) -> None:
    rows, head = chain(10)
    assert named(check([row for row in rows if row.seq not in gone], head)) == [
        (seq, "missing") for seq in sorted(gone)
    ]


@pytest.mark.parametrize("seq", [1, 5, 9])
def test_a_row_taken_out_and_the_rest_renumbered_is_one_missing_row(seq: int) -> None:
    rows, head = chain(10)
    rest = [replace(row, seq=row.seq - (row.seq > seq)) for row in rows if row.seq != seq]
    assert named(check(rest, head)) == [(seq, "missing")]


def test_a_long_gap_is_named_in_part_and_counted_whole() -> None:
    rows, head = chain(400)
    findings = check(rows[:10] + rows[310:], head)
    assert len(findings.findings) + findings.unnamed == 300
    assert findings.findings[0].seq == 11
    assert "up to 310" in findings.findings[-1].details


def test_a_row_added_in_the_middle_is_one_finding() -> None:
    rows, head = chain(10)
    pushed = [replace(row, seq=row.seq + (row.seq >= 5)) for row in rows]
    extra = replace(forged(rows[4]), id=99, seq=5)
    assert named(check([*pushed, extra], head)) == [(5, "added")]


def test_a_row_added_beside_another_of_the_same_number_is_one_finding() -> None:
    rows, head = chain(10)
    for row_id in (99, 2000):  # before and after the true one
        assert named(check([*rows, replace(forged(rows[4]), id=row_id)], head)) == [(5, "added")]


def test_a_row_added_before_the_first_is_one_finding() -> None:
    rows, head = chain(10)
    assert named(check([*rows, replace(forged(rows[0]), id=99, seq=0)], head)) == [(0, "added")]


@pytest.mark.parametrize("linked", [True, False])
def test_a_row_added_at_the_end_is_one_finding(linked: bool) -> None:
    rows, head = chain(10)
    extra = event(seq=11, actor="UFORGED")
    previous = head.hash if linked else "f" * 64
    row = ChainRow(id=99, seq=11, previous_hash=previous, hash=chain_hash(previous, extra), event=extra)
    assert named(check([*rows, row], head)) == [(11, "added")]


def test_two_rows_that_changed_places_are_both_named() -> None:
    rows, head = chain(10)
    rows[2], rows[3] = replace(rows[2], seq=4), replace(rows[3], seq=3)
    findings = check(rows, head)
    assert named(findings) == [(3, "reordered"), (4, "reordered")]
    assert "belongs at 4" in findings.findings[0].details


def test_two_rows_far_apart_that_changed_places_are_both_named() -> None:
    rows, head = chain(10)
    rows[1], rows[7] = replace(rows[1], seq=8), replace(rows[7], seq=2)
    assert named(check(rows, head)) == [(2, "reordered"), (8, "reordered")]


def test_a_row_moved_to_the_end_is_one_finding() -> None:
    rows, head = chain(10)
    rows[4] = replace(rows[4], seq=100)
    assert named(check(rows, head)) == [(100, "reordered")]


def test_a_head_that_was_set_back_makes_the_later_rows_added() -> None:
    rows, _ = chain(10)
    assert named(check(rows, Head(seq=8, hash=rows[7].hash))) == [(9, "added"), (10, "added")]


def test_a_missing_head_is_a_finding() -> None:
    rows, _ = chain(3)
    assert named(check(rows, None)) == [(0, "missing")]
    assert check([], None).intact


@pytest.mark.parametrize("head", [Head(seq=10, hash="f" * 64), Head(seq=9, hash="")])
def test_a_changed_head_is_a_finding(head: Head) -> None:
    rows, true_head = chain(10)
    findings = check(rows, replace(head, hash=head.hash or true_head.hash))
    assert named(findings) == [(10, "changed")]


def test_another_tenants_rows_do_not_pass() -> None:
    rows, head = chain(3)
    assert not verify(rows, head, tenant_id="fabrikam").intact


def test_a_log_that_was_written_over_whole_is_told_in_bounded_space() -> None:
    rows, head = chain(3000)
    junk = [replace(row, hash=str(row.seq), previous_hash="junk") for row in rows]
    findings = check(junk, head)
    assert len(findings.findings) == 1000
    assert findings.unnamed == 2001


@given(
    length=st.integers(2, 12),
    data=st.data(),
    tamper=st.sampled_from(["content", "forge", "delete", "swap", "hash", "insert"]),
)
def test_nothing_goes_unnoticed(length: int, data: st.DataObject, tamper: str) -> None:
    rows, head = chain(length)
    at = data.draw(st.integers(0, length - 1))
    other = data.draw(st.integers(0, length - 1).filter(lambda index: index != at))
    tampering: dict[str, Callable[[], None]] = {
        "content": lambda: rows.__setitem__(at, replace(rows[at], event=replace(rows[other].event, actor="UX"))),  # type: ignore[type-var]
        "forge": lambda: rows.__setitem__(at, forged(rows[at])),
        "delete": lambda: rows.__delitem__(at),
        "swap": lambda: rows.__setitem__(
            slice(None),
            [replace(row, seq={at + 1: other + 1, other + 1: at + 1}.get(row.seq, row.seq)) for row in rows],
        ),
        "hash": lambda: rows.__setitem__(at, replace(rows[at], hash=rows[other].hash)),
        "insert": lambda: rows.append(replace(forged(rows[at]), id=5)),
    }
    tampering[tamper]()
    findings = check(rows, head)
    assert not findings.intact
    assert {finding.problem for finding in findings.findings} <= set(ChainProblem)


class TamperedLog:
    """A log of so many rows, and what somebody does to it. Rows are spoken of by the numbers that they had at first."""

    def __init__(self, length: int = 10) -> None:
        true_rows, self.head = chain(length)
        self._rows = {row.seq: row for row in true_rows}
        self._added: list[ChainRow] = []

    def change(self, seq: int) -> TamperedLog:
        """Write another content into a row, and leave its hash."""
        row = self._rows[seq]
        assert row.event is not None
        self._rows[seq] = replace(row, event=replace(row.event, target="something else"))
        return self

    def set(self, seq: int, **columns: str) -> TamperedLog:
        self._rows[seq] = replace(self._rows[seq], **columns)  # type: ignore[arg-type]
        return self

    def forge(self, seq: int, *, on: str | None = None) -> TamperedLog:
        """Write another content into a row, and a hash that fits it; with `on` it stands on that hash from now on."""
        self._rows[seq] = forged(self._rows[seq], previous=on)
        return self

    def remove(self, *seqs: int, renumber: bool = False) -> TamperedLog:
        for seq in sorted(seqs, reverse=True):
            gone = self._rows.pop(seq)
            if renumber:
                self._push(beyond=gone.seq, by=-1)
        return self

    def swap(self, left: int, right: int) -> TamperedLog:
        """Let two rows change their numbers."""
        first, second = self._rows[left], self._rows[right]
        self._rows[left], self._rows[right] = replace(first, seq=second.seq), replace(second, seq=first.seq)
        return self

    def move(self, seq: int, to: int) -> TamperedLog:
        self._rows[seq] = replace(self._rows[seq], seq=to)
        return self

    def add(self, number: int, *, row_id: int, on: str, push: bool = False) -> str:
        """A row of this number that stands on the hash `on`; with `push` later ones move on. Returns its hash."""
        if push:
            self._push(beyond=number - 1, by=1)
        made = event(seq=number, actor="UFORGED", target=f"added {row_id}")
        new = chain_hash(on, made)
        self._added.append(ChainRow(id=row_id, seq=number, previous_hash=on, hash=new, event=made))
        return new

    def hash_of(self, seq: int) -> str:
        return self._rows[seq].hash

    def findings(self) -> ChainFindings:
        return check([*self._rows.values(), *self._added], self.head)

    def told(self) -> list[str]:
        """The findings, a line each: number, id and what is wrong."""
        return [
            f"{finding.seq} {finding.id or '-'} {finding.problem}: {finding.details}"
            for finding in self.findings().findings
        ]

    def _push(self, *, beyond: int, by: int) -> None:
        for seq, row in self._rows.items():
            if row.seq > beyond:
                self._rows[seq] = replace(row, seq=row.seq + by)


NOWHERE = "f" * 64
CONTENT = "changed: What it says doesn't match its hash."
NOT_BEFORE = "changed: It doesn't stand on the row before it."
NOT_AFTER = "changed: Its hash is not the one that the next row stands on."
NOT_THE_HEADS = "changed: Its hash is not the one that the log's head has: one of the two was changed."
MISSING = "missing: The row is missing."
ADDED = "added: It doesn't belong to the chain."


SENTENCES = [
    (TamperedLog().change(5), [f"5 1005 {CONTENT}"]),
    (TamperedLog().forge(5), [f"5 1005 {NOT_AFTER}"]),
    (TamperedLog().forge(1), [f"1 1001 {NOT_AFTER}"]),
    (TamperedLog().forge(10), [f"10 1010 {NOT_THE_HEADS}"]),
    (TamperedLog().forge(1, on=NOWHERE), [f"1 1001 {NOT_BEFORE}"]),
    (TamperedLog().forge(5, on=NOWHERE), [f"5 1005 {NOT_BEFORE}"]),
    (TamperedLog().forge(3).forge(6), [f"3 1003 {NOT_AFTER}", f"6 1006 {NOT_AFTER}"]),
    (TamperedLog().remove(5), [f"5 - {MISSING}"]),
    (TamperedLog().remove(5, 7), [f"5 - {MISSING}", f"7 - {MISSING}"]),
    (TamperedLog().remove(9, 10), [f"9 - {MISSING}", f"10 - {MISSING}"]),
    (TamperedLog().remove(5, renumber=True), [f"5 - {MISSING}"]),
    (
        TamperedLog().swap(3, 4),
        ["3 1004 reordered: By its hash it belongs at 4.", "4 1003 reordered: By its hash it belongs at 3."],
    ),
    (TamperedLog().move(5, 100), ["100 1005 reordered: By its hash it belongs at 5."]),
    (
        TamperedLog(4).move(3, 13).move(4, 14),
        ["13 1003 reordered: By its hash it belongs at 3.", "14 1004 reordered: Like 13. It is 1 rows behind 13."],
    ),
    # Two things at once: the second is told as if it had been done alone.
    (TamperedLog().change(5).forge(6), [f"5 1005 {CONTENT}", f"6 1006 {NOT_AFTER}"]),
    (TamperedLog().remove(3, renumber=True).forge(6), [f"3 - {MISSING}", f"5 1006 {NOT_AFTER}"]),
    (
        TamperedLog().remove(2, renumber=True).swap(6, 8),
        [
            f"2 - {MISSING}",
            "5 1008 reordered: By its hash it belongs at 8.",
            "7 1006 reordered: By its hash it belongs at 6.",
        ],
    ),
]


@pytest.mark.parametrize(("log", "told"), SENTENCES)
def test_each_row_is_named_with_its_number_its_key_and_what_is_wrong(log: TamperedLog, told: list[str]) -> None:
    assert log.told() == told


@pytest.mark.parametrize("seq", [1, 2, 5])
@pytest.mark.parametrize("row_id", [99, 2000])
def test_a_row_that_claims_the_place_of_another_is_told_from_it(seq: int, row_id: int) -> None:
    log = TamperedLog()
    log.add(seq, row_id=row_id, on=log.hash_of(seq - 1) if seq > 1 else genesis(TENANT))
    assert log.told() == [f"{seq} {row_id} {ADDED}"]


def test_a_row_behind_the_last_that_claims_its_place_is_told_from_it() -> None:
    log = TamperedLog()
    log.add(11, row_id=99, on=log.hash_of(9))
    assert log.told() == [f"11 99 {ADDED}"]


def test_a_changed_row_is_told_once_though_another_claims_its_place_and_the_head_disagrees() -> None:
    log = TamperedLog().change(10).set(10, hash=NOWHERE)
    log.add(10, row_id=2000, on=log.hash_of(9))
    assert log.told() == [f"10 1010 {CONTENT}", f"10 2000 {ADDED}"]


def test_of_two_that_claim_a_place_the_one_with_more_of_the_log_behind_it_is_true() -> None:
    log = TamperedLog()
    first = log.add(5, row_id=1, on=log.hash_of(4))
    second = log.add(6, row_id=2, on=first)
    log.add(7, row_id=3, on=second)
    log.add(10, row_id=3000, on=log.hash_of(9))
    assert log.told() == [f"5 1 {ADDED}", f"6 2 {ADDED}", f"7 3 {ADDED}", f"10 3000 {ADDED}"]


def test_every_row_behind_counts_however_the_log_branches() -> None:
    log = TamperedLog()
    log.add(10, row_id=2, on=log.add(9, row_id=1, on=log.hash_of(8)))
    log.add(10, row_id=2000, on=log.hash_of(9))
    assert log.told() == [f"9 1 {ADDED}", f"10 2 {ADDED}", f"10 2000 {ADDED}"]


@pytest.mark.parametrize("number", [5, 7])
def test_a_row_of_a_number_that_has_been_does_not_close_a_gap(number: int) -> None:
    log = TamperedLog().remove(8)
    log.add(number, row_id=2000, on=NOWHERE)
    assert log.told() == [f"{number} 2000 {ADDED}", f"8 - {MISSING}"]


def test_what_is_missing_is_told_before_what_was_added_in_its_place() -> None:
    log = TamperedLog().remove(5)
    log.add(5, row_id=1, on=log.head.hash)
    assert log.told() == [f"5 - {MISSING}", f"5 1 {ADDED}"]


def test_rows_pushed_on_by_added_ones_are_where_they_belong() -> None:
    log = TamperedLog()
    log.add(3, row_id=98, on=NOWHERE, push=True)
    log.add(7, row_id=99, on=NOWHERE, push=True)
    assert log.told() == [f"3 98 {ADDED}", f"7 99 {ADDED}"]


def test_a_row_rewritten_among_those_pushed_on_is_named_by_the_number_it_has_now() -> None:
    log = TamperedLog().forge(6)
    log.add(3, row_id=99, on=NOWHERE, push=True)
    assert log.told() == [f"3 99 {ADDED}", f"7 1006 {NOT_AFTER}"]


def test_a_row_taken_out_among_those_pushed_on_is_missing_though_the_numbers_have_no_gap() -> None:
    log = TamperedLog()
    log.add(3, row_id=99, on=NOWHERE, push=True)
    log.remove(7, renumber=True)
    assert log.told() == [f"3 99 {ADDED}", f"7 - {MISSING}"]


def test_a_gap_among_those_pushed_on_is_named_by_the_number_that_is_missing() -> None:
    log = TamperedLog()
    log.add(3, row_id=99, on=NOWHERE, push=True)
    log.remove(8)
    assert log.told() == [f"3 99 {ADDED}", f"8 - {MISSING}"]


def test_rows_that_nothing_pushes_on_are_moved() -> None:
    log = TamperedLog(6).move(5, 6).move(6, 7)
    log.add(6, row_id=99, on=NOWHERE)
    assert log.told() == [
        f"6 99 {ADDED}",
        "6 1005 reordered: By its hash it belongs at 5.",
        "7 1006 reordered: Like 6. It is 1 rows behind 6.",
    ]


def test_what_no_event_can_hold_is_changed() -> None:
    rows, head = chain(3)
    row = rows[1]
    assert row.event is not None
    rows[1] = replace(row, event=replace(row.event, payload={"share": 0.5}))  # type: ignore[dict-item]
    assert named(check(rows, head)) == [(2, "changed")]


def test_a_head_of_another_number_is_told_at_the_last_row() -> None:
    rows, head = chain(10)
    findings = check(rows, replace(head, seq=9))
    (finding,) = findings.findings
    assert (finding.seq, finding.id) == (10, 1010)
    assert finding.details == "The log's head has its hash, but the number 9."


def test_the_findings_say_whose_log_it_is_and_where_it_ends() -> None:
    rows, head = chain(3)
    findings = check(rows, head)
    assert (findings.tenant_id, findings.events, findings.head, findings.unnamed) == (TENANT, 3, head, 0)
    (finding,) = check(rows, None).findings
    assert finding.as_json() == {
        "seq": 0,
        "id": None,
        "problem": "missing",
        "details": "The log's head, which tells where it ends, is missing.",
    }


@pytest.mark.parametrize(("gone", "named_of_them"), [(99, 99), (100, 100), (101, 100)])
def test_of_a_long_gap_a_hundred_rows_are_named(gone: int, named_of_them: int) -> None:
    log = TamperedLog(300).remove(*range(11, 11 + gone))
    told = log.told()
    last = 10 + named_of_them
    assert told[:-1] == [f"{seq} - {MISSING}" for seq in range(11, last)]
    rest = f" So are those up to {10 + gone}." if gone > named_of_them else ""
    assert told[-1] == f"{last} - {MISSING}{rest}"
    assert log.findings().unnamed == gone - named_of_them


def test_the_unnamed_rows_of_several_gaps_are_added_up() -> None:
    findings = TamperedLog(400).remove(*range(11, 121), *range(201, 321)).findings()
    assert (len(findings.findings), findings.unnamed) == (200, 30)


@pytest.mark.parametrize(("more", "named_of_them"), [(1, 1), (2, 2), (3, 3), (100, 100), (103, 100)])
def test_of_many_added_rows_a_hundred_are_named_and_the_first_and_last_by_their_keys(
    more: int, named_of_them: int
) -> None:
    log = TamperedLog(3)
    stands_on = log.head.hash
    for number in range(4, 4 + more):
        stands_on = log.add(number, row_id=5000 + number, on=stands_on)
    expected = [f"4 5004 {ADDED}"]
    for behind in range(1, named_of_them):
        row_id = 5003 + more if behind == more - 1 else "-"
        expected.append(f"{4 + behind} {row_id} added: Like 4. It is {behind} rows behind 4.")
    assert log.told() == expected
    assert log.findings().unnamed == more - named_of_them


def test_the_unnamed_of_what_was_added_at_several_places_are_added_up() -> None:
    log = TamperedLog(300)
    for first in (1000, 2000):
        stands_on = NOWHERE
        for number in range(first, first + 110):
            stands_on = log.add(number, row_id=number, on=stands_on)
    assert log.findings().unnamed == 20


def in_pieces(pieces: int) -> TamperedLog:
    """A log in so many runs of rows that don't meet: another first row, the true log, and stray rows."""
    log = TamperedLog(3)
    log.add(1, row_id=7, on=genesis(TENANT))
    for number in range(4, 2 + pieces):
        log.add(number, row_id=5000 + number, on=f"{number}")
    return log


def test_as_many_pieces_as_findings_are_told_apart() -> None:
    told = in_pieces(MOST_FINDINGS).told()
    assert told[0] == f"1 7 {ADDED}"
    assert told[1:] == [f"{number} {5000 + number} {ADDED}" for number in range(4, 2 + MOST_FINDINGS)]


def test_a_log_in_more_pieces_than_that_is_told_where_it_breaks_first() -> None:
    broken = "changed: From here on the chain is broken in more places than can be told apart."
    assert in_pieces(MOST_FINDINGS + 1).told() == [f"1 1001 {broken}"]
    log = TamperedLog(3)
    log.add(3, row_id=7, on=log.hash_of(2))
    for number in range(4, 2 + MOST_FINDINGS):
        log.add(number, row_id=5000 + number, on=f"{number}")
    assert log.told() == [f"3 7 {broken}"]
