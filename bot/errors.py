"""Every error that Portcullis raises on purpose.

* PortcullisError
  x InvalidInput            what a person typed can't be used
    + InvalidIndicator
    + InvalidDuration
    + ActionUntold
    + NothingListed
  x UnreadableJson          JSON from outside that is none, or is too much
  x ReadingFailed           what a person gave could not be read, through no fault of theirs
  x NotPermitted            this person may not do that
    + LeftToOthers          but those whom it names may
  x NotFound                there is no such request
  x Conflict                somebody else was first, or the request has moved on
    + NotRecorded           somebody was told that nothing came of what they did, and it stays so
  x SettingsError           the operator has to set something
  x RoutesError             what Slack can deliver and who answers it don't match
  x JobsError               what is queued and who does it don't match
  x TryLater                nothing failed: a job is to be run again in a while
  x PayloadUnreadable       a job says something that this version doesn't understand
  x AnchorFailed            the audit log's head could not be kept, signed or stamped
  x ReceiverFailed          whoever is to have the audit log's events didn't take them
  x LogContradicted         the database says otherwise of a request than the audit log
  x StoreError              the database can't be used
    + CommitUnknown         it may have recorded what it was sent: look, to know
    + LeaseLost             another worker has this job now
    + ChainBroken           the audit log has been tampered with
  x TenantError             the tenant, or the way to it
    + SignInFailed          no token: secret, certificate, consent
    + PermissionMissing     a token, but not the role
    + ValueRefused          the service says that the value or the call is wrong
    + Throttled             too many calls
    + TenantUnavailable     transient: nothing was changed, or the call was a read
    + OutcomeUnknown        a write whose answer was lost: read the tenant to know
    + IncompleteAnswer      a list that broke off; never to be taken for a shorter list
  x SlackError              Slack refused a call
    + SlackUnavailable      transient
      - MembersUnread       who is in a user group can't be told now
      - SlackUnanswered     the answer was lost: the call may have taken effect
    + DestinationGone       channel archived or missing, bot not in it, person gone
    + MessageGone           the message can't be changed any more
    + WrongInstall          the bot token isn't for the one workspace that is served
    + PayloadRefused        the message is none that Slack takes, as it is made
    + AnswerUntold          somebody could not be answered in time: what they did isn't acknowledged

An error carries what happened (to what) and what to do next. Its text never holds a secret, because what raises it
never puts one in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


class PortcullisError(Exception):
    """The root of the tree.

    `what` is a sentence for the person: what happened, to what. `remedy` is what to do next, or empty when nothing
    can be done but to wait or to ask the operator.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


class InvalidInput(PortcullisError):
    """What a person typed can't be used. Nothing has been changed."""


class InvalidIndicator(InvalidInput):
    """A text that names no indicator: `what` says what is wrong, `remedy` what would be right."""


class InvalidDuration(InvalidInput):
    """A text that is neither a duration nor `never`."""


class ActionUntold(InvalidInput):
    """A change of entries that doesn't say whether blocks or allows are meant, and the lists don't tell either."""


class NothingListed(InvalidInput):
    """A change of entries that aren't there: `values` are what was named, as they were read, and `lines` the same as a
    form reads it; `as_of` is when the lists were read.
    """

    def __init__(self, what: str, remedy: str, *, values: Sequence[str], lines: Sequence[str], as_of: datetime) -> None:
        super().__init__(what, remedy)
        self.values = tuple(values)
        self.lines = tuple(lines)
        self.as_of = as_of


class UnreadableJson(PortcullisError):
    """A text from outside that is no JSON, or more of it than anybody needs: `why`, as a clause without a full stop.

    Whoever reads the text makes an error of their own of it, which says whose text it was.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"The JSON can't be read: {why}.")
        self.why = why


class ReadingFailed(PortcullisError):
    """Reading what a person gave took too long, too much memory, or ended whatever read it. Nothing was changed."""


class NotPermitted(PortcullisError):
    """The person's roles, as they are now, don't cover this."""


class LeftToOthers(NotPermitted):
    """Somebody else is to do this: `others`, people and user groups by their ids. Whoever tells it names them."""

    def __init__(self, what: str, remedy: str = "", *, others: tuple[str, ...]) -> None:
        super().__init__(what, remedy)
        self.others = others


class NotFound(PortcullisError):
    """No such request, or none that this person may see."""


class Conflict(PortcullisError):
    """The request has moved on since the person saw it: decided, withdrawn, lapsed, or reviewed by them already."""


class DoneBefore(Conflict):
    """What the person wants is so already, by an earlier click of theirs: a remark, and no error."""


class NotRecorded(Conflict):
    """Nobody could tell whether a delivery was recorded; it wasn't, its person was told, and it is done no more."""

    def __init__(self) -> None:
        super().__init__(
            "What you did a moment ago was not recorded, and nothing was changed.", "Do it again if it is still needed."
        )


