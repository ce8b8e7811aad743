"""The form of an import, with what was given standing in it."""

from __future__ import annotations

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.slack.block_kit.text import REPLACEMENT
from bot.slack.modals.import_form import ImportInput, build


@pytest.mark.parametrize("halves", [(0xD83D,), (0xDE00,), (0xDE00, 0xD83D)])
def test_half_a_character_opens_the_form_like_any_other_text(halves: tuple[int, ...]) -> None:
    """A text that was cut in between ends so, and no encoding takes it."""
    half = "".join(map(chr, halves))
    given = ImportInput(operation=Operation.ADD, action=Action.BLOCK, text=f"evil.example\nworse.example{half}")
    view = build(given, problem="So many indicators need a reason as well.").to_dict()
    [value] = [block["element"]["initial_value"] for block in view["blocks"] if block.get("block_id") == "indicators"]
    assert value == f"evil.example\nworse.example{REPLACEMENT * len(halves)}"
