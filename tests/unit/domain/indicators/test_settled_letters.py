"""Names in letters that the standards take as they stand: as the library for IDNA reads them."""

from __future__ import annotations

import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.indicators.settled_letters import settled_label, settled_name

#: Letters that are mapped, join, turn the direction, combine or are no letters, beside those that stand for themselves.
LETTERS = st.one_of(
    st.sampled_from("abz019-.ABßüéÄÖſKİıλςΣяЯ日本語한글אב١٣ａﬁ②²·・ʼ々〇。\u0301\u200d\u0378"),
    st.characters(min_codepoint=0x80, max_codepoint=0x2FFFF),
)
NAMES = st.lists(LETTERS, min_size=1, max_size=7).map("".join)
PUNYCODE = st.from_regex(r"xn--[a-z0-9-]{1,9}", fullmatch=True)


@given(NAMES)
@example("münchen.example")
@example("faß.de")
@example("ü--a.de")
@example("日本.jp")
def test_a_settled_name_is_what_the_library_makes_of_it(name: str) -> None:
    found = settled_name(name)

    if found is not None:
        encoded, spelled = found
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
        labels = [label if label.isascii() else idna.alabel(label).decode() for label in mapped.split(".")]
        assert encoded == ".".join(labels)
        assert spelled == {label: idna.ulabel(label) for label in labels if not mapped.isascii() and label in spelled}
        assert set(spelled.values()) == {label for label in mapped.split(".") if not label.isascii()}


@given(
    st.one_of(PUNYCODE, NAMES.map(lambda name: "xn--" + name.replace(".", "").encode("punycode", "replace").decode()))
)
@example("xn--mnchen-3ya")
@example("xn---bbk")
def test_a_settled_label_is_what_the_library_reads(encoded: str) -> None:
    found = settled_label(encoded)

    if found is not None:
        assert found == idna.ulabel(encoded)


@pytest.mark.parametrize(("name", "encoded"), [("münchen.de", "xn--mnchen-3ya.de"), ("aλ.b", "xn--a-kmb.b")])
def test_ordinary_letters_are_settled(name: str, encoded: str) -> None:
    found = settled_name(name)

    assert found is not None
    assert found[0] == encoded
    assert settled_label(encoded.partition(".")[0]) == name.partition(".")[0]


@pytest.mark.parametrize("name", ["Ä.de", "אב.de", "e\u0301.de", "-ü.de", "ü_a.de", "ａ.de", f"{'ü' * 60}.de"])
def test_what_has_to_be_asked_about_is_not(name: str) -> None:
    assert settled_name(name) is None
