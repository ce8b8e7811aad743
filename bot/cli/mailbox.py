"""`portcullis check --mailbox`: how a sender stands in the lists of one mailbox, logged before it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from rich.console import Console
from rich.text import Text

from bot import logs
from bot.bootstrap import build_tenant
from bot.cli.recorded import Recorded
from bot.cli.sentences import printable
from bot.cli.terminal import say
from bot.clock import utc_now
from bot.domain.reading.mailbox_words import mailbox_of
from bot.domain.telling.mailbox_facts import MailboxFacts, mailbox_facts
from bot.domain.verdict.verdict import Verdict
from bot.settings import LookingSettings, PolicySettings, TenantSettings, load
from bot.tenant.exchange.tenant import Tenant
from bot.workflow.asking.mailbox import Looked, demand_askable, looked_up

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class InMailbox:
    """What was found in a mailbox, beside the verdict."""

    looked: Looked
    verdict: Verdict

    @property
    def why_not(self) -> str:
        """Why nothing could be found out; empty where something was."""
        return self.looked.why_not

    @property
    def as_object(self) -> dict[str, Any]:
        """What was found as machines get it; with `why_not`, nothing was."""
        looked, facts = self.looked, self._facts
        found: dict[str, Any] = {
            "address": looked.mailbox,
            "as_of": looked.as_of.isoformat(),
            "why_not": looked.why_not or None,
        }
        for sender, told in zip(looked.senders, facts.senders, strict=True):
            found |= {
                "safe": sender.safe.value,
                "blocked": sender.blocked.value,
                "contacts_trusted": sender.contacts_trusted,
                "trusted_only": sender.trusted_only,
                "means": [*told.means, *facts.about],
                "last_word": told.last_word or None,
                "limits": list(facts.limits),
            }
        return found

    def show(self, console: Console) -> None:
        """Print it, below the verdict."""
        facts = self._facts
        console.print()
        say(console, Text(f"In the mailbox of {printable(self.looked.mailbox)}, by its own lists", style="bold"))
        if self.why_not:
            say(console, f"It could not be looked into. {printable(self.why_not)}")
        for sender in facts.senders:
            say(console, f"{sender.word}: {printable(sender.indicator)}", hang=2)
            last_word = [f"Last word: {sender.last_word}"] if sender.last_word else []
            for sentence in (*sender.means, *last_word, *facts.about, *facts.limits):
                say(console, sentence, before="- ")

    @property
    def _facts(self) -> MailboxFacts:
        return mailbox_facts(self.looked.senders, [self.verdict])


def look_into(text: str, verdict: Verdict, *, recorded: Recorded) -> InMailbox:
    """How a sender stands in the mailbox that somebody names, or why that can't be told.

    Nothing is read unless the database has it who looks. Raises InvalidInput for what can't be asked, StoreError,
    SettingsError, and a TenantError where even the tenant's own domains can't be read.
    """
    mailbox, sender = mailbox_of(text), verdict.indicator
    looking, policy = load(LookingSettings), load(PolicySettings)
    own = frozenset(domain.lower() for domain in policy.accepted_domains)
    if looking.safe_senders:
        own |= _with_tenant(looking, _own_domains)
    demand_askable([sender], mailbox=mailbox, is_on=looking.safe_senders, own_domains=own)
    recorded.log_mailbox(mailbox, [sender.value])
    looked = _with_tenant(looking, lambda tenant: looked_up(tenant, mailbox, [sender], now=utc_now()))
    return InMailbox(looked=looked, verdict=verdict)


async def _own_domains(tenant: Tenant) -> frozenset[str]:
    return await tenant.accepted_domains()


def _with_tenant(looking: LookingSettings, ask: Callable[[Tenant], Coroutine[Any, Any, _T]]) -> _T:
    settings = load(TenantSettings)
    # On stderr, whatever there is: stdout is the command's own, and may be JSON.
    logs.configure("WARNING")

    async def go() -> _T:
        tenant = build_tenant(settings, looking)
        try:
            return await ask(tenant)
        finally:
            await tenant.close()

    return asyncio.run(go())
