"""How long, and why: what is read, what is part of the story, and what is asked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reading.durations import NEVER, Lifetime
from bot.domain.reading.reason_text import read_reason
from bot.domain.reading.reason_words import STORY_AFTER

TODAY = date(2026, 12, 1)
MONTH, FORTNIGHT, WEEK = Lifetime(days=30), Lifetime(days=14), Lifetime(days=7)
END = Lifetime(until=date(2027, 12, 31))


def until(year: int, month: int, day: int) -> Lifetime:
    return Lifetime(until=date(year, month, day))


READ = [
    # before the reason
    ("30d phishing", MONTH, "phishing"),
    ("for 30 days phishing", MONTH, "phishing"),
    ("for the next 2 weeks: phishing", FORTNIGHT, "phishing"),
    ("2 Wochen Phishing", FORTNIGHT, "Phishing"),
    ("30 Tage", MONTH, ""),
    ("7tage", WEEK, ""),
    ("für 7 Tage, Phishing", WEEK, "Phishing"),
    ("14 jours hameçonnage", FORTNIGHT, "hameçonnage"),
    ("30 días", MONTH, ""),
    ("two weeks phishing", FORTNIGHT, "phishing"),
    ("12/31/2027", END, ""),
    ("31.12.2027 phish", END, "phish"),
    ("31. 12. 2027 phish", END, "phish"),
    ("2027/12/31 phish", END, "phish"),
    ("2027-12-31T10:00:00Z phish", END, "phish"),
    ("2027-12-31 10:00 UTC phish", END, "phish"),
    ("2027-12-31T23:30:00-05:00 phish", until(2028, 1, 1), "phish"),
    ("31 Dec 2027 phish", END, "phish"),
    ("31-Dec-2027 phish", END, "phish"),
    ("31st of December 2027", END, ""),
    ("Dec 31, 2027 phish", END, "phish"),
    ("31. Dezember 2027 Phishing", END, "Phishing"),
    ("31 de diciembre de 2027", END, ""),
    ("31 décembre 2027", END, ""),
    ("until 2027-12-31 phish", END, "phish"),
    ("until: 31 Dec 2027", END, ""),
    ("till 12/31/2027", END, ""),
    ("bis 31.12.2027 Phishing", END, "Phishing"),
    ("bis zum 31.12.2027", END, ""),
    ("jusqu'au 31/12/2027", END, ""),
    ("hasta el 31/12/2027", END, ""),
    ("04/04/2027 phish", until(2027, 4, 4), "phish"),
    ("3 months phish", until(2027, 3, 1), "phish"),
    ("1 month", until(2027, 1, 1), ""),
    ("6mo", until(2027, 6, 1), ""),
    ("a year", until(2027, 12, 1), ""),
    ("1y phish", until(2027, 12, 1), "phish"),
    ("drei Monate", until(2027, 3, 1), ""),
    ("never Known spammer", NEVER, "Known spammer"),
    ("forever", NEVER, ""),
    ("permanent: known spammer", NEVER, "known spammer"),
    ("indefinitely", NEVER, ""),
    ("no expiry, known spammer", NEVER, "known spammer"),
    ("ohne Ablauf", NEVER, ""),
    ("dauerhaft", NEVER, ""),
    ("unbegrenzt, Phishing", NEVER, "Phishing"),
    ("pour toujours", NEVER, ""),
    ("thirty days", MONTH, ""),
    ("dreißig Tage Phishing", MONTH, "Phishing"),
    ("a fortnight, phishing", FORTNIGHT, "phishing"),
    ("half a year", until(2027, 6, 1), ""),
    ("1 an", until(2027, 12, 1), ""),
    ("14 j", FORTNIGHT, ""),
    ("P30D", MONTH, ""),
    ("P2W phish", FORTNIGHT, "phish"),
    ("PT48H", Lifetime(days=2), ""),
    ("+30d", MONTH, ""),
    ("ttl=7d", WEEK, ""),
    ("duration=30d phish", MONTH, "phish"),
    ("--for 30d phish", MONTH, "phish"),
    ("expires: 2027-12-31 phish", END, "phish"),
    ("30d 30d phish", MONTH, "phish"),
    ("30d, seen for 2 weeks", MONTH, "seen for 2 weeks"),
    ("un mois", until(2027, 1, 1), ""),
    ("un an", until(2027, 12, 1), ""),
    ("½ year", until(2027, 6, 1), ""),
    ("unlimited", NEVER, ""),
    ("illimité, hameçonnage", NEVER, "hameçonnage"),
    ("perm", NEVER, ""),
    ("sin límite", NEVER, ""),
    # what belongs to how long is no part of the reason
    ("30d. phish", MONTH, "phish"),
    ("(30d) phish", MONTH, "phish"),
    ("[30 days] phish", MONTH, "phish"),
    ("{30d}: phish", MONTH, "phish"),
    ("(until 2027-12-31) phish", END, "phish"),
    ("(never) phish", NEVER, "phish"),
    ("30d!", MONTH, ""),
    ("4 wks.", Lifetime(days=28), ""),
    ("30 days from now, phish", MONTH, "phish"),
    ("30 Tage ab heute", MONTH, ""),
    ("reason: phish duration: 30d", MONTH, "phish"),
    ("duration: 30d reason: phish", MONTH, "phish"),
    ("Grund=Phishing, Dauer: 30 Tage", MONTH, "Phishing"),
    ("exp: 2027-12-31 phish", END, "phish"),
    # behind it
    ("phishing campaign 30d", MONTH, "phishing campaign"),
    ("phishing campaign, 30 days.", MONTH, "phishing campaign"),
    ("phishing (30d)", MONTH, "phishing"),
    ("phishing for 2 weeks", FORTNIGHT, "phishing"),
    ("phish for 30 days please", MONTH, "phish"),
    ("phish, until 31 Dec 2027", END, "phish"),
    ("Phishing bis 31.12.2027", END, "Phishing"),
    ("phishing mails 2027-12-31", END, "phishing mails"),
    ("spam campaign, forever", NEVER, "spam campaign"),
    ("known spammer, no expiry", NEVER, "known spammer"),
    ("phish,30d", MONTH, "phish"),
    ("30d, trial abuse", MONTH, "trial abuse"),
    ("30 day phishing wave", MONTH, "phishing wave"),
    ("30d campaign", MONTH, "campaign"),
    ("for 30 days trial abuse", MONTH, "trial abuse"),
    ("phish;2027-12-31", END, "phish"),
    ("phish +30d", MONTH, "phish"),
    ("phish ttl=7d", WEEK, "phish"),
    ("phish --until 2027-12-31", END, "phish"),
    ("phish, thirty days", MONTH, "phish"),
    ("server down, 2 days", Lifetime(days=2), "server down"),
    # in the spellings of word processors and exports
    ("2027‑12‑31 phish", END, "phish"),
    ("until 2027–12–31", END, ""),
    ("31Dec2027 phish", END, "phish"),
    ("31/Dec/2027 phish", END, "phish"),
    ("31.Dezember 2027", END, ""),
    ("Dec 31, 2027: phish", END, "phish"),
    ("*30d* phish", MONTH, "phish"),
    ("*until 2027-12-31*", END, ""),
    ("for only 7 days: phish", WEEK, "phish"),
    ("only 7 days", WEEK, ""),
    ("just 1 day", Lifetime(days=1), ""),
    ("exactly 30 days", MONTH, ""),
    ("no end date, known spammer", NEVER, "known spammer"),
    ("no end date", NEVER, ""),
    ("should not expire", NEVER, ""),
    ("shouldn't expire", NEVER, ""),
    ("phish, must never expire", NEVER, "phish"),
    # what only says that there is an end is no reason
    ("valid until 2027-12-31", END, ""),
    ("gültig bis 31.12.2027", END, ""),
    ("exp 2027-12-31", END, ""),
    ("expiry date: 2027-12-31", END, ""),
    ("Ablauf: 31.12.2027", END, ""),
    ("Monday, 31 Dec 2027", END, ""),
    ("the 31st of December 2027", END, ""),
    ("ttl 30d", MONTH, ""),
    ("how long: 30d", MONTH, ""),
    ("next 30 days", MONTH, ""),
    ("the next 30 days", MONTH, ""),
    ("auf 30 Tage", MONTH, ""),
    ("30 Tage lang", MONTH, ""),
    ("30d?", MONTH, ""),
    ("→ 30d", MONTH, ""),
    ("30d please", MONTH, ""),
    ("please block for 30 days", MONTH, ""),
    ("permanent block", NEVER, ""),
    ("valid credentials stolen, until 2027-12-31", END, "valid credentials stolen"),
    ("please block phish 30d", MONTH, "please block phish"),
]


@pytest.mark.parametrize(("text", "lifetime", "reason"), READ)
def test_how_long_is_read(text: str, lifetime: Lifetime, reason: str) -> None:
    read = read_reason(text, today=TODAY)
    assert read.doubt is None
    assert (read.lifetime, read.reason) == (lifetime, reason)


STORIES = [
    "24/7",
    "24/7 spam",
    "ticket 30",
    "case 4711",
    "0day exploit",
    "30 mails",
    "90 phish links",
    "30% of them",
    "7-zip attachment",
    "419 scam",
    "2 factor phish",
    "MAY 2",
    "May 2 phishing wave",
    "may be spam",
    "INC0012345",
    "CVE-2027-12345 exploit",
    "version 1.2.3",
    "10.20.30 foo",
    "3 mails",
    "meeting 10:30",
    "2 days ago it started",
    "2 hours ago it came",
    "a week ago",
    "5 minutes after the first",
    "sent 5 min apart",
    "seen 2026-11-01 by the SOC",
    "seen on 01/02/2026",
    "phishing, 30.11.2026",
    "200 mails in the last 30 days",
    "seen twice a week",
    "spam every 2 weeks, since 2026-01-01",
    "older than 30 days",
    "blocked until we know more",
    "for spamming",
    "a day of spam",
    "they never stop",
    "ticket 20271231",
    "24h-service",
    "campaign of May 2026",
    "May 2026 campaign",
    "Guten Morgen",
    "a 4chan link",
    "windows-7x64 host",
    "day 1 of the wave",
    "a few days ago",
    "phish, seen in the last few weeks",
    "for 30 phishing mails",
    "2 years old",
    "spam 3 mails a day",
    "9/11 scam",
    "24/7",
    "mail about Q1 figures",
    "only 2 days old",
    "just 2 weeks after the first",
    "never-ending spam",
    "they should not be listed",
    "seen 15Jan2026",
    "ttl of the record is low",
    "over 30 days ago",
    "phish with 1/2 of a logo",
    "wave of May 2 mails",
]


@pytest.mark.parametrize("text", STORIES)
def test_a_story_is_no_end(text: str) -> None:
    read = read_reason(text, today=TODAY)
    assert (read.lifetime, read.doubt, read.reason) == (None, None, text)


ASKED = [
    # no date, or several
    ("03/04/2027 phish", "2027-03-04 or 2027-04-03", "phish"),
    ("03.04.2027", "2027-03-04 or 2027-04-03", ""),
    ("01/02/27", "2027-01-02 or 2027-02-01", ""),
    ("until 03/04/2027 phish", "2027-03-04 or 2027-04-03", "phish"),
    ("phish until 03/04/2027", "2027-03-04 or 2027-04-03", "phish"),
    ("30/30/2027 phish", "no date of the calendar", "phish"),
    ("2026-11-01 phish", "in the past", "phish"),
    ("until Friday", "names no date", ""),
    ("until Friday phishing wave", "names no date", "phishing wave"),
    ("until further notice", "names no date", ""),
    ("until we know more", "names no date", "until we know more"),
    ("until May 2", "names no date", ""),
    ("end of year", "names no date", ""),
    ("Ende des Jahres, Phishing", "names no date", "Phishing"),
    ("phishing until Friday", "names no date", "phishing until Friday"),
    ("phishing, end of month", "names no date", "phishing, end of month"),
    ("tomorrow", "names no date", "tomorrow"),
    ("phish tomorrow", "names no date", "phish tomorrow"),
    ("Friday", "names no date", "Friday"),
    ("May 2027", "looks like an end", "May 2027"),
    ("phish, 12/2027", "looks like an end", "phish, 12/2027"),
    ("20271231", "looks like an end", "20271231"),
    ("phish 31 12 2027", "looks like an end", "phish 31 12 2027"),
    ("--days 30", "looks like an end", "days 30"),
    ("phish days=30", "looks like an end", "phish days=30"),
    ("30d-phish", "looks like an end", "30d-phish"),
    ("phish/30d", "looks like an end", "phish/30d"),
    ("phish 2027-12-31/phish", "looks like an end", "phish 2027-12-31/phish"),
    ("see https://report.example/1,30d", "looks like an end", "see https://report.example/1,30d"),
    ("３０d phish", "looks like an end", "３０d phish"),
    ("-5d", "or as something else", "5d"),
    # several ends
    ("30d 7d", "several ends: 30d, 7d", "30d 7d"),
    ("30d phish 7d", "several ends: 30d, 7d", "30d phish 7d"),
    ("30d phish until 2027-12-31", "several ends: 30d, 2027-12-31", "30d phish until 2027-12-31"),
    ("30d phish until Friday", "several ends: 30d, until Friday", "30d phish until Friday"),
    ("90d/3m", "isn't one length of time", "90d/3m"),
    ("30d expires 2027-12-31", "several ends", "30d expires 2027-12-31"),
    ("never phish, 30d", "several ends: never, 30d", "never phish, 30d"),
    # no whole days
    ("1.5 months phish", "isn't a whole number", "phish"),
    ("36h", "Type 1d or 2d.", ""),
    ("5h", "Type 1d, or more.", ""),
    ("5 min", "minutes are too short", ""),
    ("30m phish", "minutes or months", "phish"),
    ("25h phish", "isn't a whole number of days", "phish"),
    ("0d phish", "no time at all", "phish"),
    ("30", "a number without a unit", "30"),
    # the entry's end, or part of the sentence
    ("phishing 30d wave", "‘30d’ stands in the reason", "phishing 30d wave"),
    ("wave of 2027-01-05 announced", "‘2027-01-05’ stands in the reason", "wave of 2027-01-05 announced"),
    ("vu le 13/12/2026", "stands in the reason", "vu le 13/12/2026"),
    ("server down 2 days", "stands in the reason", "server down 2 days"),
    ("ticket: 2026-12-29", "stands in the reason", "ticket: 2026-12-29"),
    ("ticket 2026/12/29", "stands in the reason", "ticket 2026/12/29"),
    ("CVE 2027-12-31", "stands in the reason", "CVE 2027-12-31"),
    ("phish a fortnight", "stands in the reason", "phish a fortnight"),
    ("no end in sight", "or as part of the reason", "no end in sight"),
    ("contract ends 2027-12-31", "stands in the reason", "contract ends 2027-12-31"),
    ("domain age 3 days", "stands in the reason", "domain age 3 days"),
    ("newly registered (3 days)", "stands in the reason", "newly registered (3 days)"),
    ("spamming us for 2 weeks", "stands in the reason", "spamming us for 2 weeks"),
    ("7 days of spam", "or as part of the reason", "7 days of spam"),
    *[
        (typed, "or as part of the reason", typed)
        for typed in (
            "1day exploit",
            "1 day exploit",
            "1d exploit",
            "30 day trial abuse",
            "2 day campaign",
            "7 day trial",
        )
    ],
    *[
        (typed, "can be a number of days", typed)
        for typed in ("90 phish", "30 phishing wave", "365 phish", "14 phish kit")
    ],
    ("never seen before", "or as part of the reason", "never seen before"),
    *[
        (typed, "or as part of the reason", typed)
        for typed in (
            "never opted in",
            "never delivered anything",
            "never a customer",
            "never legit",
            "never stops",
            "never ending spam",
            "nie bestellt",
            "nie wieder",
            "no limits casino",
            "no end user impact",
            "ohne Ende Spam",
        )
    ],
    ("2027-12-31..2028-01-31", "isn't one", "2027-12-31..2028-01-31"),
    ("2027-12-31 - 2028-01-31", "several ends", "2027-12-31 - 2028-01-31"),
    ("within 30 days", "stands in the reason", "within 30 days"),
    ("only 7 days phish", "stands in the reason", "only 7 days phish"),
    ("until end of March", "names no date", ""),
    ("_30d_ phish", "looks like an end", "_30d_ phish"),
    ("/30d", "looks like an end", "/30d"),
    ("until2027-12-31 phish", "looks like an end", "until2027-12-31 phish"),
    ("2027-12-31phish", "looks like an end", "2027-12-31phish"),
    ("30d.phish", "looks like an end", "30d.phish"),
    ("spamming forever", "or as part of the reason", "spamming forever"),
]


LOOSE = [
    # several lengths as one, and ranges of them
    *(
        "1d12h",
        "1w2d",
        "1d 12h",
        "1w 2d",
        "1 day 12 hours",
        "2 weeks and 3 days",
        "30-60d",
        "30–60 days",
        "30 to 60 days",
        "1 or 2 weeks",
    ),
    # neither more nor less is said
    *("at least 30d", "at most 30 days", "max 30d", "max. 30 Tage", "mind. 30 Tage", "min 30d", "höchstens 30 Tage"),
    *(
        "au moins 30 jours",
        "al menos 30 días",
        "almeno 30 giorni",
        "about 30 days",
        "ca. 30 Tage",
        "no more than 7 days",
    ),
    *("~30d", "<30d", "≥30d", ">= 30d", "30d+", "30+ days", "30 days max", "30 Tage maximal", "a couple of weeks"),
    *("a few days", "several weeks", "ein paar Tage", "quelques jours", "for now", "for a while"),
    # other days than a calendar's, parts and other units
    *("30 working days", "30 business days", "30 Werktage", "10 Arbeitstage", "30 jours ouvrés", "5 días hábiles"),
    *("1½ months", "1/2 year", "anderthalb Jahre", "1 quarter", "2 quarters", "ein Quartal", "un trimestre"),
    *("30-day block", "90-day", "30-days", "two-week block", "30-Tage-Sperre", "30 Tage-Sperre", "14-tägige Sperre"),
    *("30T", "30 T.", "30 Tg.", "2 Wo.", "3 Mon", "for 30", "für 30"),
    # weeks, quarters, days without a year, months without a day
    *(
        "H1 2027",
        "w/o expiry",
        "KW 1",
        "KW 1 2027",
        "CW01",
        "week 1",
        "2027-W01",
        "2027W01",
        "Q1 2027",
        "Q1/27",
        "Q1",
        "1. Quartal 2027",
    ),
    *("31/12", "12/31", "Dec 31", "31 Dec", "31. Dezember", "31 décembre", "2027/12", "2027-12", "2027"),
    *("by Friday", "end of December", "Ende März", "year end", "fin de año", "la semaine prochaine", "próxima semana"),
    *("temporarily", "temp", "vorübergehend", "this week", "always", "∞"),
    # without a unit, or with more than one count
    *("ttl=86400", "TTL: 2592000", "duration 30", "Dauer: 30"),
    *("a week or two", "a month or so", "couple of days", "one and a half months"),
    *("another 30 days", "for another 30 days", "30 more days", "30 additional days", "weitere 30 Tage"),
    *("30 dyas", "30daye"),
]


@pytest.mark.parametrize("typed", LOOSE)
def test_what_says_how_long_without_a_day_is_asked(typed: str) -> None:
    for text in (typed, f"{typed}, phishing", f"phishing, {typed}", f"phishing ({typed})"):
        read = read_reason(text, today=TODAY)
        is_alone = typed in {"temporarily", "temp", "vorübergehend", "this week", "always", "∞", "2027"}
        assert (read.doubt is not None) or (is_alone and text != typed), text
        assert read.lifetime is None
        assert read.reason in text


@pytest.mark.parametrize("typed", ["1d12h", "30-60d", "at least 30d", "30 working days", "Q1 2027", "KW 1", "un mois"])
def test_it_is_asked_as_well_at_the_end_of_a_sentence(typed: str) -> None:
    assert read_reason(f"phishing {typed}", today=TODAY).doubt is not None


@pytest.mark.parametrize("text", ["unlimited redirects", "infinite loop of mails", "illimité et gratuit"])
def test_what_has_no_end_in_front_of_other_words_may_be_what_they_are_like(text: str) -> None:
    doubt = read_reason(text, today=TODAY).doubt
    assert doubt is not None
    assert "part of the reason" in str(doubt)


@pytest.mark.parametrize(("text", "why", "reason"), ASKED)
def test_what_can_be_meant_in_two_ways_or_none_is_asked(text: str, why: str, reason: str) -> None:
    read = read_reason(text, today=TODAY)
    assert read.doubt is not None
    assert why in str(read.doubt)
    assert read.doubt.remedy
    assert (read.lifetime, read.reason) == (None, reason)


def test_a_date_of_today_is_told_of_and_never_meant_as_an_end_behind_a_reason() -> None:
    assert read_reason(f"phishing {TODAY}", today=TODAY).lifetime is None
    assert read_reason(f"phishing {TODAY + timedelta(days=1)}", today=TODAY).lifetime is not None


WORDS = st.sampled_from(
    [
        *["phishing", "30d", "for", "until", "2", "weeks", "Friday", "31.12.2027", "03/04/2027", "Dec", "31,", "2027"],
        *[
            "never",
            "a",
            "year",
            "ago",
            "last",
            "of",
            "-",
            ",",
            "in",
            "end of year",
            "please",
            "24/7",
            "until 2027-12-31",
        ],
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=10).map(" ".join)))
def test_whatever_is_written_it_is_read_or_asked(text: str) -> None:
    read = read_reason(text, today=TODAY)
    assert read.doubt is None or read.lifetime is None
    assert read.reason == " ".join(read.reason.split())
    if read.lifetime is None and read.doubt is None:
        # `30d ago` and `the last 30d` tell of what was.
        words = read.reason.lower().split()
        assert "30d" not in words or not {"last", *STORY_AFTER}.isdisjoint(words)


@given(st.lists(st.sampled_from(["phishing", "wave", "of", "mails", "seen", "by", "us"]), min_size=1, max_size=6))
def test_an_end_before_or_behind_any_words_is_the_same(words: list[str]) -> None:
    reason = " ".join(words)
    before = read_reason(f"30d: {reason}", today=TODAY)
    assert before.lifetime == MONTH or before.doubt is not None
    behind = read_reason(f"{reason}, until 2027-12-31", today=TODAY)
    assert (behind.lifetime, behind.reason) == (END, reason)


@pytest.mark.parametrize("text", ["30d: {words}", "{words}, for 30 days"])
def test_of_a_reason_longer_than_any_that_is_taken_both_ends_are_looked_at(text: str) -> None:
    words = "spam " * 450
    read = read_reason(text.format(words=words.strip()), today=TODAY)
    assert (read.lifetime, read.reason) == (MONTH, words.strip())
