"""What the demo's page offers to try and what the README says of it are one list."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TRIAL = re.compile(r'^  \{ id: "[a-z]+",(?: text: "(?P<text>[^"]+)",)? title: "(?P<title>[^"]+)"', re.MULTILINE)
STEP = re.compile(r"^\d+\. \*\*(?P<title>.+?)\.\*\*(?P<said>.+(?:\n   .+)*)", re.MULTILINE)


def test_the_readme_has_the_steps_of_the_page_in_their_order() -> None:
    page = (ROOT / "bot" / "playground" / "page" / "intro.js").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    trials = list(TRIAL.finditer(page))
    assert len(trials) == page.count("\n  { id: ")
    steps = list(STEP.finditer(readme.partition("## Try it")[2].partition("\n## ")[0]))
    assert [step["title"] for step in steps] == [trial["title"] for trial in trials]
    for step, trial in zip(steps, trials, strict=True):
        assert not trial["text"] or f"`{trial['text']}`" in " ".join(step["said"].split()), trial["title"]
