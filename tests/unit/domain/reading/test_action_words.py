"""What the words of an action say to do, in the languages and the spellings of the programs that write them."""

from __future__ import annotations

import pytest

from bot.domain.lists.traits import Action
from bot.domain.reading.action_words import first_action, said_action
from bot.domain.reading.aside import Aside

ACTIONS = [
    *[
        (word, "block")
        for word in ("Block", "BLOCKED", "BlockAndRemediate", "AlertAndBlock", "Deny", "Blockieren", "Bloquer")
    ],
    *[(word, "allow") for word in ("Allow", "Allowed", "whitelist", "Zulassen", "Autoriser", "Permitir")],
    *[(word, "row_audits") for word in ("Audit", "Warn", "Alert", "Informational", "Monitor", "none")],
    *[(word, "allow") for word in ("Bypass", "Pass", "Accept", "OK", "Exempt", "Approved", "Allow (temp)")],
    *[(word, "allow") for word in ("allow-listed", "Trusted", "Allow - until May")],
    *[
        (word, "row_unblocks")
        for word in (
            *("Unblock", "Not blocked", "Do not block", "Released", "Remove"),
            *("Freigeben", "Nicht blockieren", "Débloquer"),
        )
    ],
    *[(word, None) for word in ("", "4711", "Tenant", "see above")],
]


@pytest.mark.parametrize(("word", "means"), ACTIONS)
def test_an_action(word: str, means: str | None) -> None:
    found = said_action(word)
    assert (found.code if isinstance(found, Aside) else found) == (
        Action(means) if means in {"block", "allow"} else means
    )


def test_without_a_column_s_name_only_plain_words_are_actions() -> None:
    assert first_action(["phish", "none", "safe", "report", "Allow", "Block"]) is Action.ALLOW
    assert first_action(["phish", "none", "alert", ""]) is None
