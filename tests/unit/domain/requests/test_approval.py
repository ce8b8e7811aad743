"""What approves a request instead of reviews: kept whole, and a rule's own told from all others."""

from __future__ import annotations

import pytest

from bot.domain.requests.approval import Approval, ApprovedBy, approval_in, approval_out
from tests.unit.domain.requests.cases import NOW


@pytest.mark.parametrize("by", ApprovedBy)
def test_it_is_read_back_as_it_was_kept(by: ApprovedBy) -> None:
    approval = Approval(by=by, at=NOW, name="7", why="Because.")
    assert approval_in(approval_out(approval)) == approval
    assert approval.is_by_rule("7") is (by is ApprovedBy.RULE)
    assert not approval.is_by_rule("8")
