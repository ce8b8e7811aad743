"""The junk e-mail settings of one mailbox: what its cmdlet returns, and what it says of a mailbox that isn't there.

How the record is spelled over REST is documented nowhere. Without the right to the cmdlet the checks are skipped, and
in a real tenant the one about a mailbox that exists unless PORTCULLIS_CONTRACT_MAILBOX names one.
"""

from __future__ import annotations

import pytest

from bot.playground.samples import MAILBOX
from bot.tenant.exchange.junk_settings import read_record
from bot.tenant.optional_rights import JUNK_SETTINGS, NO_MAILBOX
from tests.contract.conftest import OWN_MAILBOX, TENANT
from tests.contract.service import Service


@pytest.fixture(autouse=True)
def may_be_run(service: Service) -> None:
    if service.post(JUNK_SETTINGS, Identity=NO_MAILBOX, ResultSize=1).status_code == 403:
        pytest.skip(f"the caller has no right to {JUNK_SETTINGS}")


def test_a_mailbox_that_is_not_there_is_refused_or_shows_no_more_than_was_asked_for(service: Service) -> None:
    answer = service.post(JUNK_SETTINGS, Identity=NO_MAILBOX, ResultSize=1)
    # Microsoft's page leaves open whether all mailboxes come back.
    assert answer.status_code in {400, 404} or len(answer.json()["value"]) <= 1


def test_a_mailbox_has_one_record_with_what_the_bot_goes_by(service: Service) -> None:
    mailbox = OWN_MAILBOX if TENANT else MAILBOX
    if not mailbox:
        pytest.skip("PORTCULLIS_CONTRACT_MAILBOX names no mailbox")
    [record] = service.read(JUNK_SETTINGS, Identity=mailbox, ResultSize=2)
    assert {
        "Enabled",
        "TrustedSendersAndDomains",
        "BlockedSendersAndDomains",
        "ContactsTrusted",
        "TrustedListsOnly",
    } <= set(record)
    settings = read_record(record)
    # Not shown where it fails: the lists are their person's.
    assert settings.safe.is_whole
    assert settings.blocked.is_whole
    assert None not in (settings.contacts_trusted, settings.trusted_only)
