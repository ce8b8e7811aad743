"""The jobs that end in Slack, ready to be run: each is declared beside its handler."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.directory import Directory
from bot.slack.jobs.alert_keeper import AlertKeeper
from bot.slack.jobs.answers import ANSWER_JOBS, Answers
from bot.slack.jobs.approver_reminders import APPROVER_JOBS, ApproverReminders
from bot.slack.jobs.audit_exporter import EXPORT_JOB, AuditExporter
from bot.slack.jobs.card_keeper import KEEP_CARDS_JOB, CardKeeper
from bot.slack.jobs.doubted_updates import DOUBT_JOB, DoubtedUpdates
from bot.slack.jobs.evidence_fetcher import EVIDENCE_JOB, EvidenceFetcher
from bot.slack.jobs.files_once import FilesOnce
from bot.slack.jobs.first_telling import FirstTelling
from bot.slack.jobs.import_previews import PREVIEW_JOBS, ImportPreviews
from bot.slack.jobs.import_reader import IMPORT_JOB, ImportReader
from bot.slack.jobs.late_decisions import DECISION_JOB, Finisher, LateDecisions
from bot.slack.jobs.next_telling import NextTelling
from bot.slack.jobs.notifier import NOTIFIER_JOBS, Notifier
from bot.slack.jobs.outage_teller import OutageTeller
from bot.slack.jobs.poster import Poster
from bot.slack.jobs.posture_teller import PostureTeller
from bot.slack.jobs.preview_teller import TELLER_JOBS, PreviewTeller
from bot.slack.jobs.renewal_teller import RENEWAL_JOBS, RenewalTeller
from bot.slack.jobs.result_sharer import RESULT_JOB, ResultSharer
from bot.slack.jobs.step_runner import STEP_JOBS, StepRunner
from bot.slack.jobs.story_teller import STORY_JOB, StoryTeller
from bot.slack.jobs.stray_keeper import STRAY_JOBS, StrayKeeper
from bot.slack.jobs.unrequested_teller import UnrequestedTeller
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import BoundJob


def slack_jobs(
    *,
    context: Context,
    client: AsyncWebClient,
    directory: Directory,
    finishers: Mapping[str, Finisher],
    tls: ssl.SSLContext,
    approval_channel: str,
    alert_channel: str,
) -> tuple[BoundJob, ...]:
    """What the registry takes beside the workflow's own jobs. Nothing is called yet.

    `finishers` do the decisions that had to wait, see `bot.slack.jobs.late_decisions`.
    """
    poster = Poster(context=context, client=client)
    cards = CardKeeper(context=context, poster=poster, approval_channel=approval_channel, alert_channel=alert_channel)
    stories = StoryTeller(context=context, poster=poster)
    notifier = Notifier(
        context=context,
        poster=poster,
        cards=cards,
        alerts=AlertKeeper(context=context, client=client, poster=poster),
        outages=OutageTeller(context=context, poster=poster, alert_channel=alert_channel),
        unrequested=UnrequestedTeller(
            context=context,
            poster=poster,
            files=FilesOnce(context=context, client=client),
            alert_channel=alert_channel,
        ),
        posture=PostureTeller(context=context, poster=poster, alert_channel=alert_channel),
        stories=stories,
        first=FirstTelling(context=context, poster=poster, cards=cards),
        after=NextTelling(context=context, poster=poster, approval_channel=approval_channel),
        alert_channel=alert_channel,
    )
    strays = StrayKeeper(context=context, client=client, poster=poster)
    answers = Answers(context=context, poster=poster, tls=tls)
    imports = ImportReader(context=context, client=client, directory=directory, tls=tls)
    previews = ImportPreviews(context=context, directory=directory)
    teller = PreviewTeller(context=context, client=client, poster=poster)
    evidence = EvidenceFetcher(context=context, client=client, directory=directory, tls=tls)
    exporter = AuditExporter(context=context, client=client, poster=poster, directory=directory)
    decisions = LateDecisions(context=context, client=client, directory=directory, finishers=finishers)
    renewals = RenewalTeller(
        context=context,
        client=client,
        poster=poster,
        directory=directory,
        files=FilesOnce(context=context, client=client),
        approval_channel=approval_channel,
    )
    steps = StepRunner(context=context, client=client, directory=directory)
    reminders = ApproverReminders(context=context, client=client, poster=poster, directory=directory)
    return (
        *(job.bound_to(notifier) for job in NOTIFIER_JOBS),
        KEEP_CARDS_JOB.bound_to(cards),
        STORY_JOB.bound_to(stories),
        DOUBT_JOB.bound_to(DoubtedUpdates(context=context)),
        *(job.bound_to(answers) for job in ANSWER_JOBS),
        RESULT_JOB.bound_to(ResultSharer(context=context, client=client)),
        *(job.bound_to(strays) for job in STRAY_JOBS),
        IMPORT_JOB.bound_to(imports),
        *(job.bound_to(previews) for job in PREVIEW_JOBS),
        *(job.bound_to(teller) for job in TELLER_JOBS),
        EVIDENCE_JOB.bound_to(evidence),
        DECISION_JOB.bound_to(decisions),
        EXPORT_JOB.bound_to(exporter),
        *(job.bound_to(reminders) for job in APPROVER_JOBS),
        *(job.bound_to(renewals) for job in RENEWAL_JOBS),
        *(job.bound_to(steps) for job in STEP_JOBS),
    )
