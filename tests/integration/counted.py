"""How often a proposal is judged and a right is checked: the real rules run, and are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from bot.domain.importing import judging
from bot.domain.policies import assess
from bot.domain.requests.people import Person, Right


@dataclass
class Counted:
    """What has been done since the test began, or since `anew`."""

    judged: int = 0
    checked: int = 0

    def anew(self) -> None:
        self.judged = self.checked = 0


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counts = Counted()
    decide, require = assess.decide, Person.require

    def counting_decide(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - decide's
        counts.judged += 1
        return decide(*args, **options)

    def counting_require(person: Person, right: Right) -> None:
        counts.checked += 1
        require(person, right)

    monkeypatch.setattr(assess, "decide", counting_decide)
    monkeypatch.setattr(judging, "decide", counting_decide)
    monkeypatch.setattr(Person, "require", counting_require)
    return counts
