"""What comes from outside is read by one reader, with bounds; and nobody reads it past that one."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UnreadableJson
from bot.outside_json import read_outside_json

BOT = Path(__file__).parents[2] / "bot"
MOST = 1024 * 1024

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=30,
)


@given(VALUES, st.booleans())
def test_it_reads_what_json_says(value: Any, as_ascii: bool) -> None:  # noqa: ANN401 - any JSON
    written = json.dumps(value, ensure_ascii=as_ascii)
    try:
        encoded = written.encode()
    except UnicodeEncodeError:  # half a character, as it stands
        with pytest.raises(UnreadableJson):
            read_outside_json(written, most_bytes=MOST)
        return
    expected = json.loads(encoded.decode(), parse_constant=float)
    if not _has_halves(expected):
        assert read_outside_json(encoded, most_bytes=MOST) == expected
        assert read_outside_json(written, most_bytes=MOST) == expected


def _has_halves(value: object) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in json.dumps(value, ensure_ascii=False))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"\ud83d"', "\ufffd"),
        (r'"cut off \ud83d", "\ud83d\ude00"', None),
        (r'"\ude00\ud83d\ude00\ud83d"', "\ufffd\U0001f600\ufffd"),
        (r'"\\ud83d"', r"\ud83d"),
        (r'"\\\ud83d"', "\\\ufffd"),
        (r'"\ud83dx\ude00"', "\ufffdx\ufffd"),
    ],
)
def test_half_a_character_costs_nobody_the_rest(written: str, text: str | None) -> None:
    if text is None:
        with pytest.raises(UnreadableJson):
            read_outside_json(written, most_bytes=MOST)
        assert read_outside_json(f"[{written}]", most_bytes=MOST) == ["cut off \ufffd", "\U0001f600"]
    else:
        assert read_outside_json(written, most_bytes=MOST) == text
        assert read_outside_json(written.encode(), most_bytes=MOST) == text


def test_a_mark_in_front_is_no_part_of_it() -> None:
    assert read_outside_json(b"\xef\xbb\xbf[1]", most_bytes=MOST) == [1]


REFUSED: dict[str, tuple[bytes | str, str]] = {
    "empty": (b"", "EOF"),
    "no JSON": (b"<html>", "expected value"),
    "a rest": (b"[1] [2]", "trailing characters"),
    "cut off": (b'{"a": [1, 2', "EOF"),
    "no UTF-8": (b'"\xff\xfe"', "invalid unicode|UTF-8"),
    "half a character, as it stands": ('"\ud800"', "UTF-8"),
    "too large": (b" " * (MOST + 1), "larger than 1,048,576 bytes"),
    "lists in lists": (b"[" * 200_000, "recursion limit"),
    "and closed": (b"[" * 200_000 + b"]" * 200_000, "recursion limit"),
    "objects in objects": (b'{"a":' * 150_000 + b"1" + b"}" * 150_000, "recursion limit"),
    "not beside each other": (b"[1,[2," * 500 + b"[]" + b"]]" * 500, "recursion limit"),
    "too many": (b"[" + b"[]," * 200_000 + b"[]]", "more than 300,000 values"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_none_or_too_much_is_one_error(name: str) -> None:
    data, why = REFUSED[name]
    with pytest.raises(UnreadableJson, match=why) as refused:
        read_outside_json(data, most_bytes=MOST, most_values=300_000)
    assert not refused.value.why.endswith(".")


#: Methods that parse what came from outside, whatever it is that has them.
PARSING = frozenset({"json", "model_validate_json", "validate_json", "parse_raw"})


def test_nobody_parses_what_comes_from_outside_past_the_reader() -> None:
    """Functions are forbidden by `make lint`; methods only their name tells."""
    found = {
        f"{path.relative_to(BOT)}: {ast.unparse(node.func)}"
        for path in sorted(BOT.rglob("*.py"))
        if "playground" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PARSING
    }
    assert found == set()
