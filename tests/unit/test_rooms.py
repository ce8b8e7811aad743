"""Each package opens on a page that names its modules, and the documents name only modules that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BOT = ROOT / "bot"
ROOMS = ("domain", "workflow", "slack", "tenant")
PACKAGES = sorted(page.parent for room in ROOMS for page in (BOT / room).rglob("__init__.py"))
#: A module as the documents name it: `domain/requests/keeping.py`, `bot/errors.py`.
MODULE = re.compile(r"`(?:bot/)?((?:domain|workflow|slack|tenant|store|jobs|web|cli|playground)/[a-z_/]+\.py)`")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def contents(package: Path) -> set[str]:
    """The modules and packages within a package."""
    modules = {module.stem for module in package.glob("*.py") if module.stem != "__init__"}
    return modules | {room.parent.name for room in package.glob("*/__init__.py")}


@pytest.mark.parametrize("package", PACKAGES, ids=named)
def test_a_package_opens_on_a_table_of_its_contents(package: Path) -> None:
    page = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    rows = re.findall(r"^([a-z_0-9]+(?:, [a-z_0-9]+)*)  +\S", page, re.MULTILINE)
    listed = [name for row in rows for name in row.split(", ")]
    assert sorted(listed) == sorted(contents(package))


@pytest.mark.parametrize("document", [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))], ids=named)
def test_the_modules_that_a_document_names_are_there(document: Path) -> None:
    for module in MODULE.findall(document.read_text(encoding="utf-8")):
        assert (BOT / module).is_file(), module


def test_no_two_public_classes_have_one_name() -> None:
    places: dict[str, list[str]] = {}
    for module in sorted(BOT.rglob("*.py")):
        if "playground" in module.parts:  # it knows only the wire, and has its own words for it
            continue
        for statement in ast.parse(module.read_text(encoding="utf-8")).body:
            if isinstance(statement, ast.ClassDef) and not statement.name.startswith("_"):
                places.setdefault(statement.name, []).append(named(module))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
