"""What people are told of submissions: the steps by hand, what Microsoft made of one, and what came of it.

Sources: Microsoft, "Use the Submissions page to submit suspected spam, phish, URLs, legitimate email getting blocked,
and email attachments to Microsoft"; Microsoft Graph (beta), "submissionResult".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.indicators.defanging import defanged
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import ListName, title
from bot.domain.requests.ends import until
from bot.domain.submissions.submission import FiledStatus

PAGE = "https://security.microsoft.com/reportsubmission"

#: The page's tab to submit on, for each list.
TABS: Mapping[ListName, str] = {
    ListName.SENDER: "Emails",
    ListName.URL: "URLs",
    ListName.FILE: "Email attachments",
}

#: What to choose there, so that an allow comes of it.
_CHOICES: Mapping[ListName, str] = {
    ListName.SENDER: "Allow this message",
    ListName.URL: "Allow this URL",
    ListName.FILE: "Allow this file",
}

_CHOOSE = "Choose “I've confirmed it's clean”, then Next."
_SUBMIT = (
    "set “Remove allow entry after” (45 days after its last use, or a date 30 days ahead at most), and choose Submit."
)

_WHICH_MESSAGE = (
    "Submission type: Email. Upload the message (.eml or .msg), or give its network message ID: the header "
    "X-MS-Exchange-Organization-Network-Message-Id, in quarantine X-MS-Office365-Filtering-Correlation-Id. The "
    "message may be 30 days old at most."
)

#: By hand, in the order of the page, for what each list holds.
_STEPS: Mapping[ListName, tuple[str, ...]] = {
    ListName.SENDER: (
        f"Open {PAGE}, tab {TABS[ListName.SENDER]}, and choose “Submit to Microsoft for analysis”.",
        _WHICH_MESSAGE,
        "Choose a recipient whose mail was blocked.",
        _CHOOSE,
        f"Choose “{_CHOICES[ListName.SENDER]}”, {_SUBMIT}",
    ),
    ListName.URL: (
        f"Open {PAGE}, tab {TABS[ListName.URL]}, and choose “Submit to Microsoft for analysis”.",
        "Submission type: URL. Give the whole URL, with https:// in front.",
        _CHOOSE,
        f"Choose “{_CHOICES[ListName.URL]}”, {_SUBMIT}",
    ),
    ListName.FILE: (
        f"Open {PAGE}, tab {TABS[ListName.FILE]}, and choose “Submit to Microsoft for analysis”.",
        "Submission type: Email attachment. Choose the file itself.",
        _CHOOSE,
        f"Choose “{_CHOICES[ListName.FILE]}”, {_SUBMIT}",
    ),
}


def steps_by_hand(name: ListName) -> tuple[str, ...]:
    """What somebody does on the Submissions page so that an allow comes of it. Empty for lists with other ways."""
    return _STEPS.get(name, ())


def filed_words(reference: str, *, asks_allow: bool, name: ListName) -> str:
    """What to say of an item that was submitted."""
    words = f"submitted to Microsoft, reference {reference}"
    if asks_allow:
        return words
    return f"{words}; Microsoft took no allow with it, so that no entry will come of it. To have one, {_in_short(name)}"


def not_filed_words(why: str, name: ListName) -> str:
    """What to say of an item that was not submitted, and how it can be done by hand."""
    return f"{why.removesuffix('.')}. By hand: {_in_short(name)}" if name in _STEPS else why


def _in_short(name: ListName) -> str:
    return f"submit it at {PAGE}, tab {TABS[name]}, and choose “{_CHOICES[name]}”."


#: "submissionResultCategory", as far as a false positive can get it.
_CATEGORIES: Mapping[str, str] = {
    "notjunk": "clean",
    "nothreatsfound": "clean",
    "spam": "spam",
    "bulk": "bulk mail",
    "phishing": "phishing",
    "malware": "malware",
    "threatsfound": "malicious",
    "spoof": "spoofed",
    "spoofedblocked": "spoofed, and blocked for that",
    "allowedbypolicy": "allowed by a policy of yours",
    "allowedduetoorganizationoverride": "allowed by a policy of yours",
    "blockedbypolicy": "blocked by a policy of yours",
    "blockedduetoorganizationoverride": "blocked by a policy of yours",
    "allowedduetouseroverride": "allowed by the recipient's own settings",
    "blockedduetouseroverride": "blocked by the recipient's own settings",
    "phishingsimulation": "a phishing simulation of yours",
    "itemnotfound": "not found: the message is gone",
    "domainimpersonation": "taken for an impersonated domain",
    "userimpersonation": "taken for an impersonated person",
    "brandimpersonation": "taken for an impersonated brand",
    "authenticationfailure": "not authenticated by its sender",
    "notsubmittedtomicrosoft": "not passed on to Microsoft by your settings",
}

_IMPERSONATION = "The anti-phishing policy stopped it as impersonation: it is the policy that has to trust it."

#: "submissionResultDetail", where it says what to do.
_DETAILS: Mapping[str, str] = {
    "messagenotfound": "Microsoft can't find the message: submit it as a file.",
    "itemdeleted": "The message has been deleted: submit it as a file.",
    "itemnotreceivedbyservice": "The message never reached Microsoft: look at mail flow rules and connectors.",
    "domainimpersonation": _IMPERSONATION,
    "userimpersonation": _IMPERSONATION,
    "domainresembledyourorganization": "The anti-phishing policy stopped it: add the domain to its trusted domains.",
    "enduserbeingimpersonated": "The anti-phishing policy stopped it: add the sender to its trusted senders.",
    "spoofblocked": "Spoof intelligence stopped it: allow the spoofed sender (a spoof pair).",
    "enduserbeingspoofed": "Spoof intelligence stopped it: allow the spoofed sender (a spoof pair).",
    "senderfailedauthentication": "The sender failed authentication: its owner has to repair SPF, DKIM or DMARC.",
    "invalidfalsepositive": "Microsoft's filters had let it through already.",
    "blockedbytenant": "A policy of your tenant blocked it.",
    "blockedbytenantallowblocklist": "Your own Tenant Allow/Block List blocks it: take that block out.",
    "blockedurlbytenantallowblocklist": "Your own Tenant Allow/Block List blocks the URL: take that block out.",
    "blockedfilebytenantallowblocklist": "Your own Tenant Allow/Block List blocks the file: take that block out.",
    "blockedsenderbytenantallowblocklist": "Your own Tenant Allow/Block List blocks the sender: take that block out.",
    "blockedbyconnection": "Your connection filter blocks the sending IP: take that block out.",
    "blockedbyexchangetransportrule": "A mail flow rule of yours blocked it.",
    "blockedbyusersetting": "The recipient's own settings blocked it.",
    "simulatedthreat": "It was a phishing simulation: it belongs in the advanced delivery configuration.",
    "partofeducationcampaign": "It was a phishing simulation: it belongs in the advanced delivery configuration.",
    "badreclassifiedasgood": "Microsoft agrees: its filters learn from it.",
    "urlfileshouldnotbeblocked": "Microsoft agrees: its filters learn from it.",
    "badreclassifiedasbad": "Microsoft stands by its verdict: ask yourself whether it should be let through.",
    "itemfoundmalicious": "Microsoft stands by its verdict: ask yourself whether it should be let through.",
    "urlfileshouldbeblocked": "Microsoft stands by its verdict: ask yourself whether it should be let through.",
    "onpremisesskip": "It came through on-premises filtering, which Microsoft can't judge.",
}


def result_words(status: FiledStatus, category: str = "", detail: str = "") -> str:
    """What Microsoft made of a submission, as a sentence or two. Words of a later version are given as they are.

    Without a result from Microsoft there is neither `category` nor `detail`.
    """
    if status.is_open:
        return "Microsoft is still looking at it."
    if status is FiledStatus.UNANSWERED:
        return "Microsoft gave no result in the time that was waited."
    if status is FiledStatus.LOST:
        return "It is not to be found at Microsoft."
    said = _CATEGORIES.get(category.lower()) or _spelled(category)
    ended = {FiledStatus.FAILED: "Microsoft could not analyze it", FiledStatus.SKIPPED: "Microsoft left it out"}.get(
        status, "Microsoft has looked at it"
    )
    verdict = f"{ended}: {said}." if said else f"{ended}."
    return f"{verdict} {_DETAILS.get(detail.lower()) or _spelled_sentence(detail)}".strip()


_SAYING_NOTHING = frozenset({"", "none", "unknown", "unknownfuturevalue", "noresultavailable"})


def _spelled(word: str) -> str:
    """`reasonLostInTransit` → `reason lost in transit`."""
    if word.lower() in _SAYING_NOTHING:
        return ""
    return "".join(f" {char.lower()}" if char.isupper() else char for char in word[:80]).strip()


def _spelled_sentence(word: str) -> str:
    said = _spelled(word)
    return f"In Microsoft's words: {said}." if said else ""


#: Where the lists can't be read.
UNREADABLE = "Which entries came of it can't be read now."


def entries_words(entries: Sequence[Entry], *, over: bool = False) -> str:
    """Which allow entries came of a submission, as a sentence; `over` once nobody looks for them any more.

    Microsoft makes some at once, and some only when the next message is stopped for the same reason.
    """
    if not entries:
        return "No entry came of it." if over else "No entry has come of it so far."
    return f"Allowed now: {_all_of(entries)}."


def unnamed_words(entries: Sequence[Entry]) -> str:
    """Which allow entries came of a submission that nobody asked for, as a sentence; empty where none did."""
    return f"Not asked for, and allowed all the same: {_all_of(entries)}." if entries else ""


def _all_of(entries: Sequence[Entry]) -> str:
    return "; ".join(f"{defanged(entry.value)} ({_where(entry)}, {until(entry.expires)})" for entry in entries)


def _where(entry: Entry) -> str:
    return title(entry.list, entry.action)
