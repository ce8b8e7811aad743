"""What is told of an address's owner, and the table of shared senders."""

from __future__ import annotations

from bot.domain.indicators.defanging import defanged
from bot.domain.senders.owner import AddressOwner, in_words, shared_warning
from bot.domain.senders.shared_senders import SHARED_SENDERS

HERE = "203.0.113.7"


def test_nothing_found_is_nothing_said() -> None:
    assert in_words(AddressOwner(address=HERE)) == ""
    assert not AddressOwner(address=HERE).is_told


def test_a_shared_sender_and_a_name() -> None:
    owner = AddressOwner(address=HERE, names=("mail.sender.example",), shared_by=("Google",))
    assert in_words(owner) == "Shared: Google's outbound range. By DNS it is mail[.]sender[.]example."


def test_of_many_names_two_are_told() -> None:
    owner = AddressOwner(address=HERE, names=("a.example", "b.example", "c.example"))
    assert in_words(owner) == "By DNS it is a[.]example and b[.]example."


def test_the_warning_names_the_address_and_the_service() -> None:
    said = shared_warning(AddressOwner(address=HERE, shared_by=("Google", "Mailgun")))
    assert said.startswith(f"{defanged(HERE)} is shared: Google's outbound range and Mailgun's outbound range.")


def test_a_sender_and_a_domain_stand_in_the_table_once() -> None:
    domains = [domain for sender in SHARED_SENDERS for domain in sender.domains]
    assert len({sender.name for sender in SHARED_SENDERS}) == len(SHARED_SENDERS)
    assert len(set(domains)) == len(domains)
    assert all(domain == domain.lower() and not domain.endswith(".") for domain in domains)
