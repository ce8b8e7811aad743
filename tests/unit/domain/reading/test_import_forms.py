"""Lines in the forms of other programs: what counts in them, and what doesn't."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reading.import_forms import parts_of

FORMS = [
    ("0.0.0.0 evil.example", ["evil.example"]),
    ("127.0.0.1\tevil.example www.evil.example  # phish", ["evil.example", "www.evil.example"]),
    ("::1 localhost", ["? hosts_own"]),
    (":: evil.example", ["evil.example"]),
    ("0.0.0.0 0.0.0.0", ["? hosts_own"]),
    ("v=spf1 ip4:203.0.113.0/24 -ip6:2001:db8::/48 ~all", ["203.0.113.0/24", "2001:db8::/48"]),
    (
        'evil.example. IN TXT ( "v=spf1 ip4:203.0.113.7" " include:_spf.bad.example mx -all" )',
        ["203.0.113.7", "? spf_indirect", "? spf_indirect", "? spf_owner"],
    ),
    ("v=spf1 -all", ["? spf_indirect"]),
    ('evil.example. 3600 IN TXT "v=spf1 ip4:203.0.113.0/24 -all"', ["203.0.113.0/24", "? spf_owner"]),
    ("evil.example v=spf1 ip4:203.0.113.0/24 -all", ["? spf_behind"]),
    ("evil.example; phish; v=spf1 ip4:203.0.113.0/24", ["? spf_behind"]),
    ("V=SPF1 A:mail.bad.example", ["? spf_indirect"]),
    # ordinary lines
    ("evil.example", None),
    ("0.0.0.0", None),  # noqa: S104 - a line of a file
    ("127.0.0.1", None),
    ("0.0.0.0/24 evil.example", None),
    ("203.0.113.7 evil.example", None),
    ("v=spf10 ip4:203.0.113.7", None),
    ("", None),
]


@pytest.mark.parametrize(("line", "parts"), FORMS)
def test_forms(line: str, parts: list[str] | None) -> None:
    found = parts_of(line)
    if parts is None:
        assert found is None
    else:
        assert [part.text if not part.problem else f"? {part.code}" for part in found or ()] == parts


def test_a_comment_in_a_hosts_file_is_a_remark() -> None:
    assert [part.remark for part in parts_of("0.0.0.0 evil.example www.evil.example # ads") or ()] == ["ads", "ads"]
    assert [part.remark for part in parts_of("0.0.0.0 evil.example") or ()] == [""]


@given(
    st.text(max_size=100)
    | st.lists(st.sampled_from(["v=spf1", "ip4:", "::1", " ", "#", '"', "a", "evil.example", "\t"]), max_size=15).map(
        "".join
    )
)
def test_a_line_in_such_a_form_has_parts(line: str) -> None:
    parts = parts_of(line)
    assert parts is None or parts
