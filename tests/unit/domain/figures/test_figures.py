"""Mail figures: which source sees what, what several come to, and that what is logged is what was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.auditing.events import plain
from bot.domain.figures.as_json import found_in, found_out, proposal_in, proposal_out
from bot.domain.figures.figures import FiguresOf, Found, MailFigures, MailSource, Unseen
from bot.domain.figures.sources import asked_of
from bot.domain.figures.together import ProposalFigures
from bot.domain.indicators.indicator import Indicator, Kind

BOTH = (MailSource.HUNTING, MailSource.TRACE)
_COUNTS = st.integers(min_value=0, max_value=10**12)
FIGURES = st.builds(
    MailFigures,
    source=st.sampled_from(MailSource),
    messages=_COUNTS,
    people=_COUNTS,
    delivered=_COUNTS,
    junk=_COUNTS,
    quarantined=_COUNTS,
    stopped=_COUNTS,
    written_to=st.none() | _COUNTS,
    failed_dmarc=st.none() | _COUNTS,
    is_whole=st.booleans(),
    subjects=st.lists(st.text(), max_size=3).map(tuple),
)


def mail(messages: int = 0, **more: object) -> MailFigures:
    counts = {"people": messages, "delivered": messages, "junk": 0, "quarantined": 0, "stopped": 0}
    return MailFigures(**{"source": MailSource.TRACE, "messages": messages, **counts, **more})  # type: ignore[arg-type]


def of(value: str, found: Found, kind: Kind = Kind.DOMAIN) -> FiguresOf:
    return FiguresOf(indicator=Indicator(kind=kind, value=value), found=found)


@pytest.mark.parametrize(
    ("kind", "value", "sources", "asked"),
    [
        (Kind.ADDRESS, "a@evil.example", {MailSource.TRACE}, (MailSource.TRACE,)),
        (Kind.ADDRESS, "a@evil.example", {MailSource.TRACE, MailSource.HUNTING}, BOTH),
        (Kind.DOMAIN, "evil.example", {MailSource.TRACE}, (MailSource.TRACE,)),
        (Kind.DOMAIN, "*.evil.example", {MailSource.TRACE}, Unseen.WILDCARDS),
        (Kind.DOMAIN, "*.evil.example", {MailSource.TRACE, MailSource.HUNTING}, (MailSource.HUNTING,)),
        (Kind.IPV4, "203.0.113.7", {MailSource.TRACE}, (MailSource.TRACE,)),
        (Kind.IPV6, "2001:db8::1", {MailSource.TRACE}, (MailSource.TRACE,)),
        (Kind.IPV4_NETWORK, "203.0.113.0/24", {MailSource.TRACE}, Unseen.RANGES),
        (Kind.IPV4_RANGE, "203.0.113.1-203.0.113.9", {MailSource.TRACE}, Unseen.RANGES),
        (Kind.IPV6_NETWORK, "2001:db8::/64", {MailSource.HUNTING}, (MailSource.HUNTING,)),
        (Kind.URL, "evil.example/a", {MailSource.TRACE}, Unseen.URLS),
        (Kind.URL, "evil.example/a", {MailSource.HUNTING}, (MailSource.HUNTING,)),
        (Kind.FILE, "0" * 64, {MailSource.TRACE}, Unseen.FILES),
        (Kind.FILE, "0" * 64, {MailSource.HUNTING, MailSource.TRACE}, (MailSource.HUNTING,)),
        (Kind.SPOOF_PAIR, "evil.example, 203.0.113.0/24", {MailSource.HUNTING, MailSource.TRACE}, Unseen.SPOOFING),
        (Kind.FILTER_POLICY, "Default", {MailSource.HUNTING, MailSource.TRACE}, Unseen.NO_MAIL),
    ],
)
def test_each_source_is_asked_for_what_it_sees(
    kind: Kind, value: str, sources: set[MailSource], asked: tuple[MailSource, ...] | Unseen
) -> None:
    assert asked_of(Indicator(kind=kind, value=value), sources) == asked


def test_several_come_to_their_sum_and_their_largest() -> None:
    figures = ProposalFigures(
        of_each=(
            of("a.example", mail(3, written_to=1)),
            of("b.example", mail(40, is_whole=False)),
            of("c.example", Unseen.DOMAINS),
        ),
        total=3,
    )
    assert figures.messages == 43
    assert figures.written_to == 1
    assert not figures.is_whole
    assert figures.unseen == (Unseen.DOMAINS,)
    assert figures.largest is not None
    assert figures.largest[0].value == "b.example"


def test_of_no_mail_nothing_is_the_largest() -> None:
    assert ProposalFigures(of_each=(of("a.example", mail()),), total=1).largest is None


@given(FIGURES | st.sampled_from(Unseen))
def test_what_is_kept_of_an_indicator_is_read_back(found: Found) -> None:
    assert found_in(found_out(found, subjects=True)) == found


@given(FIGURES, st.sampled_from(Kind), st.text(max_size=20), st.integers(min_value=1, max_value=99), st.booleans())
def test_the_log_has_the_figures_as_they_are_shown_and_no_subject(
    found: MailFigures, kind: Kind, value: str, total: int, lets_skip: bool
) -> None:
    figures = ProposalFigures(of_each=(of(value, found, kind),), total=total, lets_skip=lets_skip)
    logged = proposal_out(figures)
    assert "subjects" not in str(logged.keys())
    assert "subjects" not in logged["figures"][0]  # type: ignore[index]
    plain(logged)  # nothing that the log can't hold
    read = proposal_in(logged)
    assert read is not None
    assert found_out(read.of_each[0].found) == found_out(found)
    assert (read.total, read.lets_skip) == (total, lets_skip)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"figures": "x", "indicators": 1},
        {"figures": [{"kind": "domain", "value": "a.example"}], "indicators": 1},
        {"figures": [{"kind": "new", "value": "a.example", "unseen": "urls"}], "indicators": 1},
        {"figures": [{"kind": "domain", "value": "a.example", "unseen": "new"}], "indicators": 1},
        {"figures": ["x"], "indicators": 1},
    ],
)
def test_what_another_version_wrote_and_this_one_does_not_understand_is_not_shown(payload: dict[str, object]) -> None:
    figures = proposal_in(payload)
    assert figures is None
