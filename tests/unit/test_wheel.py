"""The wheel is an application's: one top-level name, all that the bot reads at run time, and nothing for developers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

import bot

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("runtime.lock", "requirements.lock")
LOCKED = re.compile(r"^[a-z0-9][^\n]*(?:\n    [^\n]+)*$", re.MULTILINE)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def files(*folders: str) -> set[str]:
    """What a checkout has in these folders, by its path in the wheel."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    found = (path for path in paths if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(ROOT)) for path in found}


def test_it_holds_the_package_with_the_migrations_in_it_and_nothing_beside(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == files("bot") | {f"bot/{name}" for name in files("migrations")}


def test_it_is_named_as_nobody_else_s_and_both_its_commands_start_the_program(wheel: Path) -> None:
    about = f"portcullis_mail-{bot.__version__}"
    assert wheel.name == f"{about}-py3-none-any.whl"
    entries = zipfile.ZipFile(wheel).read(f"{about}.dist-info/entry_points.txt").decode()
    assert re.findall(r"^(.+) = (.+)$", entries, re.MULTILINE) == [
        ("portcullis", "bot.cli:main"),
        ("portcullis-mail", "bot.cli:main"),
    ]


def test_it_asks_for_what_the_bot_needs_and_for_no_tool_of_developers(wheel: Path) -> None:
    about = zipfile.ZipFile(wheel).read(f"portcullis_mail-{bot.__version__}.dist-info/METADATA").decode()
    asked = re.findall(r"^Requires-Dist: (.+)$", about, re.MULTILINE)
    # The order within a requirement is the builder's own.
    assert {frozenset(re.split(r"[,>=<]+", name)) for name in asked} == {
        frozenset(re.split(r"[,>=<]+", name)) for name in PROJECT["project"]["dependencies"]
    }
    assert "Provides-Extra" not in about


def test_the_database_is_migrated_by_the_migrations_in_it_where_there_is_no_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "unpacked")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bot.cli", "migrate", "--database", "sqlite:///new.sqlite3"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "unpacked")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    newest = max(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    assert f"at revision {newest} now" in done.stdout


def locked(name: str) -> dict[str, frozenset[str]]:
    """The hashes of each package of a lock file, by its name and version. On which systems it is needed may differ."""
    blocks = LOCKED.findall((ROOT / name).read_text(encoding="utf-8"))
    return {re.split(r"[\s;]", block)[0]: frozenset(re.findall(r"sha256:\w+", block)) for block in blocks}


def test_what_is_locked_to_run_is_locked_the_same_to_develop() -> None:
    run, develop = (locked(name) for name in LOCKS)
    assert run.items() <= develop.items()
    names = {package.partition("==")[0] for package in run}
    needed = {re.split(r"[>=\[]", name)[0] for name in PROJECT["project"]["dependencies"]}
    assert needed <= names
    tools = {"coverage", "hatchling", "hypothesis", "mkdocs-material", "mypy", "playwright", "pytest", "ruff", "uv"}
    assert names.isdisjoint(tools)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address_and_the_hashes_of_each_package(name: str) -> None:
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")
    assert [package for package, hashes in locked(name).items() if not hashes] == []


def test_the_version_is_said_once() -> None:
    assert PROJECT["project"]["version"] == bot.__version__
