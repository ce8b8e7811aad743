"""No module of the facts knows how any place shows them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain import telling

MODULES = sorted(Path(telling.__path__[0]).glob("*.py"))

#: Mentions, dates, links, bold words, code and the names of emoji, as Slack and its kin write them.
MARKUP = re.compile(r"<[@!#]|<https?:|[*`]|:[a-z_]+:|&(?:amp|lt|gt);")


def texts(module: Path) -> Iterator[str]:
    """What a module can say: every text in it but what documents it, and patterns, which are said to nobody."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    documented = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    docstrings = {ast.get_docstring(node, clean=False) for node in documented}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile"]
    patterns = {part for call in calls for part in ast.walk(call)}
    for node in ast.walk(tree):
        if node in patterns:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docstrings:
            yield node.value


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_no_text_holds_markup(module: Path) -> None:
    assert [text for text in texts(module) if MARKUP.search(text)] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_no_module_knows_slack(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    known = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    known |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert not [
        name for name in known if "slack" in name or (name.startswith("bot.") and not name.startswith("bot.domain"))
    ]


@pytest.mark.parametrize("text", ["<@U1>", "<!date^1^x|y>", "*Denied*", "`x`", ":x:", "a &amp; b", "<https://a>"])
def test_markup_would_be_found(text: str) -> None:
    assert MARKUP.search(text)
