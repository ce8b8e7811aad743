"""The documents are in step with the program: links lead somewhere, and what is named exists."""

from __future__ import annotations

import re
import shlex
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bot import settings
from bot.cli import app
from bot.domain.auditing.events import EventKind
from bot.slack.command_table import COMMANDS

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"(?:\]\(|\bsrc=\")([^)\s\"]+)[)\"]")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
COMPLETION = frozenset({"--install-completion", "--show-completion"})  # typer's own, the same for every program
SETTING = re.compile(r"PORTCULLIS_[A-Z0-9_]+")


def named(document: Path) -> str:
    return str(document.relative_to(ROOT))


@cache
def anchors(document: Path) -> frozenset[str]:
    """The anchors that GitHub makes of a document's headings."""
    headings = re.findall(r"^#{1,6} (.+)$", FENCE.sub("", document.read_text(encoding="utf-8")), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_link_within_the_project_leads_somewhere(document: Path) -> None:
    for link in LINK.findall(FENCE.sub("", document.read_text(encoding="utf-8"))):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), f"{link}: no such heading"


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_row_of_a_table_has_as_many_cells_as_its_header(document: Path) -> None:
    cells = 0
    for line in FENCE.sub("", document.read_text(encoding="utf-8")).splitlines():
        if not line.startswith("|"):
            cells = 0
            continue
        found = len(re.findall(r"(?<!\\)\|", line))
        cells = cells or found
        assert found == cells, line


def test_every_document_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        document = waiting.pop()
        if document in seen or document.suffix != ".md":
            continue
        seen.add(document)
        links = (link.partition("#")[0] for link in LINK.findall(document.read_text(encoding="utf-8")))
        waiting += [(document.parent / link).resolve() for link in links if link and not link.startswith("https://")]
    assert set(DOCUMENTS) <= seen


def fields() -> dict[str, FieldInfo]:
    return {
        f"{settings.PREFIX}{name.upper()}": field
        for part in settings.PARTS.values()
        for name, field in part.model_fields.items()
    }


def described() -> dict[str, str]:
    """Each setting's row in docs/settings.md, by name."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+) \|$", text, re.MULTILINE)
    assert len({name for name, _ in rows}) == len(rows), "a setting is described twice"
    return {f"{settings.PREFIX}{name}": row for name, row in rows}


def test_every_setting_is_described_and_no_other() -> None:
    assert set(described()) == set(fields())


@pytest.mark.parametrize("name", sorted(fields()))
def test_a_setting_is_described_with_its_default_and_its_choices(name: str) -> None:
    field, (default, explained) = fields()[name], described()[name].split(" | ", 1)
    assert explained.strip()
    if field.is_required():
        assert default == "**required**"
    elif field.default in (None, ()):
        assert default == "–"
    else:
        assert default == f"`{written(field.default)}`"
    for choice in get_args(field.annotation):
        if isinstance(choice, str):
            assert f"`{choice}`" in explained, f"{choice} isn't explained"


def written(value: object) -> str:
    """A default as one would set it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, timedelta):
        units = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
        size, unit = next((size, unit) for size, unit in units if value.total_seconds() % size == 0)
        return f"{int(value.total_seconds() // size)}{unit}"
    return "; ".join(value) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_setting_that_a_document_names_exists(document: Path) -> None:
    secrets = {name for name, field in fields().items() if settings.takes_file(field)}
    known = set(fields()) | {f"{name}_FILE" for name in secrets}
    for name in SETTING.findall(document.read_text(encoding="utf-8")):
        assert name in known or name == settings.PREFIX, name


def test_the_secrets_are_said_to_come_from_files_too() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, field in fields().items():
        assert (f"`{name}_FILE`" in text) == (SecretStr.__name__ in str(field.annotation)), name


@cache
def commands() -> dict[str, frozenset[str]]:
    """Every command, as `audit list`, with its options."""
    found: dict[str, frozenset[str]] = {}

    def look(command: Any, path: str) -> None:  # noqa: ANN401 — typer carries a click of its own
        found[path] = frozenset(option for parameter in command.params for option in parameter.opts) | {"--help"}
        if hasattr(command, "list_commands"):
            for name in command.list_commands(None):
                look(command.get_command(None, name), f"{path} {name}".strip())

    root = typer.main.get_command(app)
    look(root, "")
    for name in root.list_commands(typer.Context(root)):  # the root itself only knows their names until one is used
        look(root.resolve_command(typer.Context(root), [name])[1], name)
    return found


def typed(text: str) -> list[str]:
    """The places where a document shows `portcullis …` as one types it: in code."""
    code = [*FENCE.findall(text), *re.findall(r"`([^`\n]+)`", FENCE.sub("", text))]
    # `/portcullis` is Slack's command, `bin/portcullis` the program.
    return re.findall(r"(?:^|[\s|`$]|(?<=\w)/)portcullis((?: +[^\s|>`;#&][^\n|>`;#&]*)?)", "\n".join(code))


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_command_and_option_that_a_document_names_exists(document: Path) -> None:
    for rest in typed(document.read_text(encoding="utf-8")):
        words = shlex.split(rest.replace("’", ""), posix=True) if rest.count("'") % 2 == 0 else rest.split()
        path = ""
        while words and f"{path} {words[0]}".strip() in commands():
            path = f"{path} {words.pop(0)}".strip()
        if not path and words and not words[0].startswith("-"):
            assert not re.fullmatch(r"[a-z]{3,}", words[0]), f"portcullis{rest}: no such command"
            continue
        for word in words:
            if word.startswith("--"):
                assert word.partition("=")[0] in commands()[path], f"portcullis{rest}: no such option"


def test_the_commands_page_covers_every_command_and_option() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for path, options in commands().items():
        if path and path != "audit":
            assert f"portcullis {path}" in text, path
        for option in (name for name in options - COMPLETION if name.startswith("--")):
            assert f"`{option}" in text or f" {option}" in text, f"{path} {option}"
    for command in COMMANDS:
        assert f"`{command.name} {command.usage_hint}`" in text.replace("\\|", "|"), command.name


def test_the_commands_page_lists_every_kind_of_event() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    about = "|".join(sorted({kind.partition(".")[0] for kind in EventKind}))
    listed = set(re.findall(rf"`((?:{about})\.[a-z_]+)`", text))
    assert listed == set(EventKind)


def test_the_makefile_has_every_target_that_a_document_names() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"(?:`|^\$? ?)make ([a-z]+)", text, re.MULTILINE):
            assert target in targets, f"{named(document)}: make {target}"


def test_the_pictures_are_there_and_small() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").glob("*.png"))
    shown = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    assert pictures
    for picture in pictures:
        assert picture.name in shown, f"{picture.name} is shown nowhere"
        assert picture.stat().st_size < 400_000, picture.name
