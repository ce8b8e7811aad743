"""Verification of the audit log: whatever was done to it is found, at the row to which it was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.auditing.chain import ChainFindings, ChainProblem, ChainRow, Head, verify
from bot.domain.auditing.events import chain_hash
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
    assert findings.unnamed >= 2000


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
