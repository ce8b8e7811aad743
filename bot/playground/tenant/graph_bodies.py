"""What Microsoft Graph takes as a submission: every property by name and type, and nothing else.

Sources: Microsoft Graph (beta), "emailUrlThreatSubmission", "emailContentThreatSubmission", "urlThreatSubmission",
"fileContentThreatSubmission", "tenantAllowOrBlockListAction". The action is a property of emails only.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from hashlib import sha256
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from .graph_errors import GraphRefused
from .submissions import (
    LASTS,
    ActionElsewhere,
    Allow,
    Collection,
    EntryResult,
    Known,
    Microsoft,
    SubmissionItem,
    Submitted,
    entries_for,
)

_NAMESPACE = "microsoft.graph.security"
_MESSAGE_URL = re.compile(r"https://graph\.microsoft\.(?:com|us)/(?:v1\.0|beta)/users/[^/?#\s]+/messages/[^/?#\s]+")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Action(_Strict):
    action: Literal["allow", "block"]
    expiration: AwareDatetime | None = Field(default=None, alias="expirationDateTime", strict=False)
    note: str | None = None


class _Threat(_Strict):
    type: str = Field(alias="@odata.type")
    category: Literal["notJunk", "spam", "phishing", "malware"]
    allow: _Action | None = Field(default=None, alias="tenantAllowOrBlockListAction")


class _Email(_Threat):
    recipient: str = Field(alias="recipientEmailAddress")


class _EmailUrl(_Email):
    message_url: str = Field(alias="messageUrl")


class _EmailContent(_Email):
    content: str = Field(alias="fileContent")


class _Url(_Threat):
    web_url: str = Field(alias="webUrl")


class _FileContent(_Threat):
    file_name: str = Field(alias="fileName")
    content: str = Field(alias="fileContent")


_TYPES: dict[Collection, dict[str, type[_Threat]]] = {
    "emailThreats": {"emailUrlThreatSubmission": _EmailUrl, "emailContentThreatSubmission": _EmailContent},
    "urlThreats": {"urlThreatSubmission": _Url},
    "fileThreats": {"fileContentThreatSubmission": _FileContent},
}


def read_submission(
    content: object, *, collection: Collection, microsoft: Microsoft, now: datetime, action_elsewhere: ActionElsewhere
) -> Submitted:
    """The submission that a body asks for. Raises GraphRefused."""
    model, name = _model(content, collection)
    assert isinstance(content, dict)  # noqa: S101 - _model has seen to it
    if collection != "emailThreats" and "tenantAllowOrBlockListAction" in content:
        if action_elsewhere == "refused":
            raise _unknown_property("tenantAllowOrBlockListAction", name)
        if action_elsewhere == "ignored":
            content = {key: value for key, value in content.items() if key != "tenantAllowOrBlockListAction"}
    try:
        threat = model.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise _unknown_property(place, name) from None
        raise GraphRefused(f"The value of the property '{place}' isn't valid: {first['msg']}.") from None
    allow = _allow(threat, now)
    facts, known, otherwise = _facts(threat, microsoft)
    entries = entries_for(known, otherwise) if allow is not None else list[EntryResult]()
    return Submitted(
        collection=collection,
        type=f"#{_NAMESPACE}.{name}",
        category=threat.category,
        created=now,
        facts=facts,
        allow=allow,
        entries=entries,
        otherwise=known.otherwise if known is not None else None,
    )


def _model(content: object, collection: Collection) -> tuple[type[_Threat], str]:
    if not isinstance(content, dict):
        raise GraphRefused("The body has to be a JSON object.")
    named = content.get("@odata.type")
    if not isinstance(named, str):
        raise GraphRefused("The property '@odata.type' is required: the type of the collection is abstract.")
    name = named.removeprefix(f"#{_NAMESPACE}.")
    if name == named or name not in _TYPES[collection]:
        raise GraphRefused(f"A type named '{named}' could not be resolved by the model for {collection}.")
    return _TYPES[collection][name], name


def _unknown_property(place: str, name: str) -> GraphRefused:
    return GraphRefused(
        f"The property '{place}' does not exist on type '{_NAMESPACE}.{name}'. Make sure to only use property names "
        "that are defined by the type or mark the type as open type."
    )


def _allow(threat: _Threat, now: datetime) -> Allow | None:
    action = threat.allow
    if action is None:
        return None
    if action.action != "allow" or threat.category != "notJunk":
        raise GraphRefused("Only an allow for something that is not junk is played here.")
    expires = action.expiration or now + LASTS
    if not now < expires <= now + LASTS + timedelta(minutes=5):
        raise GraphRefused("The expirationDateTime must be in the future, and 30 days from now at most.")
    return Allow(expires=expires, note=action.note or "")


def _facts(threat: _Threat, microsoft: Microsoft) -> tuple[dict[str, object], Known | None, tuple[SubmissionItem, ...]]:
    """The properties of the submission's own kind, what is known of it, and what blocked it if nobody said."""
    if isinstance(threat, _Url):
        if not re.fullmatch(r"https?://[^\s/]+\.[^\s/]{2,}(?:/\S*)?", threat.web_url):
            raise GraphRefused("The webUrl must be a full URL.")
        bare = threat.web_url.partition("://")[2]
        return {"webUrl": threat.web_url}, microsoft.known(bare), (SubmissionItem(list_type="Url", value=bare),)
    if isinstance(threat, _FileContent):
        digest = sha256(_decoded(threat.content)).hexdigest()
        item = SubmissionItem(list_type="FileHash", value=digest)
        return {"fileName": threat.file_name}, microsoft.known(digest), (item,)
    assert isinstance(threat, _Email)  # noqa: S101 - there are no others
    if not _ADDRESS.fullmatch(threat.recipient):
        raise GraphRefused("The recipientEmailAddress isn't an SMTP address.")
    if isinstance(threat, _EmailUrl):
        if not _MESSAGE_URL.fullmatch(threat.message_url):
            raise GraphRefused("The messageUrl isn't the address of a message in Microsoft Graph.")
        known = microsoft.known(threat.message_url) or Known(name=threat.message_url, otherwise="not_found")
        facts: dict[str, Any] = {"sender": known.sender, "subject": known.subject, "internetMessageId": ""}
    else:
        assert isinstance(threat, _EmailContent)  # noqa: S101 - there are no others
        message = BytesHeaderParser().parsebytes(_decoded(threat.content))  # the parts can be nested without an end
        sender = parseaddr(str(message.get("From", "")))[1]
        if not _ADDRESS.fullmatch(sender):
            raise GraphRefused("The fileContent isn't a message.")
        message_id = str(message.get("Message-ID", ""))
        known = microsoft.known(message_id.strip("<>")) or Known(name=message_id, sender=sender)
        facts = {"sender": sender, "subject": str(message.get("Subject", "")), "internetMessageId": message_id}
    by_sender = (SubmissionItem(list_type="Sender", value=known.sender),) if known.sender else ()
    return {"recipientEmailAddress": threat.recipient, **facts}, known, by_sender


def _decoded(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise GraphRefused("The fileContent isn't base64.") from None
    if not content:
        raise GraphRefused("The fileContent is empty.")
    return content
