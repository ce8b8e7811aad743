"""Sending a change of any size: chunk by chunk, so that one bad value costs the others nothing, and few calls.

A refused chunk has changed nothing. The list is read once for it: what is there already (or gone already, or can't be)
is dropped, and the rest is sent again whole. If nothing was to be dropped, or the rest is refused too, it is halved,
and so on: for n values, b of them bad, at most n/20 + b·(2·log₂ 20 + 2) calls, and a reading for each refused chunk.

A list that is full takes what fits, and then refuses one value by itself. Another value, far from it, is asked for: if
that is refused in the same words, so is the rest, and nothing more is sent. The same goes for whatever else refuses
them all. It holds for this run alone: the next attempt, or request, asks anew, because a list can have been made room
in meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.aside import aside
from bot.domain.lists.change import values_per_call
from bot.domain.outcomes.findings import find
from bot.domain.outcomes.list_wide import RefusedAlone, may_be_list_wide
from bot.domain.outcomes.outcome import Outcomes, Step
from bot.errors import OutcomeUnknown, PermissionMissing, SignInFailed, ValueRefused
from bot.workflow.applying.sending import Sending
from bot.workflow.shared.items import strides

#: For how many values at a time `Sending.before` is called: as many are in doubt when the worker dies.
INTENDED_AT_ONCE = 100

#: After so many calls in a row without an answer, the rest is left to the next attempt.
MOST_UNANSWERED = 3


async def send_in_chunks(sending: Sending) -> tuple[Outcomes, OutcomeUnknown | None]:
    """Send all values of a change.

    Returns what became of the calls (not yet of the values, which only a reading shows): a value is taken, unanswered,
    refused or left; or missing still, where `sending.before` left it out. Beside it, the last call whose answer was
    lost. Raises TenantError when the service took nothing of a chunk for a passing reason, or the list can't be read
    after a refusal: then what was sent before is to be read back.
    """
    return await _Chunks(sending).send()


class _Chunks:
    """One run of `send_in_chunks`."""

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._reading = sending.reading
        self._outcomes = Outcomes.of(sending.change.values, Step.MISSING)
        self._final = ""  #: why nothing more is sent: trying again changes nothing until somebody acts
        self._unanswered: OutcomeUnknown | None = None
        self._unanswered_in_a_row = 0
        self._stride: Sequence[str] = ()  #: what may be sent: it is written down
        self._any_taken = False
        self._last: RefusedAlone | None = None  #: what was said of the last value that was refused by itself
        self._alike = 0  #: of how many in a row
        self._suspected: RefusedAlone | None = (
            None  #: what may hold for the whole list: another value is just being sent
        )

    async def send(self) -> tuple[Outcomes, OutcomeUnknown | None]:
        change = self._sending.change
        size = values_per_call(change.list, change.operation)
        for stride in strides(change.values, INTENDED_AT_ONCE):
            if self._is_over():
                self._note(stride, Step.LEFT)
                continue
            self._stride = tuple(await self._sending.before(stride))
            for chunk in strides(self._stride, size):
                if self._is_over():
                    self._note(self._not_sent_yet(chunk), Step.LEFT)
                    continue
                await self._send(tuple(chunk))
                await self._sending.after(len(chunk))
        if self._final:
            self._note(self._outcomes.at(Step.LEFT), Step.REFUSED, self._final)
        return self._outcomes, self._unanswered

    def _note(self, values: Iterable[str], step: Step, words: str = "") -> None:
        self._outcomes |= Outcomes.of(values, step, words)

    def _is_over(self) -> bool:
        return bool(self._final) or self._unanswered_in_a_row >= MOST_UNANSWERED

    async def _send(self, values: tuple[str, ...], *, looked: bool = False) -> None:
        values = self._not_sent_yet(values)
        if not values:
            return
        if self._final:
            self._note(values, Step.LEFT)
            return
        try:
            await self._sending.tenant.apply(
                replace(self._sending.change, values=values),
                reading=self._reading,
                reference=self._sending.reference,
            )
        except ValueRefused as error:
            await self._narrow(values, error, looked=looked)
        except (SignInFailed, PermissionMissing) as error:
            # Certain to have changed nothing.
            self._final = str(error)
            self._note(values, Step.LEFT)
        except OutcomeUnknown as error:
            self._unanswered = error
            self._unanswered_in_a_row += 1
            self._note(values, Step.UNANSWERED)
        else:
            self._unanswered_in_a_row = self._alike = 0
            self._any_taken = True
            self._note(values, Step.TAKEN)

    def _not_sent_yet(self, values: Sequence[str]) -> tuple[str, ...]:
        """Without a value that was asked for before its turn."""
        return tuple(value for value in values if self._outcomes[value].step is Step.MISSING)

    async def _narrow(self, values: tuple[str, ...], error: ValueRefused, *, looked: bool) -> None:
        """Find the values at fault in a refused call."""
        if len(values) == 1:
            await self._refused_alone(values[0], error)
            return
        if not looked:
            rest = await self._still_to_send(values)
            if len(rest) < len(values):
                if rest:
                    await self._send(rest, looked=True)
                return
        middle = len(values) // 2
        await self._send(values[:middle], looked=True)
        await self._send(values[middle:], looked=True)

    async def _refused_alone(self, value: str, error: ValueRefused) -> None:
        words = error.service_text or error.what
        self._note((value,), Step.REFUSED, words)
        refusal = RefusedAlone(status=error.status, words=error.service_text)
        if refusal == self._suspected:
            self._final = words
            return
        self._alike = self._alike + 1 if refusal == self._last else 1
        self._last = refusal
        if self._suspected is not None or not may_be_list_wide(
            refusal, value, alike=self._alike, any_taken=self._any_taken
        ):
            return
        if others := self._not_sent_yet(self._stride):
            self._suspected = refusal
            await self._send(others[-1:])
            self._suspected = None

    async def _still_to_send(self, values: tuple[str, ...]) -> tuple[str, ...]:
        """The values that are still to be sent, by what the list says now."""
        change = replace(self._sending.change, values=values)
        self._reading = await self._sending.tenant.read_for(change)
        entries = len(self._reading.entries) + len(values)
        found = await aside(entries, find, self._reading, change, now=self._sending.now())
        self._outcomes |= Outcomes.worded(found.words_at(Step.BARRED), Step.REFUSED)
        self._note(found.at(Step.AS_ASKED), Step.TAKEN)
        return found.at(Step.MISSING)
