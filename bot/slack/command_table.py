"""The slash commands: one table from which the help, the manifest's test and the listeners draw."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One slash command, as `app.yaml` declares it and as its help explains it.

    `operation` is set for the commands that propose a change, `action` for those of them that say what kind of entry it
    is about; the others take it from what is typed or listed. An example is what people type and what comes of it.
    """

    name: str
    description: str
    usage_hint: str
    grammar: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]
    #: Whether Slack hands over mentions as ids. Elsewhere they stand in a reason, where people read what was typed.
    escapes: bool = False
    operation: Operation | None = None
    action: Action | None = None


#: Stands in a line of the help for how long an IP allow may last here.
IP_ALLOW_DAYS = "{days}"
_REASON = "The rest is the reason. If something is missing, a form opens with what you gave."
_SPOOF_PAIR = (
    "A spoof pair, on a line of its own: `spoof`, the spoofed user (an address, a domain or `*`), a comma, and what "
    "sends as them (an IPv4 /24, a domain or `*`). In the form and in imports, a line each, the same way."
)
_WITHDRAW = "To take a request back before it is decided: *Withdraw*, in the direct message that you get with it."
_SUBMITTED = (
    "Domains, addresses, URLs and files are allowed by a submission to Microsoft: Portcullis files it, once approved, "
    "where the operator has set that up; otherwise the answer says where and how."
)
_REMOVAL_GRAMMAR = (
    "Indicators first, one or several, as they stand on the list. A spoof pair begins with `spoof`.",
    _REASON,
    _WITHDRAW,
)

