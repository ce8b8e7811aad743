"""What a job is told, as it lies in the outbox: rows that an older version queued must still be understood."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.errors import PayloadUnreadable
from bot.slack.jobs.evidence_fetcher import FETCH_EVIDENCE, EvidencePayload
from bot.slack.jobs.import_reader import READ_IMPORT, ImportPayload
from bot.slack.jobs.late_decisions import FINISH_DECISION, DecisionPayload
from bot.slack.jobs.step_runner import END_STEP, RUN_STEP, StepEndPayload, StepPayload
from bot.workflow.shared.job_definition import KindOfJob
from bot.workflow.shared.job_kinds import (
    AlertPayload,
    ApplyPayload,
    CheckPayload,
    ConfirmPayload,
    ExportPayload,
    JobKind,
    MessageParts,
    NothingPayload,
    OutcomePayload,
    PersonPayload,
    PreviewPayload,
    RepeatedPayload,
    ReplyPayload,
    RequestPayload,
    StrayPayload,
    TellPreviewPayload,
)
from tests.support.jobs import declared_kinds

FILE = {"id": "F1", "name": "evil.csv", "size": 13, "url_private_download": "https://files.slack.com/x"}
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "Denied."}, "block_id": "b-1"}]
OF_A_REQUEST = [
    JobKind.EXPIRE,
    JobKind.LAPSE,
    JobKind.CALL_LATE,
    JobKind.UNREVIEWED,
    JobKind.REMIND,
    JobKind.FOLLOW,
    JobKind.READ_FIGURES,
    JobKind.FIND_OWNERS,
    JobKind.RESULT,
    JobKind.NOTIFY,
    JobKind.TELL_REQUESTER,
    JobKind.TELL_BELOW,
]

#: What is stored is not to be changed here, only added to: it lies in somebody's database. What nobody reads any
#: more may go, and what an older version stored of it is then read below.
STORED: list[tuple[KindOfJob[Any], dict[str, Any], object]] = [
    *((kind, {"request_id": 7}, RequestPayload(request_id=7)) for kind in OF_A_REQUEST),
    (JobKind.APPLY, {"request_id": 7, "sent_at": None}, ApplyPayload(request_id=7)),
    (
        JobKind.APPLY,
        {"request_id": 7, "sent_at": "2026-11-02T09:00:00Z"},
        ApplyPayload(request_id=7, sent_at=datetime(2026, 11, 2, 9, tzinfo=UTC)),
    ),
    (JobKind.CONFIRM, {"request_id": 7, "looks": 3}, ConfirmPayload(request_id=7, looks=3)),
    (
        JobKind.REMIND_APPROVER,
        {"user": "U0APPROVE1", "anew": False},
        PersonPayload(user="U0APPROVE1"),
    ),
    (
        JobKind.ALERT,
        {"what": "entry_missing", "request_id": 7, "details": "evil.example", "event": None, "outage": None},
        AlertPayload(what="entry_missing", request_id=7, details="evil.example"),
    ),
    (
        JobKind.ALERT,
        {"what": "unnamed_allow", "request_id": 7, "details": "", "event": 417, "outage": None},
        AlertPayload(what="unnamed_allow", request_id=7, event=417),
    ),
    (
        JobKind.ALERT,
        {"what": "lists.watch", "request_id": None, "details": "", "event": None, "outage": None},
        AlertPayload(what="lists.watch"),
    ),
    (
        JobKind.ALERT,
        {"what": "socket_lost", "request_id": None, "details": "", "event": None, "outage": 3},
        AlertPayload(what="socket_lost", outage=3),
    ),
    (
        JobKind.COUNT_MAIL,
        {
            "indicators": ["evil.example"],
            "kinds": ["domain"],
            "user": "U1",
            "response_url": "https://hooks.example/1",
            "notes": [[]],
            "may_propose": False,
            "mailbox": "",
        },
        CheckPayload(
            indicators=("evil.example",),
            kinds=("domain",),
            notes=((),),
            user="U1",
            response_url="https://hooks.example/1",
        ),
    ),
    (
        JobKind.CHECK,
        {
            "indicators": ["evil.example"],
            "kinds": ["domain"],
            "user": "U1",
            "response_url": "https://hooks.example/1",
            "notes": [[["label_stripped", "‘From:’ was left out."]]],
            "may_propose": True,
            "mailbox": "ana@contoso.example",
        },
        CheckPayload(
            indicators=("evil.example",),
            kinds=("domain",),
            notes=((("label_stripped", "‘From:’ was left out."),),),
            may_propose=True,
            mailbox="ana@contoso.example",
            user="U1",
            response_url="https://hooks.example/1",
        ),
    ),
    (
        JobKind.REPLY,
        {
            "message": {"text": "Denied.", "blocks": BLOCKS},
            "user": "U1",
            "response_url": "",
            "then": [],
            "replaces": False,
            "only_there": False,
        },
        ReplyPayload(message=MessageParts(text="Denied.", blocks=tuple(BLOCKS)), user="U1"),
    ),
    (
        JobKind.REPLY,
        {
            "message": {"text": "Denied.", "blocks": BLOCKS},
            "user": "U1",
            "response_url": "",
            "then": [{"text": "And that.", "blocks": BLOCKS}],
            "replaces": True,
            "only_there": False,
        },
        ReplyPayload(
            message=MessageParts(text="Denied.", blocks=tuple(BLOCKS)),
            user="U1",
            then=(MessageParts(text="And that.", blocks=tuple(BLOCKS)),),
            replaces=True,
        ),
    ),
    (
        JobKind.TELL_PREVIEW,
        {
            "preview_id": 7,
            "version": 2,
            "message": {"text": "Denied.", "blocks": BLOCKS},
            "outcome": "bGluZQo=",
            "again": False,
        },
        TellPreviewPayload(
            preview_id=7,
            version=2,
            message=MessageParts(text="Denied.", blocks=tuple(BLOCKS)),
            outcome="bGluZQo=",
        ),
    ),
    (
        JobKind.GIVE_OUTCOME,
        {"preview_id": 7, "outcome": "bGluZQo="},
        OutcomePayload(preview_id=7, outcome="bGluZQo="),
    ),
    (
        JobKind.RETIRE,
        {"request_id": 7, "preview_id": None, "channel": "C1", "ts": "1.000100"},
        StrayPayload(request_id=7, channel="C1", ts="1.000100"),
    ),
    (JobKind.STRAYS, {"key": "card:7:C1", "thread": None}, RepeatedPayload(key="card:7:C1")),
    (JobKind.SHOW_AGAIN, {"request_id": 7}, RequestPayload(request_id=7)),
    (JobKind.WATCH, {}, NothingPayload()),
    (JobKind.CLEAN, {}, NothingPayload()),
    (JobKind.KEEP_CARDS, {}, NothingPayload()),
    (JobKind.REMIND_APPROVERS, {}, NothingPayload()),
    (JobKind.SCAN_POSTURE, {}, NothingPayload()),
    (JobKind.RENEWALS, {}, NothingPayload()),
    *(
        (kind, {"user": "U0REQUESTER", "anew": False}, PersonPayload(user="U0REQUESTER"))
        for kind in (JobKind.ASK_OWNER, JobKind.TELL_OF_RENEWALS, JobKind.COUNT_FOR_OWNER)
    ),
    (JobKind.READ_FIGURES, {"request_id": 7}, RequestPayload(request_id=7)),
    (JobKind.ANCHOR, {}, NothingPayload()),
    (JobKind.HAND_ON, {}, NothingPayload()),
    (
        JobKind.EXPORT_AUDIT,
        {"user": "U1", "query": "7d", "format": "csv", "asked_at": "2030-01-02T03:04:05Z"},
        ExportPayload(user="U1", query="7d", format="csv", asked_at=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)),
    ),
    (JobKind.FORGET_ADDRESSES, {}, NothingPayload()),
    (JobKind.SHOW_PREVIEW, {"preview_id": 7}, PreviewPayload(preview_id=7)),
    (JobKind.REQUEST_PREVIEW, {"preview_id": 7}, PreviewPayload(preview_id=7)),
    (
        READ_IMPORT,
        {
            "user": "U1",
            "operation": "add",
            "action": "block",
            "end": "30d",
            "reason": "Phishing wave",
            "text": "",
            "file": FILE,
            "delivery": "import:1",
        },
        ImportPayload(
            user="U1",
            operation=Operation.ADD,
            action=Action.BLOCK,
            end="30d",
            reason="Phishing wave",
            text="",
            file=FILE,
            delivery="import:1",
        ),
    ),
    (
        FETCH_EVIDENCE,
        {
            "user": "U1",
            "indicators": "evil.example",
            "end": "30d",
            "reason": "Invoices",
            "recipient": "user@contoso.example",
            "file": FILE,
            "delivery": "1",
        },
        EvidencePayload(
            user="U1",
            indicators="evil.example",
            end="30d",
            reason="Invoices",
            recipient="user@contoso.example",
            file=FILE,
            delivery="1",
        ),
    ),
    (
        FINISH_DECISION,
        {
            "subject": "request_approve",
            "body": {"type": "block_actions", "user": {"id": "U1"}},
            "delivery": "1",
            "until": "2026-01-02T03:04:05Z",
            "proof": "00",
        },
        DecisionPayload(
            subject="request_approve",
            body={"type": "block_actions", "user": {"id": "U1"}},
            delivery="1",
            until=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            proof="00",
        ),
    ),
    (
        RUN_STEP,
        {
            "user": "U1",
            "indicators": "evil.example",
            "reason": "Phishing wave",
            "lasts": "30d",
            "run": "Fx1",
            "workflow": "Wx1",
        },
        StepPayload(
            user="U1", indicators="evil.example", reason="Phishing wave", lasts="30d", run="Fx1", workflow="Wx1"
        ),
    ),
    (
        END_STEP,
        {"run": "Fx1", "proposal": 7, "set_aside": "", "error": ""},
        StepEndPayload(run="Fx1", proposal=7),
    ),
]


@pytest.mark.parametrize(("kind", "stored", "payload"), STORED)
def test_what_is_stored_is_what_was_stored_and_read_as_that(
    kind: KindOfJob[Any], stored: dict[str, Any], payload: object
) -> None:
    assert kind.as_stored(payload) == stored
    assert kind.read(json.loads(json.dumps(stored))) == payload
    assert stored.keys() == {field.name for field in fields(kind.payload)}


def test_each_kind_is_stored() -> None:
    assert {str(kind) for kind, _, _ in STORED} == declared_kinds()


@pytest.mark.parametrize(
    ("kind", "stored", "payload"),
    [
        (JobKind.APPLY, {"request_id": 7}, ApplyPayload(request_id=7)),
        (JobKind.CONFIRM, {"request_id": 7}, ConfirmPayload(request_id=7, looks=1)),
        (
            JobKind.REPLY,
            {"message": {"text": "", "blocks": []}, "user": "U1"},
            ReplyPayload(message=MessageParts(text="", blocks=()), user="U1"),
        ),
        (JobKind.CHECK, {"indicators": [], "user": "U1"}, CheckPayload(indicators=(), user="U1")),
        (
            JobKind.CHECK,
            {"indicators": [], "user": "U1", "channel": "C1", "response_url": ""},
            CheckPayload(indicators=(), user="U1"),
        ),
        (JobKind.APPLY, {"request_id": 7, "of a later version": True}, ApplyPayload(request_id=7)),
        (JobKind.WATCH, {"of a later version": True}, NothingPayload()),
        (JobKind.ALERT, {"what": "lists.watch"}, AlertPayload(what="lists.watch")),
    ],
)
def test_what_another_version_stored_is_read(kind: KindOfJob[Any], stored: dict[str, Any], payload: object) -> None:
    assert kind.read(stored) == payload


@pytest.mark.parametrize(
    ("kind", "stored", "said"),
    [
        (JobKind.APPLY, {}, "request_id: Field required"),
        (JobKind.APPLY, {"request_id": "evil.example"}, "request_id: Input should be a valid integer"),
        (JobKind.CONFIRM, {"request_id": 7, "looks": None}, "looks: Input should be a valid integer"),
        (JobKind.ALERT, {"request_id": 7}, "what: Field required"),
        (JobKind.REPLY, {"message": {"text": ""}, "user": "U1"}, "message.blocks: Field required"),
        (JobKind.CHECK, {"indicators": "evil.example", "user": "U1"}, "indicators: Input should be a valid tuple"),
        (JobKind.CHECK, {"indicators": [], "user": 7}, "user: Input should be a valid string"),
    ],
)
def test_what_cannot_be_read_is_told_without_what_stands_there(
    kind: KindOfJob[Any], stored: dict[str, Any], said: str
) -> None:
    with pytest.raises(PayloadUnreadable) as caught:
        kind.read(stored)
    assert f"a job {kind} can't be read ({said}" in caught.value.what
    assert "evil.example" not in str(caught.value)
