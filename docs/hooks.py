"""What the site needs beside the files in docs/: those of the repository's root that the pages link to.

MkDocs calls these functions when `make docs` builds the site (mkdocs.yml names this file). The pages are written for
whoever reads them in the repository, so their links lead to the files there; here they are turned to where the site has
those files: below `project/`.
"""

# ruff: noqa: INP001 — MkDocs loads it by its path, no package
from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
#: Where the site has the files of the repository's root.
BELOW = "project"
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
#: Other files there, by the name that they have on the site.
OTHERS = {"app.yaml": "app.yaml", "LICENSE": "LICENSE", "icon.svg": "bot/playground/page/icon.svg"}

FENCE = re.compile(r"^( *```.*?^ *```)$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(\]\(|\bsrc=\")([^)\s\"#:]+)(?=[)\"#])")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files of the repository's root that pages link to."""
    for name in PAGES:
        files.append(File.generated(config, f"{BELOW}/{name}", content=(ROOT / name).read_text(encoding="utf-8")))
    for name, path in OTHERS.items():
        files.append(File.generated(config, f"{BELOW}/{name}", abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """A page's text with its links turned, and its lists indented as this renderer wants them."""
    del config, files
    is_ours = page.file.src_uri.startswith(f"{BELOW}/")

    def turned(link: re.Match[str]) -> str:
        return link[1] + (from_root(link[2]) if is_ours else from_docs(link[2]))

    parts = FENCE.split(markdown)
    # Every other part is code, and stays as it is.
    parts[::2] = [LINK.sub(turned, re.sub(r"^   (?=\S)", "    ", text, flags=re.MULTILINE)) for text in parts[::2]]
    return "".join(parts)


def from_root(target: str) -> str:
    """Where a page of the root finds what it links to."""
    inside = target.removeprefix("docs/")
    return f"../{inside}" if inside != target else target


def from_docs(target: str) -> str:
    """Where a page in docs/ finds what it links to."""
    outside = target.removeprefix("../")
    return f"{BELOW}/{outside}" if outside != target else target
