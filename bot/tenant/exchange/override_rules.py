"""What Get-TransportRule returns, read into overrides: the mail flow rules that let mail through or stop it.

Source: Microsoft's pages Get-TransportRule, New-TransportRule and "Mail flow rule conditions and exceptions". How the
properties are spelled over REST is not documented: see `override_values`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.overrides.override import Condition, ConditionKind, Does, Override
from bot.domain.overrides.places import Place
from bot.domain.overrides.words import MARKED_AS_SPAM, begins_words, either, is_said_in_full
from bot.tenant.exchange.fields import plain_keys, read_date, read_switch, shortened
from bot.tenant.exchange.override_values import (
    ReadValues,
    all_texts,
    is_given,
    read_addresses,
    read_domains,
    read_guid,
    read_spans,
    read_words,
)

#: Of digits a priority has so many at most: a tenant has a few hundred rules.
_LONGEST_NUMBER = 6
#: From this spam confidence level on mail is marked as spam.
_SPAM = 5
#: A rule is only tried out, and changes nothing, in every other mode.
_ENFORCED = frozenset({"", "enforce"})
_PREFIX = "exceptif"

#: What may be met by any sender: regular expressions, which are shown as they are and never run.
_PATTERNS = "fromaddressmatchespatterns"


def _read_patterns(given: object) -> ReadValues:
    found = read_words(given)
    return ReadValues(found.values, 0 if found.values else found.unread)


#: What can be judged for an indicator, or is about the sender at least.
_JUDGED = {
    "senderdomainis": (ConditionKind.DOMAIN, read_domains),
    "from": (ConditionKind.ADDRESS, read_addresses),
    "fromaddresscontainswords": (ConditionKind.WORDS, read_words),
    "senderipranges": (ConditionKind.IP, read_spans),
    _PATTERNS: (ConditionKind.PATTERN, _read_patterns),
}
#: What can't, in words; `{}` stands for the values.
_OPEN = {
    "frommemberof": "the sender is in {}",
    "subjectcontainswords": "the subject has {}",
    "subjectmatchespatterns": "the subject matches {}",
    "subjectorbodycontainswords": "the subject or body has {}",
    "subjectorbodymatchespatterns": "the subject or body matches {}",
    "headercontainswords": "a header has {}",
    "headermatchespatterns": "a header matches {}",
    "sentto": "it is sent to {}",
    "senttomemberof": "it is sent to a member of {}",
    "recipientdomainis": "the recipient's domain is {}",
    "recipientaddresscontainswords": "the recipient's address has {}",
    "recipientaddressmatchespatterns": "the recipient's address matches {}",
    "anyofrecipientaddresscontainswords": "a recipient's address has {}",
    "anyoftoheader": "it is addressed to {}",
    "anyofccheader": "its copy goes to {}",
    "anyoftoccheader": "it is addressed to {}",
    "attachmentnamematchespatterns": "an attachment's name matches {}",
    "attachmentextensionmatcheswords": "an attachment ends in {}",
    "attachmentcontainswords": "an attachment has {}",
    "hasnoclassification": "it has no classification",
    "messagetypematches": "it is of the type {}",
    "messagesizeover": "it is larger than {}",
    "attachmentsizeover": "an attachment is larger than {}",
    "withimportance": "its importance is {}",
    "sclover": "its spam confidence level is {} or more",
    "attachmentisunsupported": "an attachment can't be looked into",
    "attachmentispasswordprotected": "an attachment is protected by a password",
    "attachmenthasexecutablecontent": "an attachment can be run",
}
#: Parts of another condition: said there.
_NAMED_HEADERS = {
    "headercontainswords": "headercontainsmessageheader",
    "headermatchespatterns": "headermatchesmessageheader",
}
_PARTS = frozenset({"headercontainsmessageheader", "headermatchesmessageheader", "senderaddresslocation"})
#: Who sends and who receives, as seen from the organization: mail from outside to inside is what is asked about.
_SCOPES = {
    ("fromscope", "inorganization"): "it comes from inside the organization",
    ("senttoscope", "notinorganization"): "it goes out of the organization",
}

_KNOWN = frozenset({*_JUDGED, *_OPEN, *_PARTS, *(key for key, _ in _SCOPES)})

#: What else a rule says that matters.
_NEVER_SHOWN = ("setheadervalue", "redirectmessageto", "moderatemessagebyuser")
_LOCATION = "senderaddresslocation"

#: Headers by which a rule has a part of the filter skipped.
_HEADERS = {
    "x-ms-exchange-organization-skipsafelinksprocessing": "Safe Links is skipped",
    "x-ms-exchange-organization-skipsafeattachmentprocessing": "Safe Attachments is skipped",
    "x-ms-exchange-organization-scl": "a header sets its spam confidence level",
    "x-forefront-antispam-report": "a header says that filtering was skipped",
}


@dataclass(frozen=True, slots=True)
class _Action:
    does: Does
    how: str
    is_partial: bool = False


def read_rules(records: object, *, now: datetime) -> tuple[tuple[Override, ...], int]:
    """The rules that let mail through or stop it at `now`, in their order; and how many things could not be read.

    A rule that is off, only tried out or over is left out. One that can't be read in full is told as far as it can be.
    """
    found: list[Override] = []
    unread = 0
    for record in records if isinstance(records, list | tuple) else [records]:
        plain = plain_keys(record)
        if not isinstance(plain, Mapping):
            unread += 1
            continue
        try:
            overrides, missed = _read_rule(plain, now)
        except ValueError:
            unread += 1
        else:
            found += overrides
            unread += missed
    return tuple(found), unread


def _read_rule(rule: Mapping[str, object], now: datetime) -> tuple[list[Override], int]:
    if not _is_on(rule):
        return [], 0
    ends, begins = read_date(rule.get("expirydate")), read_date(rule.get("activationdate"))
    actions = list(_actions(rule))
    if not actions or (ends is not None and ends <= now):
        return [], 0
    conditions, when, missed = _conditions(rule, "")
    exceptions, unless, missed_of_exceptions = _conditions(rule, _PREFIX)
    if begins is not None and begins > now:
        when.append(begins_words(begins))
    unshown = _unshown(rule)
    name, guid, position = _name(rule), read_guid(rule), _position(rule.get("priority"))
    overrides = [
        Override(
            place=Place.MAIL_FLOW_RULES,
            name=name,
            does=action.does,
            how=action.how,
            conditions=tuple(conditions),
            exceptions=tuple(exceptions),
            when=tuple(when),
            unless=tuple(unless),
            is_partial=action.is_partial,
            begins=begins,
            ends=ends,
            unshown=unshown,
            guid=guid,
            position=position,
        )
        for action in actions
    ]
    return overrides, missed + missed_of_exceptions


def _name(rule: Mapping[str, object]) -> str:
    for key in ("name", "identity", "guid"):
        if isinstance(name := rule.get(key), str) and name.strip():
            return shortened(name.strip())
    raise ValueError("has no name")


def _position(given: object) -> int | None:
    """A rule's priority; None where it says none, so that its order isn't told."""
    text = str(given).strip() if isinstance(given, int | str) and not isinstance(given, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


def _is_on(rule: Mapping[str, object]) -> bool:
    state, mode = (str(rule.get(key) or "").strip().lower() for key in ("state", "mode"))
    return state not in {"disabled", "false", "0"} and mode in _ENFORCED


def _actions(rule: Mapping[str, object]) -> Iterator[_Action]:
    level = _level(rule.get("setscl"))
    if level is not None and level < 0:
        yield _Action(Does.LETS_THROUGH, "spam filtering is skipped")
    elif level is not None and level >= _SPAM:
        yield _Action(Does.STOPS, MARKED_AS_SPAM)
    header = str(rule.get("setheadername") or "").strip().lower()
    if header in _HEADERS:
        yield _Action(Does.LETS_THROUGH, _HEADERS[header], is_partial=True)
    if read_switch(rule.get("deletemessage")):
        yield _Action(Does.STOPS, "it is deleted")
    elif any(is_given(rule.get(key)) for key in ("rejectmessagereasontext", "rejectmessageenhancedstatuscode")) or any(
        key.startswith("smtprejectmessage") and is_given(value) for key, value in rule.items()
    ):
        yield _Action(Does.STOPS, "it is rejected")
    elif read_switch(rule.get("quarantine")):
        yield _Action(Does.STOPS, "it is quarantined")
    elif is_given(rule.get("redirectmessageto")):
        yield _Action(Does.STOPS, "it goes to somebody else instead")
    elif any(is_given(rule.get(key)) for key in ("moderatemessagebyuser", "moderatemessagebymanager")):
        yield _Action(Does.STOPS, "it waits for a moderator", is_partial=True)


def _unshown(rule: Mapping[str, object]) -> str:
    """A fingerprint of what the rule says and its texts leave out; empty where they leave out nothing."""
    said: list[tuple[str, tuple[str, ...]]] = []
    for prefix in ("", _PREFIX):
        others = {name.lower() for name in _named(rule, prefix)} - _KNOWN
        said += [(prefix + key, texts) for key in sorted(others) if (texts := all_texts(rule.get(prefix + key)))]
        for key in (_PATTERNS, *_OPEN):
            texts = all_texts(rule.get(prefix + key))
            if not is_said_in_full([f"“{text}”" for text in texts]):
                said.append((prefix + key, texts))
    said += [(key, texts) for key in _NEVER_SHOWN if (texts := all_texts(rule.get(key)))]
    if (location := all_texts(rule.get(_LOCATION))) and [text.lower() for text in location] != ["header"]:
        said.append((_LOCATION, location))
    return hashlib.sha256(repr(said).encode(errors="replace")).hexdigest()[:8] if said else ""


def _level(given: object) -> int | None:
    text = str(given if given is not None else "").strip()
    if not text:
        return None
    return int(text)  # ValueError where it is no number


def _conditions(rule: Mapping[str, object], prefix: str) -> tuple[list[Condition], list[str], int]:
    """The conditions of a rule, or with the prefix its exceptions: those to be judged, the others in words."""
    judged: list[Condition] = []
    words: list[str] = []
    missed = 0
    known: set[str] = set()
    for key, (kind, read) in _JUDGED.items():
        values: ReadValues = read(rule.get(prefix + key))
        if not values:
            continue
        known.add(key)
        missed += values.unread
        if values.values:
            # A pattern says another thing in small letters: `\D` is not `\d`.
            folded = values.values if key == _PATTERNS else tuple(value.lower() for value in values.values)
            judged.append(Condition(kind=kind, values=folded))
        else:
            words.append("the sender is somebody who can't be read from the rule")
    for key, phrase in _OPEN.items():
        if is_given(rule.get(prefix + key)):
            known.add(key)
            words.append(_about_header(phrase.format(_shown(rule.get(prefix + key))), rule, prefix, key))
    for (key, scope), phrase in _SCOPES.items():
        if is_given(given := rule.get(prefix + key)):
            known.add(key)
            if str(given).strip().lower() == scope:
                words.append(phrase)
            elif prefix:
                words.append(f"of its exception {key}")
    words += [f"its condition {name} holds" for name in _named(rule, prefix) if name.lower() not in known | _PARTS]
    return judged, words, missed


def _about_header(said: str, rule: Mapping[str, object], prefix: str, key: str) -> str:
    name = rule.get(prefix + _NAMED_HEADERS.get(key, ""))
    return said.replace("a header", f"the header {_shown(name)}", 1) if key in _NAMED_HEADERS and name else said


def _shown(given: object) -> str:
    values = read_words(given).values
    return either([f"“{value}”" for value in values]) if values else "something that can't be read"


def _named(rule: Mapping[str, object], prefix: str) -> Iterator[str]:
    """The names of all conditions, or exceptions, by the rule's own list: it has those that nobody here knows yet."""
    for text in read_words(rule.get("exceptions" if prefix else "conditions")).values:
        name = text.strip().rpartition(".")[2].removesuffix("Predicate").strip()
        if name.lower().startswith(_PREFIX):
            name = name[len(_PREFIX) :]
        if name:
            yield shortened(name)
