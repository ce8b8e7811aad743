"""The audit log's canonical form, and the hash that stands on it."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.auditing.events import (
    LONGEST_TARGET,
    Event,
    EventKind,
    canonical,
    canonical_json,
    chain_hash,
    genesis,
    iso,
    plain,
)
from tests.unit.domain.auditing.chains import AT, event

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class TestCanonicalForm:
    def test_is_one_sequence_of_bytes(self) -> None:
        made = event(target="evil.example", request_id=7, payload={"b": [1, True, None], "a": "ü"})
        assert canonical(made).decode() == (
            '{"actor":"U1","at":"2030-01-02T03:04:05.000006Z","kind":"check.asked","payload":{"a":"ü","b":[1,true,null]},'
            '"request_id":7,"target":"evil.example","tenant_id":"contoso"}'
        )

    def test_stays_what_it_was_when_the_first_rows_were_written(self) -> None:
        assert chain_hash(genesis("contoso"), event(target="evil.example", request_id=7, payload={"a": "ü"})) == (
            "8f378221b495195af32435c6430d707c2e9406b3a6b792ebfdd88032e7b03b9e"
        )

    def test_the_hash_is_sha256_over_the_hash_before_and_the_canonical_form(self) -> None:
        made = event()
        assert chain_hash("abc", made) == hashlib.sha256(b"abc\n" + canonical(made)).hexdigest()

    def test_tenants_start_from_different_hashes(self) -> None:
        assert genesis("contoso") != genesis("fabrikam")

    @pytest.mark.parametrize("value", [1.5, float("nan"), b"bytes", object()])
    def test_refuses_what_has_no_single_spelling(self, value: object) -> None:
        with pytest.raises(TypeError, match="can't be recorded"):
            event(payload={"value": [value]})

    def test_refuses_a_naive_time(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            iso(datetime(2030, 1, 1))  # noqa: DTZ001 - that is the point

    def test_spells_the_same_moment_the_same_in_any_zone(self) -> None:
        elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
        assert iso(elsewhere) == iso(AT) == "2030-01-02T03:04:05.000006Z"

    def test_takes_times_enums_tuples_and_sets(self) -> None:
        assert plain({"at": AT, "kind": EventKind.JOB_DEAD, "pair": ("a", 1), "set": {"b", "a"}}) == {
            "at": "2030-01-02T03:04:05.000006Z",
            "kind": "job.dead",
            "pair": ["a", 1],
            "set": ["a", "b"],
        }

    def test_replaces_what_no_database_takes(self) -> None:
        made = event(actor="a\0b", target="\ud800", payload={"k\0": "v\udfff"})
        assert (made.actor, made.target, made.payload) == ("a\ufffdb", "\ufffd", {"k\ufffd": "v\ufffd"})

    def test_cuts_a_target_that_no_index_takes(self) -> None:
        target = event(target="x" * 5000).target
        assert len(target) == LONGEST_TARGET
        assert target.endswith("…")

    @given(payload=st.dictionaries(st.text(), json_values, max_size=4))
    def test_reading_a_payload_back_gives_the_same_hash(self, payload: dict[str, object]) -> None:
        import json  # noqa: PLC0415

        made = event(payload=payload)
        read_back = replace(made, payload=json.loads(canonical_json(made.payload)))
        assert chain_hash("0", read_back) == chain_hash("0", made)


def test_a_row_for_machines_has_every_field() -> None:
    assert event().as_json().keys() == {field.name for field in fields(Event)}
