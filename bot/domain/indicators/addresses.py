"""Mail addresses as the Tenant Allow/Block List takes them.

Source: Microsoft's page on allowing or blocking senders: odd characters in front of the @ are percent-encoded, as in
`%22bad%2B%20attacker%22@fourthcoffee.com`. Exchange compares addresses without regard to case, so the whole address is
lower case here: two spellings of one address are one entry.
"""

from __future__ import annotations

import re
from types import ModuleType
from urllib.parse import quote, unquote_to_bytes

from bot.domain.indicators.hosts import Host, own_domain_note, read_host
from bot.domain.indicators.indicator import Indicator, Kind, Note, NoteCode, distinct
from bot.domain.indicators.typed_text import quoted, shown
from bot.errors import InvalidIndicator
from bot.later import later

MAX_LOCAL = 64
MAX_ADDRESS = 254

_DISPLAY_FORM = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*@[^<>]*)>")
#: What nearly all have before the @, and no rule forbids: it needs no validator, which takes its time.
_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*+")
_EXAMPLE = "Type an address such as sender@evil.example."
# The validator looks at the part before the @ only: domains are read in one place, and its list of special-use
# domains would refuse senders that exist in logs, such as root@localhost.localdomain.
_STAND_IN_DOMAIN = "stand-in.example"


@later
def _validator() -> ModuleType:
    import email_validator  # noqa: PLC0415 - it compiles large expressions when it is loaded, and few addresses need it

    return email_validator


def read_address(text: str, *, typed: str, accepted_domains: frozenset[str] = frozenset()) -> Indicator:
    """Read an address, with or without a display name. Raises InvalidIndicator; `typed` is what its text repeats.

    A local part beyond ASCII is refused: how the service wants it written is documented nowhere, and an entry that
    never matches is worse than none.
    """
    notes: list[Note] = []
    if match := _DISPLAY_FORM.fullmatch(text):
        name = match["name"].strip(" \"'")
        text = match["address"].strip()
        if name:
            notes.append(
                Note(code=NoteCode.DISPLAY_NAME_STRIPPED, text=f"The display name {quoted(name)} was left out.")
            )
    local, _, domain = text.rpartition("@")
    host = _read_domain_part(local, domain, typed=typed)
    given, local = local, _read_local_part(local, domain=host.name, typed=typed)
    written = quote(local, safe="-._~")
    if written.lower() != given.lower():
        notes.append(
            Note(
                code=NoteCode.PERCENT_ENCODED, text=f"What stands before the @ is written {shown(written)} in the list."
            )
        )
    value = f"{written}@{host.name}"
    if len(f"{local}@{host.name}") > MAX_ADDRESS:
        raise InvalidIndicator(
            f"{quoted(typed)} is longer than a mail address can be ({MAX_ADDRESS} characters).", _EXAMPLE
        )
    own = own_domain_note(host.name, accepted_domains)
    host_notes = tuple(note for note in host.notes if note.code != NoteCode.PUBLIC_SUFFIX)
    return Indicator(kind=Kind.ADDRESS, value=value, notes=distinct(tuple(notes), host_notes, own))


def _read_domain_part(local: str, domain: str, *, typed: str) -> Host:
    if not domain:
        raise InvalidIndicator(f"{quoted(typed)} has nothing after the @.", _EXAMPLE)
    if domain.startswith("["):
        raise InvalidIndicator(
            f"{quoted(typed)} has an IP address after the @; the list of senders takes domains only.",
            f"Type the IP address alone: {shown(domain.strip('[]'))}.",
        )
    if "*" in domain:
        bare = domain.removeprefix("*.")
        remedy = f"For every sender under it type *.{bare}." if domain != bare and "*" not in bare else _EXAMPLE
        raise InvalidIndicator(f"{quoted(typed)} has a star in an address; addresses take none.", shown(remedy))
    host = read_host(domain, typed=typed)
    if local == "*":
        raise InvalidIndicator(
            f"{quoted(typed)} has a star in an address; addresses take none.",
            f"For every sender of that domain type the domain alone: {host.name}.",
        )
    return host


def _read_local_part(local: str, *, domain: str, typed: str) -> str:
    """The part before the @, percent-decoded, checked, unquoted where it needs no quotes, and in lower case."""
    decoded = unquote_to_bytes(local) if local.isascii() else b"\xff"
    if not decoded.isascii():
        raise InvalidIndicator(
            f"{quoted(typed)} has characters beyond ASCII before the @; how the tenant's list wants those written "
            "isn't documented.",
            f"Use the domain instead: {domain}.",
        )
    local = decoded.decode("ascii")
    if "*" in local and not local.startswith('"'):
        raise InvalidIndicator(
            f"{quoted(typed)} has a star in an address; addresses take none.",
            f"For every sender of that domain type the domain alone: {domain}.",
        )
    if not local:
        raise InvalidIndicator(f"{quoted(typed)} has nothing before the @.", f"For the whole domain type {domain}.")
    if len(local) > MAX_LOCAL:
        raise InvalidIndicator(
            f"{quoted(typed)} has {len(local)} characters before the @; {MAX_LOCAL} is the most.", _EXAMPLE
        )
    if _PLAIN_LOCAL.fullmatch(local):
        return local.lower()
    validator = _validator()
    try:
        checked = validator.validate_email(
            f"{local}@{_STAND_IN_DOMAIN}", check_deliverability=False, allow_quoted_local=True, allow_smtputf8=False
        )
    except validator.EmailNotValidError as error:
        raise InvalidIndicator(
            f"{quoted(typed)} isn't a mail address: {shown(str(error), limit=160)}", _EXAMPLE
        ) from None
    if checked.domain != _STAND_IN_DOMAIN:
        raise InvalidIndicator(f"{quoted(typed)} isn't one mail address.", _EXAMPLE)
    return str(checked.local_part).lower()
