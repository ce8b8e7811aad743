"""The demo's page draws every emoji that the bot writes: an unknown shortcode would stand there as text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

BOT = Path(__file__).parents[4] / "bot"
PAGE = (BOT / "playground" / "page" / "emoji.js").read_text(encoding="utf-8")


def known() -> set[str]:
    """The names in the page's two tables, and those that are added to them."""
    tables = "\n".join(re.findall(r"^const (?:DRAWN|CHARACTERS) = \{$(.*?)^\};$", PAGE, re.MULTILINE | re.DOTALL))
    rows = re.findall(r"(?:^  |, )\"?([a-z0-9_+-]+)\"?: [\[\"]", tables, re.MULTILINE)
    return {*rows, *re.findall(r"^DRAWN\.([a-z0-9_]+) =", PAGE, re.MULTILINE)}


def written() -> list[tuple[str, str]]:
    """Each shortcode in the bot's texts, with the module that writes it."""
    found = {
        (name, str(path.relative_to(BOT)))
        for path in (BOT / "slack").rglob("*.py")
        for name in re.findall(r":([a-z][a-z0-9_+-]*):", path.read_text(encoding="utf-8"))
    }
    return sorted(found)


def test_the_tables_are_read_and_the_bot_writes_some() -> None:
    assert {"warning", "white_check_mark", "hourglass", "+1", "repeat"} <= known()
    assert "red" not in known()
    assert len(written()) > 10


@pytest.mark.parametrize(("name", "module"), written())
def test_the_page_knows_every_shortcode(name: str, module: str) -> None:
    assert name in known(), f"{module} writes :{name}:, which emoji.js doesn't know"
