"""The SHA-256 of a file without content: it names no file in particular, but every empty one."""

from __future__ import annotations

import hashlib

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.policies.case import Findings

SHA256 = hashlib.sha256(b"").hexdigest()


def refuse_empty_file(indicator: Indicator, findings: Findings) -> None:
    """Refuse an entry for it: what works out hashes gives it where there was nothing to read."""
    if indicator.kind is Kind.FILE and indicator.value.lower() == SHA256:
        findings.refuse(
            "empty_file",
            "This is the SHA-256 of an empty file, which every file without content has: it says nothing of the file "
            "that is meant, and whatever wrote it down had nothing to read.",
            "Work the hash out from the file itself, with Get-FileHash or sha256sum.",
            indicator=indicator,
        )
