"""Reading one line: the indicators at its beginning, and what stands behind them. The same grammar for every place.

Indicators come first, separated by spaces, commas, semicolons, bars or tabs, or by `and`. What follows is the rest: the
reason of a command, the remark of a line in a list. A line that begins with the word `spoof` is one spoof pair;
`evil.example and subdomains` is two indicators. A line that is a comment (`# …`, `; …`, `// …`) says nothing.
"""

from __future__ import annotations

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.ip_span import read_span
from bot.domain.indicators.short_forms import is_short_form
from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.traits import list_for
from bot.domain.reading.line_reader import read_with
from bot.domain.reading.line_reading import WORDS_REMEDY, LineReading, Readings
from bot.domain.reading.listed import Listed, of_list, read_listed
from bot.errors import InvalidIndicator


def read_line(
    line: str, *, accepted_domains: frozenset[str] = frozenset(), listed: Listed | None = None
) -> LineReading:
    """Read one line of a form or a file. Never raises, whatever the line.

    `listed` has the entries that exist, for a line that is about such: see `read_listed`.
    """
    return read_with(Readings(accepted_domains, listed), line)


def read_only(text: str, *, accepted_domains: frozenset[str] = frozenset(), listed: Listed | None = None) -> Indicator:
    """The one indicator that a text names, where it has to be just one. Raises InvalidIndicator.

    `listed` is as in `read_line`.
    """
    if listed is not None and listed.find(text):
        return read_listed(text, listed, accepted_domains=accepted_domains)
    found = read_line(text, accepted_domains=accepted_domains, listed=listed)
    if found.problems:
        raise InvalidIndicator(found.problems[0].what, found.problems[0].remedy)
    if found.rest or len(found.indicators) > 1:
        raise InvalidIndicator(f"{quoted(text)} is more than one indicator.", "Name one at a time.")
    if not found.indicators:
        raise InvalidIndicator(f"{quoted(text)} names nothing.", WORDS_REMEDY)
    return found.indicators[0]


def read_as_logged(text: str, *, listed: Listed | None = None) -> Indicator:
    """`read_only`, and a spoof pair also as the log and the lists write it, without the word in front.

    For what is only looked up: two domains can't be looked up at once. Raises InvalidIndicator.
    """
    try:
        return read_only(text, listed=listed)
    except InvalidIndicator as error:
        try:
            return read_listed(text, listed, kind=Kind.SPOOF_PAIR)
        except InvalidIndicator:
            raise error from None


def line_of(indicator: Indicator) -> str:
    """The line that reads as this indicator, of this kind: for what has to be read again."""
    value = indicator.value
    if indicator.kind is Kind.SPOOF_PAIR:
        return f"spoof {value}"
    host, slash, path = value.partition("/")
    # Without a scheme, a host alone is a sender, and an IP address with a number behind it may be a network.
    needs_scheme = not slash or is_short_form(value) or (path[:1].isdigit() and read_span(host.strip("[]")) is not None)
    if indicator.kind is Kind.URL and needs_scheme and not value.startswith("~"):
        value = f"https://{value}"
    line = f'"{value}"' if any(mark in value for mark in ",;|' ") else value
    try:
        is_of_another_list = list_for(read_only(line).kind) is not list_for(indicator.kind)
    except InvalidIndicator:
        is_of_another_list = False  # no rule reads it: it is found among the entries
    return of_list(list_for(indicator.kind), value) if is_of_another_list else line
