"""A submission as a call of Microsoft Graph, its path and its body: built once, for the wire, the log and people.

`submission_service` sends what is built here. What an approver reads, and what is logged, is the same but for the
content of a file: that stands for itself by its size and SHA-256.

Sources: Microsoft Graph (beta), "Create emailThreatSubmission", "… urlThreatSubmission", "… fileThreatSubmission",
"tenantAllowOrBlockListAction".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC

from bot.domain.requests.evidence import Evidence
from bot.domain.submissions.submission import Submission, SubmissionKind

_ROOT = "security/threatSubmission"
PATHS: Mapping[SubmissionKind, str] = {
    SubmissionKind.EMAIL: f"{_ROOT}/emailThreats",
    SubmissionKind.URL: f"{_ROOT}/urlThreats",
    SubmissionKind.FILE: f"{_ROOT}/fileThreats",
}
#: "Should not have been blocked", in Graph's words.
_CATEGORY = "notJunk"


def body_of(what: Submission, *, content: str) -> dict[str, object]:
    """The body without the action. `content` is what stands for the bytes of its file, where it has one."""
    if what.kind is SubmissionKind.URL:
        return {"@odata.type": _type("urlThreatSubmission"), "category": _CATEGORY, "webUrl": f"https://{what.url}"}
    if what.kind is SubmissionKind.FILE:
        return {
            "@odata.type": _type("fileContentThreatSubmission"),
            "category": _CATEGORY,
            "fileName": what.file_name,
            "fileContent": content,
        }
    common = {"category": _CATEGORY, "recipientEmailAddress": what.recipient}
    if what.message_url:
        return {"@odata.type": _type("emailUrlThreatSubmission"), **common, "messageUrl": what.message_url}
    return {"@odata.type": _type("emailContentThreatSubmission"), **common, "fileContent": content}


def action_of(what: Submission) -> dict[str, object]:
    """The wish for an allow that goes with it."""
    return {
        "tenantAllowOrBlockListAction": {
            "action": "allow",
            "expirationDateTime": f"{what.expires.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "note": what.note,
        }
    }


def encoded(what: Submission) -> str:
    """The bytes of its file as the wire has them; empty where it has none. Raises ValueError where they are missing."""
    if what.kind is SubmissionKind.URL or what.message_url:
        return ""
    if what.content is None:
        raise ValueError("a submission by content needs the content")
    return base64.b64encode(what.content).decode()


def as_logged(what: Submission, evidence: Evidence | None) -> Mapping[str, object]:
    """The call for the log, and for people: `evidence` says which file it is."""
    given = evidence or Evidence()
    content = f"(the file: {given.size} bytes, SHA-256 {given.sha256 or 'not known'})"
    return {"call": f"POST {PATHS[what.kind]}", "body": {**body_of(what, content=content), **action_of(what)}}


def as_text(what: Submission, evidence: Evidence | None) -> str:
    """The same as a text of several lines. Whatever is not plain ASCII is spelled out."""
    logged = as_logged(what, evidence)
    return f"{logged['call']}\n{json.dumps(logged['body'], indent=2)}"


def _type(name: str) -> str:
    return f"#microsoft.graph.security.{name}"