class SettingsError(PortcullisError):
    """One or more settings are missing or wrong. `problems` has a line for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class RoutesError(PortcullisError):
    """A command, button or form without a listener, with two, or a listener without any: a mistake in this program.

    `problems` has a line for each.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class JobsError(PortcullisError):
    """A kind of job that nobody does, or that is declared twice: a mistake in this program.

    `problems` has a line for each.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class TryLater(PortcullisError):
    """A job's way of saying: nothing failed, but run me again in so many seconds. It counts as no attempt.

    Until then it holds no place.
    """

    def __init__(self, seconds: float, why: str) -> None:
        super().__init__(why)
        self.seconds = seconds


class PayloadUnreadable(PortcullisError):
    """What a job was told isn't what a job of its kind is told: another version queued it, or somebody changed it."""


class AnchorFailed(PortcullisError):
    """The audit log's head could not be kept, or what was kept isn't what it says."""


class ReceiverFailed(PortcullisError):
    """The audit log's events could not be handed on. `retry_after` is in seconds, when the receiver named it.

    `refuses_content`: it answered that it doesn't take what was sent, so that fewer events may be taken.
    """

    def __init__(
        self, what: str, remedy: str = "", *, retry_after: float | None = None, refuses_content: bool = False
    ) -> None:
        super().__init__(what, remedy)
        self.retry_after = retry_after
        self.refuses_content = refuses_content


class LogContradicted(PortcullisError):
    """The database says otherwise of a request than the audit log: nothing is sent for it."""


class StoreError(PortcullisError):
    """The database can't be reached or used, and has recorded nothing of what it was just sent.

    `where` is its address without the password, or its path, for whoever runs Portcullis; the text has neither.
    """

    def __init__(self, what: str, remedy: str = "", *, where: str = "") -> None:
        super().__init__(what, remedy)
        self.where = where


class StoreUnreachable(StoreError):
    """Nobody answers at the database's address, or it is being started or shut down: it may answer in a moment."""


class CommitUnknown(StoreError):
    """A commit was sent to the database, and its answer was lost: all of it was recorded, or nothing."""


class LeaseLost(StoreError):
    """The job's lease ran out and another worker may have it: whatever was about to be written must not be."""


class ChainBroken(StoreError):
    """An audit row was changed, removed, added or moved."""


class TenantError(PortcullisError):
    """Something between Portcullis and the tenant failed.

    `service_text` holds the service's own words when it had any, and `status` the HTTP status.
    """

    def __init__(self, what: str, remedy: str = "", *, service_text: str = "", status: int | None = None) -> None:
        super().__init__(what, remedy)
        self.service_text = service_text
        self.status = status


class SignInFailed(TenantError):
    """No usable token: wrong or expired credential, unknown tenant, or the app role is missing (HTTP 401)."""


class PermissionMissing(TenantError):
    """The token was good, but the directory role is missing or the cmdlet is out of reach (HTTP 403)."""


class ValueRefused(TenantError):
    """The service refused the call as it stood (HTTP 400, 404, 405): a bad value, a duplicate, a full list."""


class Throttled(TenantError):
    """Too many calls (HTTP 429). `retry_after` is in seconds, when the service named it."""

    def __init__(
        self, what: str, remedy: str = "", *, retry_after: float | None = None, service_text: str = ""
    ) -> None:
        super().__init__(what, remedy, service_text=service_text, status=429)
        self.retry_after = retry_after


class TenantUnavailable(TenantError):
    """A passing fault, and certainty that nothing was changed by this call."""


class OutcomeUnknown(TenantError):
    """A write was sent and its answer was lost or was a server error. It may have happened: read back."""


class IncompleteAnswer(TenantError):
    """A list that could not be read to its end, or was not understood."""


class SlackError(PortcullisError):
    """Slack refused a call. `code` is Slack's own error code."""

    def __init__(self, what: str, remedy: str = "", *, code: str = "") -> None:
        super().__init__(what, remedy)
        self.code = code


class SlackUnavailable(SlackError):
    """A passing fault or a rate limit. `retry_after` is in seconds, when Slack named it."""

    def __init__(self, what: str, remedy: str = "", *, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(what, remedy, code=code)
        self.retry_after = retry_after


class MembersUnread(SlackUnavailable):
    """Who is in a user group, and with that who may do what, can't be told right now. `retry_after` is always set."""


class SlackUnanswered(SlackUnavailable):
    """Nobody knows whether the call took effect: it was sent, and no answer came that says so."""


class DestinationGone(SlackError):
    """The channel or person can't be written to until somebody repairs it."""


class MessageGone(SlackError):
    """The message was deleted or can't be edited: there is nothing left to keep up to date."""


class WrongInstall(SlackError):
    """The bot token is another workspace's or a whole organization's: Portcullis can't serve with it."""


class PayloadRefused(SlackError):
    """Slack doesn't take a message as it is made: its blocks, its length. Nothing was posted."""


class AnswerUntold(SlackError):
    """Somebody could be answered only past the database, and in time nobody knew that they were."""
