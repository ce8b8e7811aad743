"""What approving a request will do, to the list and to mail, and what its approver is asked first.

Sources: Microsoft's pages on the connection filter and on the Tenant Allow/Block List.
"""

from __future__ import annotations

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.request import Request
from bot.domain.telling.sentence import Sentence, sentence

_ADDS: dict[tuple[Action, ListName], str] = {
    (Action.BLOCK, ListName.CONNECTION_FILTER): (
        "Adds to the IP Block List. Mail from there is refused at the edge, and message trace shows nothing of it."
    ),
    (Action.BLOCK, ListName.SENDER): (
        "Adds a block. Mail from there is quarantined as high-confidence phishing; mail to there bounces (550 5.7.703)."
    ),
    (Action.BLOCK, ListName.URL): "Adds a block. Mail with it is quarantined as high-confidence phishing.",
    (Action.BLOCK, ListName.FILE): "Adds a block. Mail with the file is quarantined as malware.",
    (Action.BLOCK, ListName.IP): "Adds a block. Mail from there is refused at the edge.",
    (Action.BLOCK, ListName.SPOOF): "Adds a block for exactly this pair of spoofed user and sending infrastructure.",
    (Action.ALLOW, ListName.CONNECTION_FILTER): (
        "Adds to the IP Allow List. Mail from there skips spam filtering, SPF, DKIM and DMARC. "
        "Malware and high-confidence phishing are still scanned."
    ),
    (Action.ALLOW, ListName.SENDER): (
        "Adds an allow. It overrides bulk, spam, high-confidence spam and ordinary phishing verdicts, nothing else."
    ),
    (Action.ALLOW, ListName.URL): (
        "Adds an allow. It overrides bulk, spam, high-confidence spam and ordinary phishing verdicts, nothing else."
    ),
    (Action.ALLOW, ListName.FILE): "Adds an allow for the file.",
    (Action.ALLOW, ListName.IP): "Adds an allow. It overrides the IP filters only; the mail itself is still filtered.",
    (Action.ALLOW, ListName.SPOOF): "Adds an allow for exactly this pair of spoofed user and sending infrastructure.",
}

#: What a change other than an addition does, for blocks and for allows.
_EFFECTS: dict[Operation, tuple[str, str]] = {
    Operation.REMOVE: (
        "Takes off the list what is there now. From then on this list no longer blocks it; other entries still count.",
        "Takes off the list what is there now. From then on this list no longer allows it; other entries still count.",
    ),
    Operation.EXTEND: (
        "Gives what is there now a new expiry date, later or earlier. Until then it goes on blocking as it does.",
        "Gives what is there now a new expiry date, later or earlier. Until then it goes on allowing as it does.",
    ),
    Operation.ANNOTATE: (
        "Replaces the notes of what is there now by the text above. What it does to mail stays as it is.",
        "Replaces the notes of what is there now by the text above. What it does to mail stays as it is.",
    ),
    Operation.SAFE_LIST_OFF: (
        "Mail from servers on Microsoft's own list of good senders no longer skips spam filtering.",
        "Mail from servers on Microsoft's own list of good senders no longer skips spam filtering.",
    ),
    Operation.SUBMIT: (
        "Tells Microsoft that it should have been blocked. Microsoft decides what comes of it.",
        "Tells Microsoft that it was blocked wrongly, and asks to allow it. Microsoft decides what comes of it.",
    ),
}


def effect(request: Request) -> str:
    """What approving a request will do, to the list and to mail."""
    if request.operation is Operation.ADD:
        return _ADDS[request.action, request.list]
    blocks, allows = _EFFECTS[request.operation]
    return blocks if request.action is Action.BLOCK else allows


def consequence(request: Request) -> str:
    """What has to be known of such a request even by who has approved many: in few words, without a full stop; empty
    where nothing has."""
    if not request.operation.gives_an_end or request.operation is Operation.SUBMIT:
        return ""
    longer = request.operation is Operation.EXTEND
    match request.action, request.list:
        case Action.BLOCK, ListName.SENDER if not longer:
            return f"mail to {'it' if request.total == 1 else 'them'} bounces too"
        case Action.ALLOW, ListName.CONNECTION_FILTER:
            skips = "goes on skipping" if longer else "skips"
            return (
                f"Mail from there {skips} spam filtering, SPF, DKIM and DMARC: whoever sends from there can pretend to "
                "be anybody. The security baseline (CISA SCuBA) advises against it"
            )
        case Action.ALLOW, ListName.IP:
            return f"Mail from there is {'still not' if longer else 'no longer'} refused for its address"
        case Action.ALLOW, ListName.SENDER | ListName.URL:
            return "Spam and ordinary phishing with it get through, unseen by Microsoft"
        case _:
            return ""


def question(request: Request, subject: Sentence) -> Sentence:
    """What whoever approves a request that lets strangers in must answer first. `subject` is what it is about."""
    longer = request.operation is Operation.EXTEND
    if request.is_grave_spoof_allow:
        verb = "go on letting" if longer else "let"
        return sentence(
            subject,
            f" will {verb} people whom you may not know write as others, or as your own people. Do you know who "
            "sends like this, and that nobody else can?",
        )
    if request.list is ListName.IP:
        # An IPv6 allow overrides the IP filters only.
        happens = f"{'still not' if longer else 'no longer'} be refused for its address"
    else:
        happens = f"{'go on skipping' if longer else 'skip'} spam filtering, SPF, DKIM and DMARC"
    return sentence(
        "Mail from ",
        subject,
        f" will {happens}. Do you know who sends from there, and that nobody else does?",
    )
