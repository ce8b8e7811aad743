"""Headings say what is done about what stands below them; ordinary lines and comments say nothing of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.traits import Action
from bot.domain.reading.sections import allows, section_of

HEADINGS = [
    *[
        (line, Action.ALLOW)
        for line in (
            *("Ausnahmen:", "False positives:", "FP:", "Good domains", "Recipients:", "Victims:", "References:"),
            *("Allowed domains", "Safe senders", "# Allow", "Allow:", "[allow]", "== Whitelist ==", "Do not block"),
            *(
                "Top recipients",
                "Top 10 recipients",
                "Affected users",
                "Victims",
                "Unblock requests",
                "Removed",
                "Deleted entries",
                "Archived",
            ),
            *(
                "Ausnahmen",
                "Entfernt",
                "Betroffene Benutzer",
                "Destinataires",
                "Destinatarios",
                "Opfer",
                "Our own domains",
            ),
            *("Expired", "False positives (May)", "Internal IPs", "Protected domains", "Partners", "Uitzonderingen"),
            *("# Trusted senders and domains", "IP Allow List", "Exceptions", "Unblock:", "Erlaubte Absender"),
        )
    ],
    *[(line, Action.BLOCK) for line in ("Block:", "Blocked domains", "# Blocklist", "[Deny]", "Gesperrte Absender")],
    *[
        (line, None)
        for line in (
            *("Top senders", "Mails removed by the user", "Users reported these", "Target company phish", "Our list"),
            *("", "#", "Domains", "# exported in May", "Report", "evil.example", "allow evil.example", "allow, block"),
            *("Allow list of the partner was abused", "Allowed by the proxy", "# see the allow list", "x" * 100),
        )
    ],
]


@pytest.mark.parametrize(("line", "action"), HEADINGS)
def test_a_heading(line: str, action: Action | None) -> None:
    assert section_of(line) is action


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *[(name, True) for name in ("Allow", "IPAllowList", "safe_senders", "Whitelist", "Allowed domains")],
        *[(name, False) for name in ("", "Domain", "Blocklist", "Sender", "Safety", "Allowance", "Unsafe")],
    ],
)
def test_a_name_that_allows(name: str, found: bool) -> None:
    assert allows(name) is found


@given(st.text(max_size=80))
def test_nothing_is_raised(line: str) -> None:
    assert section_of(line) in {None, *Action}