PORTCULLIS = Command(
    name="/portcullis",
    description="What there is to do, what waits, and every other command",
    usage_hint="[block | check | requests | …] [what goes after it]",
    grammar=(
        "Alone, it shows what waits for you, what you asked for, and buttons for what you may do.",
        (
            "Every other command works after it without its slash: `/portcullis block evil.example` is "
            "`/block evil.example`. Use it where another app has a command of the same name."
        ),
        "`help` and the name of a command shows how that one is used.",
    ),
    examples=(
        ("/portcullis block evil.example 30d Phishing wave", "the same as /block evil.example 30d Phishing wave"),
        ("/portcullis", "what waits, and what you can do"),
        ("/portcullis help block", "how /block is used"),
    ),
)
BLOCK = Command(
    name="/block",
    description="Request a block",
    usage_hint="[emergency] [indicators] [1d | 7d | 30d | 90d | never] [reason]",
    grammar=(
        "Indicators first, one or several, defanged or not: IPs, domains, addresses, URLs, SHA-256 of files.",
        _SPOOF_PAIR,
        (
            "Then, if you like, how long: `7d`, `2 weeks`, `until 2030-12-31` or `never`; also after the reason. "
            "Left out, it is 30 days."
        ),
        _REASON,
        (
            "`emergency` first, for those who may: it is blocked now, for a few days, and an approver reviews it "
            "afterwards. Only what brings no serious warning, and no wildcards."
        ),
        _WITHDRAW,
    ),
    examples=(
        ("/block emergency evil.example because of a phishing wave", "blocks it now, to be reviewed afterwards"),
        ("/block sender@fabrikam.example 30d Invoice fraud", "one address, for 30 days"),
        ("/block 203.0.113.7 198.51.100.0/24 never Password spraying", "an address and a network, without an end"),
        ("/block hxxps://evil[.]example/login 7d Phishing page", "a defanged URL"),
        ("/block spoof user@contoso.example, 203.0.113.0/24 Spoofed invoices", "a spoof pair, for 30 days"),
        ("/block", "opens the form"),
    ),
    operation=Operation.ADD,
    action=Action.BLOCK,
)
UNBLOCK = Command(
    name="/unblock",
    description="Request that a block be removed",
    usage_hint="[indicators] [reason]",
    grammar=_REMOVAL_GRAMMAR,
    examples=(("/unblock sender@fabrikam.example Account is clean again", "takes the address off the block list"),),
    operation=Operation.REMOVE,
    action=Action.BLOCK,
)
ALLOW = Command(
    name="/allow",
    description="Request an allow, after the warning that goes with it",
    usage_hint="[indicators | spoof user, infrastructure] [1d | 7d] [reason]",
    grammar=(
        "IPs first, one or several, defanged or not. They skip filtering: you see the warning and better ways first.",
        _SPOOF_PAIR,
        _SUBMITTED,
        f"Then, if you like, how long: `1d`, `7d`. An IP allow lasts {IP_ALLOW_DAYS} at most; left out, just so long.",
        "A spoof pair may be longer, or `never` end; left out, it is 30 days.",
        _REASON,
        _WITHDRAW,
    ),
    examples=(
        ("/allow 203.0.113.7 7d Scanner at the head office", "shows the warning first"),
        ("/allow spoof user@contoso.example, 203.0.113.0/24 30d Newsletter service", "a spoof pair, for 30 days"),
        ("/allow", "opens the form"),
    ),
    operation=Operation.ADD,
    action=Action.ALLOW,
)
UNALLOW = Command(
    name="/unallow",
    description="Request that an allow be removed",
    usage_hint="[indicators] [reason]",
    grammar=_REMOVAL_GRAMMAR,
    examples=(("/unallow 203.0.113.7 Scanner is retired", "takes the address off the IP Allow List"),),
    operation=Operation.REMOVE,
    action=Action.ALLOW,
)
_WHICH = (
    "`block` or `allow` first says which kind of entry is meant. Left out, it is the kind that is listed; where that "
    "is both, or none, you are asked to say."
)
EXTEND = Command(
    name="/extend",
    description="Request a new expiry date for entries, later or earlier",
    usage_hint="[block | allow] [indicators] [1d | 7d | 30d | 90d | never] [reason]",
    grammar=(
        _WHICH,
        "Then the indicators, one or several, as they stand on the list. A spoof pair begins with `spoof`.",
        "Then the new date, counted from now: `1d`, `7d`, `30d`, `90d`, a date such as `2030-12-31`, or `never`.",
        "An IP allow shows its warning and takes its approvals anew, and never goes beyond the limit of one.",
        _REASON,
        _WITHDRAW,
    ),
    examples=(
        ("/extend sender@fabrikam.example 90d The fraud goes on", "another 90 days from now"),
        ("/extend block 203.0.113.7 never Known spammer", "the block of the address, without an end"),
        ("/extend", "opens the form"),
    ),
    operation=Operation.EXTEND,
)
NOTE = Command(
    name="/note",
    description="Request a new note on entries",
    usage_hint="[block | allow] [indicators] [the note]",
    grammar=(
        _WHICH,
        "Then the indicators, one or several, as they stand on the list. A spoof pair begins with `spoof`.",
        "All that follows is the note. It replaces the one that is there; where the tenant keeps none, ours does.",
        _WITHDRAW,
    ),
    examples=(
        ("/note sender@fabrikam.example Invoice fraud, case 4711", "replaces the notes of the entry"),
        ("/note allow 203.0.113.7 Scanner at the head office", "the note on the IP allow"),
        ("/note", "opens the form"),
    ),
    operation=Operation.ANNOTATE,
)
SAFE_LIST = Command(
    name="/safelist",
    description="Is the safe list on? Request that it be switched off",
    usage_hint="[off] [reason]",
    grammar=(
        "Alone, it shows the switch in each connection filter policy, as last read.",
        "`off` and the reason: request that it be switched off in every policy in which it is on.",
        "`on` is always refused: the baseline says why.",
        _WITHDRAW,
    ),
    examples=(
        ("/safelist", "shows the switch in each policy"),
        ("/safelist off The baseline says so", "requests that it be switched off"),
    ),
    operation=Operation.SAFE_LIST_OFF,
    action=Action.ALLOW,
)
IMPORT = Command(
    name="/import",
    description="Request many changes at once, from a file or a long list",
    usage_hint="(opens a form)",
    grammar=(
        "Opens a form: what to do (block, unblock, unallow, new expiry date), a file or the lines themselves, and why.",
        (
            "A file is text with an indicator on each line, a table (CSV, .xlsx) with a column of them, or JSON: up to "
            "10,000 lines. The exports of Defender, Sentinel, MISP and many others are known."
        ),
        (
            "You get a message that shows what would be requested, and what is set aside and why. Nothing is requested "
            "before you click *Request these* there."
        ),
        "More than 100 indicators pasted after `/block`, `/unblock`, `/unallow` or `/extend block` are an import too.",
        "What is left becomes one request, with one card. Allows are not imported: they are proposed one by one.",
    ),
    examples=(("/import", "opens the form"),),
)
CHECK = Command(
    name="/check",
    description="Is it allowed, blocked, or not listed?",
    usage_hint="[now] [indicators] [for mailbox]",
    grammar=(
        "Up to 5 indicators, defanged or not. A spoof pair begins with `spoof`. Only you see the answer.",
        "The answer comes from the lists as last read, and says how old that is.",
        "`now` first, or *Read now* under the answer, has the tenant read: that takes a few seconds.",
        (
            "`for ana@contoso.example` after a sender looks it up among the safe and blocked senders of that one "
            "mailbox too, where the operator lets it; that you asked is logged."
        ),
    ),
    examples=(
        ("/check 203.0.113.7", "which entries cover the address, which one wins, and why"),
        ("/check evil[.]example 198.51.100.7", "the same for a domain and another address"),
        ("/check now 203.0.113.7", "the same, read from the tenant now"),
        ("/check fabrikam.example for ana@contoso.example", "is it a safe sender of that mailbox, and what wins"),
    ),
)
LISTS = Command(
    name="/lists",
    description="Look through the tenant's lists",
    usage_hint="[words] [block | allow] [senders | urls | files | ips | spoofs] [ends 7d | no end | no note]",
    grammar=(
        "Everything is optional and in any order; alone, it shows all entries, those that end first.",
        "`block` or `allow`, and the list: `senders`, `urls`, `files`, `ips` (or `ipv4`, `ipv6`), `spoofs`.",
        "`ends 7d`: what ends within 7 days. `no end`, `no note`: what has none.",
        "`ours`: what was asked for here. `others`: what wasn't, such as entries made in the portal.",
        "Any other word is looked for in values and notes. The answer says how all of it was understood.",
        "The menu beside an entry opens its verdict, or a form to take it out, or to change its end or its note.",
        "It shows the lists as last read, and says how old that is. Only you see the answer.",
    ),
    examples=(
        ("/lists", "all entries"),
        ("/lists block senders fabrikam", "blocked senders with fabrikam in their value or note"),
        ("/lists ends 7d", "what ends within a week"),
        ("/lists allow ips others", "allowed IPs that nobody asked for here"),
    ),
)
POSTURE = Command(
    name="/posture",
    description="What lets mail through and needs looking after",
    usage_hint="(nothing else)",
    grammar=(
        "The tenant held against the baseline, and each allow that is wide, unused, without an expiry date or a note.",
        "The gravest first, each with since when it has been seen. Only you see the answer.",
        "The button beside a finding proposes its remedy, as a request like any other.",
        "What Portcullis can't change, such as a mail flow rule, says where in the portal it is.",
        "It goes by the lists as last read, says how old that is, and what could not be seen.",
    ),
    examples=(("/posture", "the gravest findings"),),
)
REQUESTS = Command(
    name="/requests",
    description="Requests: the open ones, yours, or all",
    usage_hint="[open | mine | all | renewals | number]",
    grammar=(
        "`open` is the default. A number shows that request. `renewals`: entries that stayed for long and wait for an",
        "answer, to be kept or to end.",
    ),
    examples=(
        ("/requests", "requests that wait for a review"),
        ("/requests mine", "what you asked for"),
        ("/requests renewals", "what is due for renewal, and yours to answer"),
        ("/requests 42", "#42"),
    ),
)
AUDIT = Command(
    name="/audit",
    description="Query the audit log",
    usage_hint="[#42 | @person | indicator | denied | ip allow | …] [7d | since monday | …]",
    escapes=True,
    grammar=(
        "In any order: a request (`#42`), a person (`@name`, a member ID, `me`), an indicator, and words:",
        "`denied`, `approved`, `failed`, `who approved`, `blocks`, `ip allow`, `imports`, `readings` and more.",
        "When: `7d`, `last 12 hours`, `today`, `yesterday`, `since monday`, `since 2030-12-01 until 2030-12-31`.",
        "An indicator also finds what covers it and what lies within it. What isn't understood is said.",
        "With nothing, the latest events. Days begin at midnight UTC.",
        "`export` with it (`export csv`, `jsonl` or `ocsf`) sends you a file in a direct message.",
    ),
    examples=(
        ("/audit", "the latest events"),
        ("/audit #42", "everything that happened to #42"),
        ("/audit 203.0.113.7 last 30 days", "what happened to this address, and to networks around it"),
        ("/audit denied ip allow since monday", "IP allows that were denied this week"),
        ("/audit 30d export csv", "a file of the last 30 days"),
        ("/audit approved by me 90d", "what you approved in the last 90 days"),
    ),
)

#: Every command, in the order in which the help lists them.
COMMANDS: tuple[Command, ...] = (
    PORTCULLIS,
    BLOCK,
    UNBLOCK,
    ALLOW,
    UNALLOW,
    EXTEND,
    NOTE,
    SAFE_LIST,
    IMPORT,
    CHECK,
    LISTS,
    POSTURE,
    REQUESTS,
    AUDIT,
)
#: The word that, alone after any command, shows its help.
HELP_WORD = "help"


def command_named(name: str) -> Command | None:
    """The command of this name, with its slash, or None."""
    return next((command for command in COMMANDS if command.name == name), None)
