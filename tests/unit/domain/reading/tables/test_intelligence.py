"""Documents of threat intelligence: which of their indicators are meant to be blocked."""

from __future__ import annotations

import json
from datetime import date

import pytest

from bot.domain.reading.import_reading import Given, read_import


def code_of(**fields: object) -> str:
    """What a bundle with one indicator of these fields gives: its value, or the code of its problem."""
    indicator = {"type": "indicator", "pattern": "[domain-name:value='evil.example']", **fields}
    bundle = json.dumps({"type": "bundle", "objects": [indicator]})
    [line] = read_import(Given(content=bundle), today=date(2030, 1, 2)).lines
    return line.indicator.value if line.indicator else line.code


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, "evil.example"),
        *[({"revoked": word}, "row_revoked") for word in (True, "true", "True", "1", "yes")],
        *[({"revoked": word}, "evil.example") for word in (False, "false", "", None)],
        *[
            ({"labels": [word]}, "row_false_positive")
            for word in ("allowlist", "benign", "whitelist", "Allow-List", "false-positive")
        ],
        *[({"indicator_types": ["x", word]}, "row_false_positive") for word in ("benign", "whitelisted", "known good")],
        ({"indicator_types": ["malicious-activity"]}, "evil.example"),
        ({"valid_from": "2031-01-01T00:00:00Z"}, "row_not_yet"),
        ({"valid_from": "2029-01-01T00:00:00Z"}, "evil.example"),
        ({"valid_until": "2029-01-01T00:00:00Z"}, "row_expired"),
        ({"confidence": 0}, "row_unverified"),
        ({"confidence": 85}, "evil.example"),
        ({"description": "False positive, do not block"}, "row_false_positive"),
    ],
)
def test_an_indicator_of_stix(fields: dict[str, object], found: str) -> None:
    assert code_of(**fields) == found


@pytest.mark.parametrize("name", ["to_ids", "IDS", "ids"])
@pytest.mark.parametrize(
    ("word", "found"), [("0", "row_not_for_detection"), ("1", "evil.example"), ("false", "row_not_for_detection")]
)
def test_an_attribute_of_misp(name: str, word: str, found: str) -> None:
    [line] = read_import(Given(content=f"type,value,{name}\ndomain,evil.example,{word}"), today=date(2030, 1, 2)).lines
    assert (line.indicator.value if line.indicator else line.code) == found
