"""`portcullis check`: is it allowed? Asked of the tenant, of its last snapshot, or of lists that somebody exported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.text import Text

from bot.cli.address_owner import owners_of
from bot.cli.check_json import as_object
from bot.cli.failures import told
from bot.cli.json_files import read_json
from bot.cli.sentences import in_words, moment, printable
from bot.cli.terminal import console_for, say, say_on_stderr, show_rows
from bot.clock import utc_now
from bot.domain.figures.as_json import found_out
from bot.domain.figures.figures import DAYS, FiguresOf
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.coverage import related_lists
from bot.domain.lists.traits import ListName, list_for, title
from bot.domain.overrides.sentences import sentence_of
from bot.domain.reading.lines import read_only
from bot.domain.reading.listed import Listed
from bot.domain.telling.figures_facts import in_full
from bot.domain.telling.verdict_facts import NO_END, EntryFacts, OnRecord, overridden, verdict_facts
from bot.domain.verdict.judgement import Judgement, Match
from bot.domain.verdict.verdict import Verdict, judge, spellings
from bot.errors import InvalidIndicator, InvalidInput, SettingsError, StoreError
from bot.tenant.exchange.lists_file import as_of_file, read_lists_file

if TYPE_CHECKING:
    from bot.cli.mailbox import InMailbox

_WITHOUT_TENANT = "Without the tenant's settings, --snapshot asks a database of Portcullis, and --lists a file."
_UNDATED = 'The file doesn\'t say when the lists were read ("as_of"): how old this is, is not known.'

_HEADINGS = ("Value", "", "List", "Effect", "Ends", "Notes", "Asked by")

_COLOURS = {
    Judgement.ALLOWED: "yellow",
    Judgement.BLOCKED: "red",
    Judgement.NOT_LISTED: "green",
    Judgement.UNKNOWN: "magenta",
}


def check(
    *,
    indicator: str,
    lists: str,
    snapshot: bool,
    figures: bool,
    mailbox: str,
    database: str,
    tenant: str,
    as_json: bool,
) -> None:
    """Do what `portcullis check` is asked for."""
    with told(as_json=as_json):
        now = utc_now()
        if lists and snapshot:
            raise InvalidInput("--lists and --snapshot can't both be judged.", "Take one of them.")
        if lists and mailbox:
            raise InvalidInput("A file of lists has no mailboxes.", "Leave --lists or --mailbox out.")
        is_dated = True
        if lists:
            data = read_json(lists)
            as_of = as_of_file(data)
            is_dated = as_of is not None
            found = read_lists_file(data, as_of=as_of or now)
            verdict = judge(read_only(indicator, listed=Listed(found.entries)), found, now=now)
            on_record = None
        else:
            verdict, on_record = _of_tenant(indicator, now=now, snapshot=snapshot, database=database, tenant=tenant)
        counted = _counted(verdict.indicator) if figures else None
        looked = _looked_up(mailbox, verdict, database=database, tenant=tenant) if mailbox else None
    if as_json:
        shown = as_object(verdict, on_record, is_dated=is_dated)
        shown |= {"figures": found_out(counted.found)} if counted is not None else {}
        shown |= {"mailbox": looked.as_object} if looked is not None else {}
        print(json.dumps(shown, indent=2))
    else:
        _show(verdict, on_record, is_dated=is_dated)
        if counted is not None:
            print(f"Mail of the last {DAYS} days: {in_words(in_full(counted))}")
        if looked is not None:
            looked.show(console_for())
    if looked is not None and looked.why_not:
        raise typer.Exit(1)


def _looked_up(mailbox: str, verdict: Verdict, *, database: str, tenant: str) -> InMailbox:
    """How the sender stands in a mailbox. Raises PortcullisError."""
    from bot.cli.mailbox import look_into  # noqa: PLC0415 - as below
    from bot.cli.recorded import Recorded  # noqa: PLC0415

    return look_into(mailbox, verdict, recorded=Recorded(database=database, tenant=tenant))


def _counted(indicator: Indicator) -> FiguresOf:
    """The mail figures of an indicator, asked for now. Raises SettingsError and TenantError."""
    from bot.cli.live import count_mail  # noqa: PLC0415 - as below

    return FiguresOf(indicator=indicator, found=count_mail(indicator))


def _of_tenant(
    text: str, *, now: datetime, snapshot: bool, database: str, tenant: str
) -> tuple[Verdict, OnRecord | None]:
    """The verdict, and what is on record beside it; None where the records can't be read."""
    # Imported here, so that judging an exported file needs neither settings nor what reads the tenant.
    from bot.cli.live import read_live_lists  # noqa: PLC0415
    from bot.cli.recorded import Recorded  # noqa: PLC0415

    recorded = Recorded(database=database, tenant=tenant)
    names = _concerned(text)
    try:
        found = recorded.snapshot(names) if snapshot else read_live_lists(names)
    except SettingsError as error:
        read_only(text)  # Only the lists could tell what else it might name: without them, it is a slip of the pen.
        raise error if snapshot else SettingsError((*error.problems, _WITHOUT_TENANT)) from error
    indicator = read_only(text, listed=Listed(found.entries))
    verdict = judge(indicator, found, now=now)
    on_record: OnRecord | None = None
    try:
        verdict = judge(indicator, found, now=now, known=recorded.known(spellings(indicator, found)))
        on_record = recorded.beside(verdict)
    except (StoreError, SettingsError, InvalidInput) as error:
        # The verdict stands without it. Whoever named a database wants to know why it was of no use.
        if database:
            say_on_stderr(f"Who asked for an entry is not known: {error}")
    owners = owners_of(indicator.value)
    if owners:
        on_record = replace(on_record or OnRecord(), owners=owners)
    looked = {"indicator": indicator.value, "verdict": verdict.judgement.value, "snapshot": snapshot}
    with suppress(SettingsError):  # it is said above, where somebody named a database
        recorded.note("check", looked)
    return verdict, on_record


