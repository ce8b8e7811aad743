"""What a run of trials came to, in lines for a terminal."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from tests.chaos.recovery import Recovered
from tests.chaos.trial import Result

#: So many seeds of a kind of breach are named.
_SEEDS = 12

#: So much of what should not be is shown, in characters.
_LONGEST = 400

#: So many of the slowest recoveries are shown.
_SLOWEST = 12


def lines(results: Sequence[Result]) -> Iterator[str]:
    """The summary: what happened, how long it took to recover, and what should not be, by kind."""
    kills, faults, calls, done = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for result in results:
        kills += result.tally.kills
        faults += result.tally.faults
        calls += result.tally.calls
        done += result.done
    trials = Counter(f"{result.plan.database}, {result.plan.mode}, {result.plan.bots} bots" for result in results)
    loads = [load for result in results for load in result.loads]
    yield f"{len(results)} trials ({_counted(trials)}), {sum(result.lasted for result in results):.0f} s in all"
    yield f"load of the machine, by its average over a minute: {_percentiles(loads, unit='')}"
    acts, acknowledged = sum(result.acts for result in results), sum(result.acknowledged for result in results)
    yield f"{acts} acts, {acknowledged} of them acknowledged; {calls.total()} calls"
    yield f"acknowledged: {_counted(done)}"
    requests, added = sum(result.requests for result in results), sum(result.added for result in results)
    yield f"{requests} requests, {added} entries added, {sum(result.events for result in results)} events in the log"
    yield f"{kills.total()} kills, {sum(result.starts for result in results)} starts: {_counted(kills)}"
    on = Counter[str]()
    for result in results:
        on[result.plan.database] += result.tally.kills.total()
    yield f"kills on each database: {_counted(on) or 'none'}"
    yield f"{faults.total()} faults: {_counted(faults)}"
    strays, again = sum(each.strays_retired for each in results), sum(each.answered_again for each in results)
    yield f"strays retired by a click: {strays}; second answers to one act: {again}"
    recovered = [each for result in results for each in result.recoveries.done]
    taken_over = [each for result in results for each in result.recoveries.taken_over]
    alone = [each for each in recovered if each.is_alone]
    others = [each for each in recovered if not each.is_alone]
    for what, times in (
        ("start → ready", [each for result in results for each in result.ready_after]),
        ("end → its work taken over by others", [each.after for each in taken_over if not each.is_alone]),
        ("    of that until its leases ended", [each.lease_left for each in taken_over if not each.is_alone]),
        ("end → taken over by the next start", [each.after for each in taken_over if each.is_alone]),
        ("start or takeover → what the kill interrupted settled", [each.from_start for each in recovered]),
        (
            "    where nothing was made to go wrong meanwhile",
            [each.from_start for each in recovered if each.is_undisturbed],
        ),
        ("    of that, waited for leases, Slack or a time", [each.waited for each in recovered]),
        ("    alone: start → settled", [each.from_start for each in alone]),
        ("    among others: taken over → settled", [each.from_start for each in others]),
        ("    end → settled", [each.from_end for each in recovered]),
        (
            "nothing fails any more → at rest",
            [result.rest_after for result in results if result.rest_after is not None],
        ),
    ):
        yield f"{what}: {_percentiles(times)}"
    yield from _recoveries(results, recovered)
    rest = Counter[str]()
    for result in results:
        rest += result.rest_waits
    yield f"waited for until at rest: {_seconds(rest)}"
    yield from _breaches(results)


def of_trial(result: Result) -> Iterator[str]:
    """One trial, in a line, and a line for each thing that should not be."""
    rest = "never at rest" if result.rest_after is None else f"at rest after {result.rest_after:.1f} s"
    kills = sum(result.tally.kills.values())
    yield f"{result.plan.words}: {result.requests} requests, {kills} kills, {rest}, {result.lasted:.0f} s"
    yield from _named(result)


def _recoveries(results: Sequence[Result], recovered: Sequence[Recovered]) -> Iterator[str]:
    """What was interrupted, what it waited for, and the slowest."""
    waits, kinds = Counter[str](), defaultdict[str, list[float]](list)
    for each in recovered:
        waits += each.waits
        for kind, after in each.settled_after.items():
            kinds[kind].append(after)
    idle = sum(result.recoveries.idle for result in results)
    again = sum(result.recoveries.interrupted_again for result in results)
    yield f"kills that interrupted nothing: {idle}; pieces interrupted once more, counted there: {again}"
    yield f"what was interrupted was: {_seconds(waits)}"
    for kind, times in sorted(kinds.items(), key=lambda each: -max(each[1])):
        yield f"    {kind}: {_percentiles(times)}"
    for each in sorted(recovered, key=lambda each: -each.from_start)[:_SLOWEST]:
        yield f"    slow: {each.words}"


def _named(result: Result) -> Iterator[str]:
    for breach in result.breaches:
        yield f"    {breach.kind}: {breach.what[:_LONGEST]}"


def _breaches(results: Sequence[Result]) -> Iterator[str]:
    kinds = Counter(breach.kind for result in results for breach in result.breaches)
    if not kinds:
        yield "no breach"
    for kind, times in kinds.most_common():
        seeds = sorted({result.plan.seed for result in results for breach in result.breaches if breach.kind == kind})
        yield f"{times:4} x {kind}; seeds {', '.join(map(str, seeds[:_SEEDS]))}{' …' if len(seeds) > _SEEDS else ''}"
    # Once more what it was, at the end: of a long output it is often all that is kept.
    for result in [each for each in results if each.breaches][:_SEEDS]:
        yield f"seed {result.plan.seed}:"
        yield from _named(result)


def _percentiles(times: Sequence[float], unit: str = " s") -> str:
    if not times:
        return "never"
    ranked = sorted(times)
    half, most = ranked[len(ranked) // 2], ranked[min(len(ranked) - 1, len(ranked) * 95 // 100)]
    figures = ((half, "p50 "), (most, "p95 "), (ranked[-1], "at most "))
    return ", ".join(f"{what}{figure:.1f}{unit}" for figure, what in figures) + f" ({len(ranked)} times)"


def _seconds(counter: Counter[str]) -> str:
    return ", ".join(f"{seconds:.0f} s {what}" for what, seconds in counter.most_common()) or "nothing"


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{times} {what}" for what, times in counter.most_common())
