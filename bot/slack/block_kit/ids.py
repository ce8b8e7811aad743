"""The ids by which Slack says which button was clicked, which form was submitted and what it tells by itself; and what
the buttons carry.

A button is made with an `ActionId`, a form with a `CallbackId`, and each has one listener: `bot.slack.listeners.routes`
refuses to start otherwise. Messages that were posted long ago carry these ids, so that their text stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class ActionId(StrEnum):
    """A button, or a choice within a message."""

    APPROVE = "request_approve"
    APPROVE_SOME = "request_approve_some"  #: opens the form in which lines are left out
    DENY = "request_deny"
    WITHDRAW = "request_withdraw"
    WITHDRAW_HERE = "request_withdraw_answer"  #: below the answer that whoever proposed sees alone
    DETAILS = "request_details"
    POST_AGAIN = "request_post_again"  #: in the details of a request that waits for a decision
    DECIDE = "request_decide"  #: elsewhere than on the card: opens all of it, with Approve and Deny
    DECIDE_SEVERAL = "requests_decide_several"  #: opens what waits for an approver, to approve several together
    KEEP = "emergency_keep"  #: on the card of an emergency block: an approver has reviewed it, and it stays
    TAKE_OUT = "emergency_take_out"  #: likewise: opens the form in which it is reviewed, and taken out with a reason
    ASK = "request_ask"  #: in the details of a request that waits, for an approver: asks the requester something
    ANSWER = "request_answer"  #: under the question, for the requester
    TRY_AGAIN = "request_try_again"  #: on the card and the copy of one that failed, in whole or in part
    PROPOSE_AGAIN = "request_propose_again"  #: for the requester of one of which nothing, or not all, came
    REQUEST_OTHERS = "request_others"  #: below the answer to a command: what nothing is wrong with, by its name
    EXTEND = "request_extend"  #: under a reminder
    ADD_SUBDOMAINS = "request_add_subdomains"  #: under the answer and the copy of whoever proposed a block of domains
    PROPOSE_REMOVAL = "allow_propose_removal"  #: under the alert of an allow that nobody asked for
    REMOVE_CHANGE = "change_propose_removal"  #: under the alert of changes that nobody requested: the event's number
    OLDER_REQUESTS = "requests_older"
    OLDER_EVENTS = "audit_older"
    NEWER_EVENTS = "audit_newer"
    EXPORT_EVENTS = "audit_export"
    IMPORT_REQUEST = "import_request"  #: under an import's preview, as the others of imports: its id and version
    IMPORT_COLUMN = "import_column"
    IMPORT_ENDS = "import_ends"
    IMPORT_CANCEL = "import_cancel"
    CHECK_NOW = "check_now"  #: carries the indicators as text, which are read again at the click
    CHECK_MAIL = "check_mail"  #: likewise: has the mail counted, and the answer filled in
    OPEN_BLOCK = "open_block"  #: as the others that open a form: carries the lines that stand in it beforehand
    OPEN_UNBLOCK = "open_unblock"
    OPEN_ALLOW = "open_allow"
    OPEN_UNALLOW = "open_unallow"
    OPEN_EXTEND = "open_extend"
    OPEN_ADOPT = "open_adopt"  #: under the alert of changes that nobody requested: the event's number
    OPEN_CHECK = "open_check"
    OPEN_IMPORT = "open_import"
    ENTRY = "entry_menu"  #: beside an entry of the lists: what to do, and the entry's name or its request's number
    LISTS_NEXT = "lists_next"
    LISTS_BACK = "lists_back"
    POSTURE_REMEDY = "posture_remedy"  #: beside a finding: its name, and the remedy that is shown
    POSTURE_NEXT = "posture_next"
    POSTURE_BACK = "posture_back"
    OPEN_POSTURE = "open_posture"  #: under what the alert channel is told of it, and in Home
    RENEWAL_KEEP = "renewal_keep"  #: what is due for renewal, by its number and version: opens the form that keeps it
    RENEWAL_END = "renewal_end"  #: likewise: proposes to take it out
    REFRESH_HOME = "home_refresh"


class CallbackId(StrEnum):
    """A modal with a button that sends it."""

    PROPOSAL = "proposal_form"
    IP_ALLOW = "ip_allow_form"
    SUBMISSION = "submission_form"
    IMPORT = "import_form"
    CHECK = "check_form"
    CHOOSE = "choose_form"  #: what of a message is meant, and what is to be done about it
    APPROVAL = "approval_form"  #: all of what lets strangers in, for whoever approves it
    TOGETHER = "together_form"  #: what waits for an approver, each with a box to approve it
    QUESTION = "question_form"  #: an approver asks the requester something
    ANSWER = "answer_form"  #: and the requester answers
    EMERGENCY_REVIEW = "emergency_review_form"  #: an approver keeps an emergency block, or has it taken out
    DENIAL = "denial_form"  #: asks whoever denies a request why


class ShortcutId(StrEnum):
    """Something in Slack's own menus: of the workspace, or of each message."""

    BLOCK = "shortcut_block"
    CHECK = "shortcut_check"
    MESSAGE = "shortcut_message"  #: in the menu of a message


class StepId(StrEnum):
    """A step in Slack's Workflow Builder, by its `callback_id` in app.yaml."""

    PROPOSE_BLOCK = "propose_block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a button about a request carries: its number, and the version that the message around it shows."""

    request_id: int
    version: int

    def __str__(self) -> str:
        return f"{self.request_id}.{self.version}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What a button carried, which is hostile like all else from outside; None for anything else.

        Buttons that were posted before there were versions carry the number alone: they show no version at all.
        """
        read = _CARRIED.fullmatch(text)
        return None if read is None else cls(request_id=int(read[1]), version=int(read[2] or 0))


_CARRIED = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,15}))?")


class EventType(StrEnum):
    """Something that Slack tells by itself, because app.yaml asks for it."""

    MEMBERS_CHANGED = "subteam_members_changed"
    GROUP_UPDATED = "subteam_updated"
    HOME_OPENED = "app_home_opened"
