"""What the words of a row say of whether it still counts, in several languages."""

from __future__ import annotations

import pytest

from bot.domain.reading.tables.row_words import is_of_answers, nothing_ticked, said_status, yes_or_no

STATUS = [
    ("to_ids", "0", "row_not_for_detection"),
    ("to_ids", "false", "row_not_for_detection"),
    ("to_ids", "1", None),
    ("deleted", "1", "row_deleted"),
    ("deleted", "0", None),
    ("revoked", "TRUE", "row_revoked"),
    ("revoked", "", None),
    ("url_status", "offline", "row_offline"),
    ("url_status", "online", None),
    ("online", "no", "row_offline"),
    ("verified", "no", "row_unverified"),
    ("is_active", "0", "row_inactive"),
    ("Status", "Expired", "row_expired"),
    ("Status", "False positive", "row_false_positive"),
    ("Status", "new", None),
    *[("Status", word, "row_false_positive") for word in ("Clean", "Benign", "Trusted", "Legit")],
    *[("Status", word, "row_inactive") for word in ("Inactive", "closed", "Resolved")],
    ("Is FP", "yes", "row_false_positive"),
    ("Is FP", "no", None),
    ("Gelöscht", "ja", "row_deleted"),
    # states in which nothing is to be blocked
    *[
        ("Status", word, "row_deleted")
        for word in ("pending removal", "to be removed", "entfernt", "supprimé", "Delisted")
    ],
    *[("Status", word, "row_revoked") for word in ("withdrawn", "revoked", "zurückgezogen", "retiré", "cancelled")],
    *[("Status", word, "row_inactive") for word in ("archived", "sinkholed", "obsolete", "deprecated", "superseded")],
    *[
        ("Status", word, "row_unverified")
        for word in ("rejected", "draft", "test", "abgelehnt", "Entwurf", "brouillon")
    ],
    *[("Status", word, "row_false_positive") for word in ("FP (AWS)", "not phishing", "Fehlalarm", "good", "Ausnahme")],
    *[("State", word, "row_audits") for word in ("monitor", "audit")],
    *[
        ("Status", word, "row_status_unknown")
        for word in ("pending", "in review", "on hold", "?", "404", "wartet", "en attente", "whatever")
    ],
    *[
        ("Status", word, None)
        for word in (
            "active",
            "Active (seen today)",
            "open",
            "confirmed",
            "aktiv",
            "actif",
            "bestätigt",
            "Blocked",
            "malicious",
        )
    ],
    # whatever stands in such a column, unless it is a no
    *[("Removed", word, "row_deleted") for word in ("2029-01-03", "yes", "jdoe", "✔", "03.01.2029 (AB)")],
    *[("Removed", word, None) for word in ("", "no", "-", "❌", "☐", "n", "nein", "No.")],
    *[
        (name, "2029-01-03", "row_deleted")
        for name in (
            "Entfernt am",
            "Removed on",
            "deleted_at",
            "Date removed",
            "Supprimé le",
            "Eliminado el",
            "Unblocked by",
        )
    ],
    *[
        (name, "yes", "row_unblocks")
        for name in ("Exception", "Ausnahme", "Do not block", "nicht sperren", "Exempted", "Uitzondering", "ignore")
    ],
    *[
        (name, "yes", "own")
        for name in ("Partner", "Customer", "Is supplier", "Vendor", "Business use", "Kunde", "VIP")
    ],
    *[(name, "yes", "own") for name in ("Our domain", "Internal", "Own", "intern", "Eigene Domain")],
    *[("Vendor", word, None) for word in ("no", "", "a scanner", "evil.example")],
    ("Exception", "for the CEO", "row_unblocks"),
    ("Exception", "no", None),
    *[
        (name, "☑", "row_false_positive")
        for name in ("FP", "False positive", "Whitelisted", "Benign", "Legit", "Fehlalarm")
    ],
    ("IDS", "0", "row_not_for_detection"),
    ("IDS", "1", None),
    ("IDs", "4711", None),
    ("Expired", "2031-01-01", None),
    ("Resolved", "203.0.113.7", None),
    ("Resolved", "yes", "row_inactive"),
    ("url_status", "unknown", None),
    ("Release status", "NOTRELEASED", None),
    *[("Release status", word, "row_status_unknown") for word in ("RELEASED", "Approved", "REQUESTED")],
    ("Released", "False", None),
    ("Released", "True", "row_status_unknown"),
]


@pytest.mark.parametrize(("column", "word", "code"), STATUS)
def test_a_status(column: str, word: str, code: str | None) -> None:
    found = said_status(column, word)
    assert (found.code if found else None) == code


@pytest.mark.parametrize("name", ["Removal date", "remove on", "RemoveDate"])
def test_a_planned_end_is_no_status(name: str) -> None:
    assert not is_of_answers(name)


YES = [
    "yes",
    "Y",
    "x",
    "X",
    "✔",
    "✓",
    "✅",
    "☑",
    "ja",
    "oui",
    "sì",
    "sí",
    "sim",
    "1",
    "TRUE",
    "yes (checked)",
    "✔️",
    "ja, seit heute",
]
NO = ["no", "N", "❌", "✗", "✘", "☐", "nein", "non", "não", "0", "false", "-", "–", "no - see ticket", "none"]
NEITHER = ["", "maybe", "2", "☒", "2029-01-03", "yesterday", "nobody", "?", "…"]


@pytest.mark.parametrize(
    ("word", "answer"),
    [*[(word, True) for word in YES], *[(word, False) for word in NO], *[(word, None) for word in NEITHER]],
)
def test_a_yes_a_no_and_a_tick(word: str, answer: bool | None) -> None:
    assert yes_or_no(word) is answer


def test_where_others_are_ticked_an_empty_cell_is_a_doubt() -> None:
    found = nothing_ticked("Active", others=True)
    assert found is not None
    assert found.code == "row_status_unknown"
    assert nothing_ticked("Active", others=False) is None
    assert nothing_ticked("Removed", others=True) is None
