"""What the alert channel is told of a connection to Slack that was lost."""

from __future__ import annotations

from datetime import datetime

from bot.domain.telling.alert_facts import AlertFacts, AlertKind
from bot.domain.telling.sentence import CommandLine, Moment, Quoted, Sentence, Strong, sentence


def socket_lost(process: str, *, number: int, began_at: datetime, ended_at: datetime | None) -> AlertFacts:
    """That a process, named for people, has had no Socket Mode connection since then; and until when, once it has.

    `number` tells this time from others.
    """
    said = sentence(
        Strong("What people type and click in Slack doesn't arrive"),
        ": since ",
        Moment(began_at),
        " there is no Socket Mode connection (",
        Quoted(process),
        "). Portcullis goes on trying; what was approved is applied, and messages go out.",
    )
    remedy: Sentence = (
        "Nothing needs to be done when it is back within minutes. Else find the cause in the log; ",
        CommandLine("portcullis doctor"),
        " says whether Slack gives a connection.",
    )
    now: Sentence = ()
    if ended_at is not None:
        remedy = ()
        now = ("connected again since ", Moment(ended_at), ". What was typed or clicked in between has to be repeated.")
    return AlertFacts(kind=AlertKind.SOCKET, sentence=said, remedy=remedy, reference=str(number), now=now)
