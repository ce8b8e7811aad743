"""What the lists of one mailbox mean for a sender, and what has the last word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.coverage import Effect
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.safe_senders import SenderInMailbox, SenderStanding
from bot.domain.telling import mailbox_facts as words
from bot.domain.telling.mailbox_facts import SenderFacts, mailbox_facts
from bot.domain.verdict.judgement import Judgement, Match
from bot.domain.verdict.verdict import Verdict
from tests.support.samples import VERDICT

ADDRESS = Indicator(kind=Kind.ADDRESS, value="info@evil.example")
DOMAIN = Indicator(kind=Kind.DOMAIN, value="evil.example")
NO, SELF, BY_DOMAIN, ABOVE, OPEN = (
    SenderStanding.NOT_LISTED,
    SenderStanding.DIRECTLY,
    SenderStanding.BY_DOMAIN,
    SenderStanding.BY_PARENT,
    SenderStanding.UNKNOWN,
)


def told(
    safe: SenderStanding, blocked: SenderStanding, *, of: Indicator = ADDRESS, verdicts: tuple[Verdict, ...] = ()
) -> SenderFacts:
    found = SenderInMailbox(indicator=of, safe=safe, blocked=blocked, contacts_trusted=False, trusted_only=False)
    [facts] = mailbox_facts([found], verdicts).senders
    return facts


@pytest.mark.parametrize(
    ("safe", "blocked", "answer"),
    [
        (SELF, NO, "Safe there"),
        (BY_DOMAIN, NO, "Safe there"),
        (SELF, SELF, "Safe there"),
        (NO, SELF, "Blocked there"),
        (OPEN, BY_DOMAIN, "Blocked there"),
        (NO, NO, "On neither list"),
        (ABOVE, NO, "Not certain"),
        (NO, ABOVE, "Not certain"),
        (OPEN, NO, "Not certain"),
        (NO, OPEN, "Not certain"),
    ],
)
def test_the_answer_in_a_word(safe: SenderStanding, blocked: SenderStanding, answer: str) -> None:
    assert (told(safe, blocked).word, told(safe, blocked).indicator) == (answer, "info@evil.example")


def test_a_safe_sender_gets_past_spam_and_ordinary_phishing_and_no_further() -> None:
    facts = told(SELF, NO)
    assert facts.means == ("Safe Senders: it is there.", words.INBOX)
    assert facts.last_word == words.FILTER_HAS_THE_LAST_WORD


@pytest.mark.parametrize(("safe", "of"), [(BY_DOMAIN, ADDRESS), (SELF, DOMAIN)])
def test_a_domain_does_not_get_past_quarantine(safe: SenderStanding, of: Indicator) -> None:
    assert words.BY_DOMAIN in told(safe, NO, of=of).means


def test_a_sender_on_both_lists_is_safe() -> None:
    means = told(SELF, BY_DOMAIN).means
    assert words.SAFE_WINS in means
    assert words.JUNK not in means


def test_a_blocked_sender_goes_to_junk_and_nothing_outranks_it_here() -> None:
    facts = told(NO, BY_DOMAIN)
    assert facts.means == ("Blocked Senders: its domain is there.", words.JUNK)
    assert facts.last_word == ""


def test_what_microsoft_leaves_open_is_said_to_be_open() -> None:
    assert told(ABOVE, NO).means == ("Safe Senders: a domain above it is there.", words.PARENT)


def test_of_a_domain_single_addresses_may_stand_there() -> None:
    assert told(NO, NO, of=DOMAIN).means == (words.SINGLE,)
    assert words.SINGLE not in told(SELF, NO, of=DOMAIN).means


def verdict(judgement: Judgement, name: ListName, *, wins: bool = True) -> Verdict:
    entry = Entry(list=name, action=Action.BLOCK, value="evil.example")
    match = Match(entry=entry, effect=Effect.COVERS, wins=wins)
    return replace(VERDICT, indicator=ADDRESS, judgement=judgement, matches=(match,))


@pytest.mark.parametrize(
    ("given", "last_word"),
    [
        (verdict(Judgement.BLOCKED, ListName.SENDER), words.BLOCK_HAS_THE_LAST_WORD),
        (verdict(Judgement.ALLOWED, ListName.SENDER), words.FILTER_HAS_THE_LAST_WORD),
        (verdict(Judgement.BLOCKED, ListName.SENDER, wins=False), words.FILTER_HAS_THE_LAST_WORD),
    ],
)
def test_a_block_of_the_list_has_the_last_word(given: Verdict, last_word: str) -> None:
    assert told(SELF, NO, verdicts=(given,)).last_word == last_word
    assert told(NO, SELF, verdicts=(given,)).last_word == ""


@pytest.mark.parametrize(
    ("contacts", "only", "about"),
    [
        (False, False, ()),
        (True, False, (words.CONTACTS,)),
        (False, True, (words.TRUSTED_ONLY,)),
        (True, True, (words.TRUSTED_ONLY, words.CONTACTS)),
        (None, False, (words.UNKNOWN_SWITCHES,)),
        (None, None, (words.UNKNOWN_SWITCHES,)),
    ],
)
def test_what_holds_for_all_mail_to_it(contacts: bool | None, only: bool | None, about: tuple[str, ...]) -> None:
    found = SenderInMailbox(indicator=ADDRESS, safe=NO, blocked=NO, contacts_trusted=contacts, trusted_only=only)
    assert mailbox_facts([found]).about == about
