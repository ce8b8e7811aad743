"""What verdicts say: which call an indicator bad, and which don't, or may not."""

from __future__ import annotations

import pytest

from bot.domain.reading.tables.verdict_words import is_of_detections, is_of_verdicts, said_detections, said_verdict

VERDICTS = [
    *[
        (word, None)
        for word in (
            *("", "malicious", "Phishing", "HighConfPhish", "High confidence phishing", "spam", "Junk", "suspicious"),
            *(
                "confirmed malicious",
                "true positive",
                "TP",
                "Malware / C2",
                "12/94",
                "bösartig",
                "malveillant",
                "malicioso",
            ),
        )
    ],
    *[
        (word, "row_false_positive")
        for word in (
            *("not phishing", "NotJunk", "not spam", "NotSpam", "non-malicious", "no threat", "Not malicious", "FP"),
            *(
                "false positive",
                "kein Phishing",
                "kein Spam",
                "pas de phishing",
                "geen phishing",
                "no malware",
                "benign (AWS)",
            ),
            *("allow-listed", "should not be blocked", "nicht bösartig"),
        )
    ],
    *[(word, "row_false_positive") for word in ("good", "ok", "clean", "safe", "legit", "harmlos", "sauber")],
    *[(word, "row_unverified") for word in ("unknown", "0/94", "0 / 70", "0", "unrated", "low")],
    *[(word, "row_verdict_unknown") for word in ("7", "pending review", "whatever", "see ticket", "B+", "-5")],
]


@pytest.mark.parametrize(("word", "code"), VERDICTS)
def test_a_verdict(word: str, code: str | None) -> None:
    found = said_verdict("Verdict", word)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("word", "code"),
    [
        *[(word, None) for word in ("", "1/94", "12", "7 of 90", "85 %", "https://report.example/abc", "malicious")],
        *[(word, "row_unverified") for word in ("0/94", "0", "0 / 94", "0%", "0.0")],
        ("clean", "row_false_positive"),
        ("see report", "row_verdict_unknown"),
    ],
)
def test_how_many_call_it_bad(word: str, code: str | None) -> None:
    found = said_detections("VirusTotal", word)
    assert (found.code if found else None) == code


def test_columns_of_verdicts() -> None:
    for name in ("Verdict", "Marked as", "Einstufung", "Classification", "final_verdict", "Entscheidung"):
        assert is_of_verdicts(name)
    for name in ("VirusTotal", "VT", "Detection ratio", "abuseConfidenceScore"):
        assert is_of_detections(name)
    assert not is_of_verdicts("Note")
    assert not is_of_detections("Count")
