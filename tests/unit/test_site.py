"""The documentation as a site: built strictly, a front page for each reader, and nothing that comes from elsewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READERS = ("requesting", "approving", "auditing", "running")
#: What a browser would fetch by itself: links that somebody has to click are none of it.
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//[^>]*>"""
    r"""|<link\b(?![^>]*rel=["']?(?:canonical|next|prev))[^>]*\bhref=["']?(?:https?:)?//[^>]*>"""
    r"""|url\(["']?(?:https?:)?//[^)]*\)|@import[^;]*//[^;]*"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it: any link that leads nowhere, and any page without a place, fails here."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_each_reader_has_a_front_page_that_the_first_page_names(site: Path) -> None:
    first = (site / "index.html").read_text(encoding="utf-8")
    for reader in READERS:
        assert f'href="{reader}.html"' in first
        assert (site / f"{reader}.html").is_file()


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    read = [path for path in site.rglob("*") if path.suffix in {".html", ".css"}]
    assert read
    for path in read:
        assert FETCHED.findall(path.read_text(encoding="utf-8")) == [], path.name


def test_the_search_knows_every_page(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = {entry["location"].partition("#")[0] for entry in index["docs"]}
    assert {f"{page.stem}.html" for page in (ROOT / "docs").glob("*.md")} <= found


def test_a_file_of_the_root_is_where_pages_link_to_it(site: Path) -> None:
    page = (site / "setup-slack.html").read_text(encoding="utf-8")
    assert 'href="project/app.yaml"' in page
    assert (site / "project" / "app.yaml").read_bytes() == (ROOT / "app.yaml").read_bytes()
    assert not list(site.rglob("*.py"))


def test_a_list_within_a_list_stays_one(site: Path) -> None:
    page = (site / "setup-slack.html").read_text(encoding="utf-8")
    assert re.search(
        r"</p>\s*<ul>\s*<li>\s*<code>channels:history</code>|<ul>\s*<li><code>channels:history</code>", page
    )
