"""Dates of a column: read where nobody can doubt them, told by the whole column where one alone could be two."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reading.tables.end_dates import begins_later, has_ended, read_dates

D = date(2030, 12, 31)

ONE = [
    "2030-12-31",
    "2030/12/31",
    "2030-12-31T10:00:00Z",
    "2030-12-31T10:00:00.0000000Z",
    "2030-12-31 10:00:00",
    "2030-12-31 10:00 UTC",
    "2030-12-31T23:30:00-00:00",
    "2031-01-01T01:00:00+02:00",
    "12/31/2030",
    "31.12.2030",
    "31/12/2030",
    "31-12-2030 08:00",
    "12/31/2030 11:59:59 PM",
    "31 Dec 2030",
    "31. Dezember 2030",
    "31 décembre 2030",
    "Dec 31, 2030",
    "Dec 31, 2030 9:12 AM",
    "Tue, 31 Dec 2030 10:00:00 GMT",
    "/Date(1924905600000)/",
    # how spreadsheets count days, and programs seconds and milliseconds
    *("47848", "47848.5", "1924945200", "1924945200000", "1924945200.25"),
]


@pytest.mark.parametrize("text", ONE)
def test_a_date_that_can_be_only_one(text: str) -> None:
    found = read_dates([text])
    assert found is not None
    assert found.dates == (D,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "never",
        "3/4/2030",
        "03.04.2030",
        "2030-13-01",
        "31.02.2030",
        "soon",
        "01/02/27",
        "99/99/2030",
        "30",
        "2030",
        "12345",
        "99999999999",
    ],
)
def test_what_is_no_date_for_sure(text: str) -> None:
    assert read_dates([text]) is None


def test_one_cell_tells_the_order_of_all() -> None:
    found = read_dates(["3/4/2030", "12/31/2030", "never", ""])
    assert found is not None
    assert found.dates == (date(2030, 3, 4), D, None, None)
    assert found.unread == frozenset()
    found = read_dates(["3.4.2030", "31.12.2030", "soon"])
    assert found is not None
    assert found.dates == (date(2030, 4, 3), D, None)
    assert found.unread == {2}


def test_where_the_cells_contradict_each_other_none_counts() -> None:
    assert read_dates(["31/12/2030", "12/31/2030", "3/4/2030", "4/3/2030"]) is None


def test_what_is_separated_otherwise_tells_nothing() -> None:
    found = read_dates(["03/04/2030", "31.12.2030", "30.12.2030", "3.4.2030"])
    assert found is not None
    assert found.dates == (None, D, date(2030, 12, 30), date(2030, 4, 3))
    assert found.unread == {0}


TODAY = date(2030, 3, 2)


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        *[(text, True) for text in ("01/02/2020", "2030-03-01", "1.2.2020 10:00", "yesterday", "Expired", "02/03/29")],
        # one of its two days is still to come
        *[(text, False) for text in ("01/05/2030", "02.03.2030", "2030-03-02", "never", "", "soon", "x" * 50)],
    ],
)
def test_an_end_has_passed_whichever_way_it_is_read(text: str, ended: bool) -> None:
    assert has_ended(text, TODAY) is ended


def test_the_same_day_and_month_can_be_read_either_way() -> None:
    found = read_dates(["4/4/2030"])
    assert found is not None
    assert found.dates == (date(2030, 4, 4),)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        *[
            (text, date(2030, 4, 1))
            for text in ("30d", "30 days", "30 Tage", "30 jours", "30 giorni", "bis 2030-04-01")
        ],
        ("2 Wochen", date(2030, 3, 16)),
        ("3 months", date(2030, 6, 2)),
        *[(text, None) for text in ("30", "86400", "never", "", "soon", "0")],
    ],
)
def test_a_length_begins_today(text: str, end: date | None) -> None:
    found = read_dates([text], today=TODAY)
    assert (found.dates[0] if found else None) == end


def test_numbers_are_days_where_the_name_says_so() -> None:
    found = read_dates(["30", "7", "0", "never", "x", "1"], today=TODAY, in_days=True)
    assert found is not None
    assert found.dates == (date(2030, 4, 1), date(2030, 3, 9), None, None, None, date(2030, 3, 3))
    assert found.unread == {2, 4}


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("2030-03-03", True),
        ("01/02/2031", True),
        ("2030-03-02", False),
        ("01/05/2030", False),
        ("", False),
        ("soon", False),
    ],
)
def test_what_begins_later(text: str, later: bool) -> None:
    assert begins_later(text, TODAY) is later


@given(st.lists(st.text(max_size=45) | st.from_regex(r"\A[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}\Z"), max_size=5))
def test_nothing_is_raised(cells: list[str]) -> None:
    found = read_dates(cells)
    assert found is None or len(found.dates) == len(cells)
