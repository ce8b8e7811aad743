"""The ids by which Slack says which button was clicked and which form was submitted.

A button is made with an `ActionId`, a form with a `CallbackId`, and each has one listener: `bot.slack.listeners.routes`
refuses to start otherwise. Messages that were posted long ago carry these ids, so that their text stays as it is.
"""

from __future__ import annotations

from enum import StrEnum


class ActionId(StrEnum):
    """A button, or a choice within a message."""

    APPROVE = "request_approve"
    DENY = "request_deny"
    WITHDRAW = "request_withdraw"
    DETAILS = "request_details"
    EXTEND = "request_extend"  #: under a reminder
    ADD_SUBDOMAINS = "request_add_subdomains"  #: under the answer and the copy of whoever proposed a block of domains
    OLDER_REQUESTS = "requests_older"
    OLDER_EVENTS = "audit_older"
    IMPORT_REQUEST = "import_request"  #: under an import's preview, as the others of imports: its id and version
    IMPORT_COLUMN = "import_column"
    IMPORT_ENDS = "import_ends"
    IMPORT_CANCEL = "import_cancel"
    CHECK_NOW = "check_now"  #: carries the indicators as text, which are read again at the click


class CallbackId(StrEnum):
    """A modal with a button that sends it."""

    PROPOSAL = "proposal_form"
    IP_ALLOW = "ip_allow_form"
    SUBMISSION = "submission_form"
    IMPORT = "import_form"
