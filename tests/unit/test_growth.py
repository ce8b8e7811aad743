"""What the documents say of how cost grows is the run that is kept beside them: its table and its picture."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from tests.bench.growth import DRAWN, KEPT, PAGE, with_table
from tests.bench.growth_measured import Growth, Point, Run, read_run, time_in_words
from tests.bench.growth_plot import drawn

REMEDY = "Run `make bench BENCH=growth ARGS=--drawn`."


def test_the_table_of_the_page_is_that_of_the_run() -> None:
    page = PAGE.read_text()
    assert with_table(page, read_run(KEPT)) == page, REMEDY


def test_the_picture_is_drawn_from_the_run() -> None:
    assert drawn(read_run(KEPT)) == DRAWN.read_text(), REMEDY


def test_the_picture_has_a_plot_for_each_row_and_nothing_from_elsewhere() -> None:
    picture = DRAWN.read_text()
    names = {text.text for text in ET.fromstring(picture).iter() if text.get("class") == "name"}  # noqa: S314 - our own
    assert names == {row.what for row in read_run(KEPT).rows}
    assert "prefers-color-scheme: dark" in picture
    for foreign in ("<script", "href", "url(", "@import"):
        assert foreign not in picture


def test_a_run_that_is_kept_is_read_as_it_was() -> None:
    points = tuple(Point(size=10**power, ours=0.01 * 10**power, limit=0.001) for power in range(3))
    run = Run(rows=(Growth(what="a", over="entries", limit="b", points=points),), load=(1.0, 2.5), processors=2)
    assert json.loads(run.as_json())["rows"][0]["points"][1] == {"size": 10, "ours": 0.1, "limit": 0.001, "ratio": 0.01}
    assert run.rows[0].steepness == pytest.approx(1.0)
    assert json.loads(run.as_json())["rows"][0]["steepness"] == 1.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(37.4, "37.4 s"), (1.0, "1 s"), (0.0123, "12.3 ms"), (2e-6, "2 µs"), (9e-8, "90 ns"), (617e-3, "617 ms")],
)
def test_times_are_told_in_the_unit_that_fits(seconds: float, words: str) -> None:
    assert time_in_words(seconds) == words