def _concerned(text: str) -> frozenset[ListName]:
    """The lists that matter for what a text names: all of them where no rule can read it."""
    try:
        kind = read_only(text).kind
    except InvalidIndicator:
        return frozenset(ListName)
    return related_lists(kind) | {list_for(kind)}


def _show(verdict: Verdict, on_record: OnRecord | None, *, is_dated: bool) -> None:
    console = console_for()
    facts = verdict_facts(verdict, on_record)
    word = verdict.judgement.value.replace("_", " ") + in_words(overridden(verdict))
    said = Text.assemble((word, f"bold {_COLOURS[verdict.judgement]}"), f"  {printable(verdict.indicator.value)}")
    say(console, said, hang=2)
    if facts.decider is not None:
        whose = _whose(facts.decider, is_recorded=on_record is not None)
        if whose:
            say(console, " · ".join(whose))
    say(console, printable(verdict.because))
    if facts.whose:
        say(console, printable(facts.whose))
    for sentence in (*map(sentence_of, verdict.elsewhere.concerns), *facts.last_word):
        say(console, printable(sentence), before="- ")
    for pending in facts.pending:
        say(console, in_words(pending))
    if verdict.matches:
        _show_entries(console, verdict, facts.entries)
    as_of = f"As of {verdict.as_of:%Y-%m-%d %H:%M:%S} UTC" if is_dated else _UNDATED
    say(console, Text(as_of, style="dim"))
    beside = _of_related_lists(verdict)
    for heading, sentences in (
        ("Could not be read", [said for said in facts.unseen if said not in beside]),
        ("Could not be read either, but can't change the verdict", [said for said in facts.unseen if said in beside]),
        ("What this does not mean", facts.limits),
    ):
        if sentences:
            console.print()
            say(console, Text(heading, style="bold"))
            for sentence in sentences:
                say(console, printable(sentence), before="- ")


def _of_related_lists(verdict: Verdict) -> frozenset[str]:
    """What is said of lists that could not be read and whose entries are only named beside a verdict."""
    own = f"{title(list_for(verdict.indicator.kind))}: "
    return frozenset(said for said in verdict.unseen if not said.startswith(own))


def _whose(entry: EntryFacts, *, is_recorded: bool) -> list[str]:
    """Until when the entry stands, and who asked for it and approved it.

    Without the records there is nothing to say of who, nor of an end that the tenant doesn't keep.
    """
    until = in_words(entry.until)
    if is_recorded:
        return [until[:1].upper() + until[1:], _asked_by(entry)]
    return [until[:1].upper() + until[1:]] if entry.until != NO_END else []


def _asked_by(entry: EntryFacts) -> str:
    asked = in_words(entry.asked_by)
    return f"{asked} · #{entry.number}" if entry.number is not None else asked


def _show_entries(console: Console, verdict: Verdict, entries: Sequence[EntryFacts]) -> None:
    """The entries, in the columns that have something in them."""
    rows = [_cells(match, facts) for match, facts in zip(verdict.matches, entries, strict=True)]
    columns = [place for place in range(len(_HEADINGS)) if any(row[place] for row in rows)]
    show_rows(
        console,
        [_HEADINGS[place] for place in columns],
        [[printable(row[place]) for place in columns] for row in rows],
    )


def _cells(match: Match, facts: EntryFacts) -> tuple[str, ...]:
    entry = match.entry
    return (
        entry.value,
        "wins" if match.wins else "",
        title(entry.list, entry.action) + (f" ({entry.policy})" if entry.policy else ""),
        match.effect.value,
        _end(match),
        facts.note,
        _asked_by(facts).removeprefix("asked by ") if match.known is not None else "",
    )


def _end(match: Match) -> str:
    """The end that the tenant has on record, else ours."""
    ends = match.entry.expires or (match.known.expires if match.known is not None else None)
    return moment(ends) if ends is not None else ""
