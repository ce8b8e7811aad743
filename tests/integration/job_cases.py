"""What must hold after a job of each kind was done, failed and is to be tried again, or was given up.

A case queues the job as the bot itself does, breaks what it needs, and says what is then to be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from bot.dns.lookup import Lookup
from bot.dns.who_is import WhoIs
from bot.domain.auditing.events import EventKind
from bot.domain.figures.figures import MailSource
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.import_reading import Given
from bot.domain.requests.approval import Approval, ApprovedBy
from bot.domain.requests.binding import Purpose
from bot.domain.requests.renewal import PassedOn, Renewal, RenewalState
from bot.domain.requests.renewing import Renewing
from bot.domain.requests.request import ItemState, Request, Status
from bot.errors import MembersUnread, StoreError
from bot.playground.tenant import Known, SubmissionItem
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.jobs.evidence_fetcher import FETCH_EVIDENCE, EvidencePayload
from bot.slack.jobs.import_reader import READ_IMPORT, ImportPayload
from bot.slack.jobs.late_decisions import FINISH_DECISION, queue_decision
from bot.slack.jobs.step_runner import END_STEP, RUN_STEP, StepEndPayload, StepPayload, queue_step
from bot.store import Job
from bot.store.queue import Queue
from bot.store.slack_tables import DeliveryRow, PostRow
from bot.store.tables import JobRow
from bot.tenant.tracing.service import MailTracing
from bot.workflow.importing.previews import PreviewClick, ask_for, open_preview
from bot.workflow.shared.alerts import alert_given_up
from bot.workflow.shared.job_kinds import CheckPayload, ExportPayload, JobKind, NothingPayload, PersonPayload
from bot.workflow.shared.jobs import (
    ask_owner,
    count_for_owner,
    enqueue,
    later,
    look_for_strays,
    read_lists_anew,
    reply,
    retire,
    show_again,
    tell_below_of,
    tell_of_renewals,
    tell_requester_of,
)
from tests.integration.whole_bot import WholeBot, click_on_card
from tests.support import people
from tests.support.audit_receiver import audit_receiver
from tests.support.deciding import take_back
from tests.support.installation import APPROVALS, APPROVER, REQUESTER
from tests.support.stand_ins import access_to

DOMAIN, IP, SENDER = "evil.example", "203.0.113.7", "billing@fabrikam.example"
MESSAGE_URL = "https://graph.microsoft.com/v1.0/users/user@contoso.example/messages/AAMkAGI2"
MESSAGE = (
    b"Received: from mail.fabrikam.example\r\nMessage-ID: <0042@fabrikam.example>\r\n"
    b"From: billing@fabrikam.example\r\nSubject: Your invoice\r\n\r\nHere it is.\r\n"
)
_A_MONTH = timedelta(days=31)
_METHOD_OF_POSTS = "chat.postMessage"


class Case:
    """One kind of job."""

    kind: str
    alerted = True  #: whether the alert channel hears of it when it is given up
    request: Request

    async def queue(self, bot: WholeBot) -> None:
        """Have the job waiting."""
        raise NotImplementedError

    async def break_it(self, bot: WholeBot) -> None:
        """From here on, no attempt comes to anything."""
        bot.break_tenant()

    async def repair(self, bot: WholeBot) -> None:
        bot.repair()

    async def not_done(self, bot: WholeBot) -> None:
        """It failed and is to be tried again: nobody may think that it was done, nor that it was given up."""

    async def done(self, bot: WholeBot) -> None:
        raise NotImplementedError

    async def given_up(self, bot: WholeBot) -> None:
        """Beside the dead job, its event in the audit log, and the alert. What was broken is well again."""

    async def next_after(self, bot: WholeBot, wait: timedelta) -> Job:
        """The next job of this kind for the same request, which begins after a wait."""
        [job] = await bot.waiting(self.kind)
        assert job.payload["request_id"] == self.request.id
        assert job.attempts == 0
        assert abs(job.run_at - datetime.now(UTC) - wait) < timedelta(minutes=2)
        return job


class Applying(Case):
    kind = JobKind.APPLY

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.approved(DOMAIN)

    async def not_done(self, bot: WholeBot) -> None:
        assert await bot.status(self.request) is Status.APPLYING
        assert not await bot.events(EventKind.REQUEST_FAILED)

    async def done(self, bot: WholeBot) -> None:
        assert await bot.status(self.request) is Status.APPLIED
        assert DOMAIN in str(bot.tenant.lists()["items"])

    async def given_up(self, bot: WholeBot) -> None:
        request = await bot.request(self.request)
        assert request.status is Status.FAILED
        assert "too many calls" in request.failure.lower()
        assert [event.request_id for event in await bot.events(EventKind.REQUEST_FAILED)] == [request.id]
        assert "failed" in bot.cards().lower()
        assert "failed" in bot.told().lower()


class Confirming(Case):
    kind = JobKind.CONFIRM

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.approved(DOMAIN)
        await bot.run()

    async def not_done(self, bot: WholeBot) -> None:
        assert (await bot.item(self.request)).state is ItemState.APPLIED

    async def done(self, bot: WholeBot) -> None:
        assert (await bot.item(self.request)).state is ItemState.CONFIRMED

    async def given_up(self, bot: WholeBot) -> None:
        job = await self.next_after(bot, timedelta(hours=1))
        assert job.payload["looks"] == 1
        assert await bot.status(self.request) is Status.APPLIED


class Expiring(Case):
    """Of an entry that only Portcullis ends."""

    kind = JobKind.EXPIRE

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.approved(IP)
        await bot.run()
        assert IP in str(bot.tenant.lists()["policies"])
        # Before the end that the log has of it nothing is taken out.
        bot.let_pass(_A_MONTH)

    async def not_done(self, bot: WholeBot) -> None:
        assert (await bot.item(self.request)).state is ItemState.APPLIED
        assert IP in str(bot.tenant.lists()["policies"])

    async def done(self, bot: WholeBot) -> None:
        assert (await bot.item(self.request)).state is ItemState.EXPIRED
        assert IP not in str(bot.tenant.lists()["policies"])

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)
        await self.next_after(bot, _A_MONTH + timedelta(hours=1))


class Reminding(Case):
    kind = JobKind.REMIND

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.approved(IP)
        await bot.run()

    async def not_done(self, bot: WholeBot) -> None:
        assert not await bot.events(EventKind.REQUEST_REMINDED)

    async def done(self, bot: WholeBot) -> None:
        [event] = await bot.events(EventKind.REQUEST_REMINDED)
        assert event.request_id == self.request.id

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class Lapsing(Case):
    kind = JobKind.LAPSE

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.proposed(DOMAIN)

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE attachments RENAME TO attachments_away")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE attachments_away RENAME TO attachments")

    async def not_done(self, bot: WholeBot) -> None:
        assert not await bot.events(EventKind.REQUEST_LAPSED)

    async def done(self, bot: WholeBot) -> None:
        assert await bot.status(self.request) is Status.LAPSED
        assert len(await bot.events(EventKind.REQUEST_LAPSED)) == 1

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)
        assert await bot.status(self.request) is Status.PENDING


class CallingLate(Case):
    kind = JobKind.CALL_LATE

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.proposed(DOMAIN)

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE reviews RENAME TO reviews_away")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE reviews_away RENAME TO reviews")

    async def not_done(self, bot: WholeBot) -> None:
        assert not await bot.events(EventKind.APPROVERS_CALLED_LATE)

    async def done(self, bot: WholeBot) -> None:
        assert [event.target for event in await bot.events(EventKind.APPROVERS_CALLED_LATE)] == [APPROVER]

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class CountingMail(Case):
    kind = JobKind.READ_FIGURES
    alerted = False

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.proposed("billing@evil.example")
        self.tracing = MailTracing(access_to(bot.playground.environment()), sources={MailSource.TRACE})
        object.__setattr__(bot.portcullis.context, "tracing", self.tracing)
        async with bot.store.write() as uow:
            await later(uow, JobKind.READ_FIGURES, self.request.id)

    async def break_it(self, bot: WholeBot) -> None:
        # What the tenant doesn't answer is asked for again by itself.
        await bot.run_sql("ALTER TABLE mail_figures RENAME TO mail_figures_away")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE mail_figures_away RENAME TO mail_figures")

    async def not_done(self, bot: WholeBot) -> None:
        assert not await bot.events(EventKind.FIGURES_SHOWN)

    async def done(self, bot: WholeBot) -> None:
        assert len(await bot.events(EventKind.FIGURES_SHOWN)) == 1
        assert await bot.status(self.request) is Status.PENDING
        await self.tracing.close()

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)
        assert await bot.status(self.request) is Status.PENDING
        await self.tracing.close()


class FindingOwners(Case):
    kind = JobKind.FIND_OWNERS
    alerted = False

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.proposed(IP, end="1d")
        # There is nobody to ask, and nothing comes of it.
        object.__setattr__(bot.portcullis.context, "who_is", WhoIs(Lookup([("127.0.0.1", 9)]), senders=(), within=0.01))
        async with bot.store.write() as uow:
            await later(uow, JobKind.FIND_OWNERS, self.request.id)

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE reviews RENAME TO reviews_away")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE reviews_away RENAME TO reviews")

    async def not_done(self, bot: WholeBot) -> None:
        assert not await bot.events(EventKind.OWNERS_SHOWN)

    async def done(self, bot: WholeBot) -> None:
        assert await bot.status(self.request) is Status.PENDING

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)
        assert await bot.status(self.request) is Status.PENDING


class TellingUnreviewed(Case):
    kind = JobKind.UNREVIEWED
    words = "Nobody has reviewed it yet"

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.proposed(DOMAIN)
        async with bot.store.write() as uow:
            approval = Approval(by=ApprovedBy.EMERGENCY, at=datetime.now(UTC))
            await uow.requests.set_approval(self.request.id, approval)
            await uow.requests.move(self.request.id, expected=Status.PENDING, to=Status.APPROVED)
            await later(uow, JobKind.UNREVIEWED, self.request.id)

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE reviews RENAME TO reviews_away")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE reviews_away RENAME TO reviews")

    async def not_done(self, bot: WholeBot) -> None:
        assert self.words not in bot.alerts()

    async def done(self, bot: WholeBot) -> None:
        assert bot.alerts().count(self.words) == 1

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class LookingWhomToRemind(Case):
    kind = JobKind.REMIND_APPROVERS
    alerted = False

    async def queue(self, bot: WholeBot) -> None:
        await bot.proposed(DOMAIN)
        bot.let_pass(_A_MONTH)
        async with bot.store.write() as uow:
            await enqueue(uow, JobKind.REMIND_APPROVERS, NothingPayload())

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE reminders RENAME TO reminders_away")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE reminders_away RENAME TO reminders")

    async def not_done(self, bot: WholeBot) -> None:
        assert "your decision" not in bot.said(f"D{APPROVER[1:]}")

    async def done(self, bot: WholeBot) -> None:
        assert "1 request waits for your decision" in bot.said(f"D{APPROVER[1:]}")

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class RemindingApprover(LookingWhomToRemind):
    kind = JobKind.REMIND_APPROVER

    async def queue(self, bot: WholeBot) -> None:
        await bot.proposed(DOMAIN)
        bot.let_pass(_A_MONTH)
        async with bot.store.write() as uow:
            await enqueue(uow, JobKind.REMIND_APPROVER, PersonPayload(user=APPROVER))


class LookingWhatIsDue(Case):
    """For renewal."""

    kind = JobKind.RENEWALS
    alerted = False

    async def queue(self, bot: WholeBot) -> None:
        object.__setattr__(bot.portcullis.context, "renewing", Renewing(blocks=True))
        await bot.approved(DOMAIN, end="never")
        await bot.run()
        bot.let_pass(timedelta(days=100))
        await self.enqueue(bot)

    async def open_renewal(self, bot: WholeBot) -> Renewal:
        """What the look does, before it has anybody asked."""
        now = bot.portcullis.context.now()
        async with bot.store.write() as uow:
            [opened] = await uow.renewals.add(await uow.known.active(), at=now, answer_by=now + timedelta(days=14))
        return opened

    async def enqueue(self, bot: WholeBot) -> None:
        async with bot.store.write() as uow:
            await enqueue(uow, JobKind.RENEWALS, NothingPayload(), key=JobKind.RENEWALS)

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE renewal_messages RENAME TO renewal_messages_away")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE renewal_messages_away RENAME TO renewal_messages")

    async def not_done(self, bot: WholeBot) -> None:
        assert "due for renewal" not in bot.said(f"D{REQUESTER[1:]}")

    async def done(self, bot: WholeBot) -> None:
        assert "One of your entries is due for renewal" in bot.said(f"D{REQUESTER[1:]}")

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class AskingOwner(LookingWhatIsDue):
    kind = JobKind.ASK_OWNER

    async def enqueue(self, bot: WholeBot) -> None:
        await self.open_renewal(bot)
        async with bot.store.write() as uow:
            await ask_owner(uow, REQUESTER)


class CountingForOwner(LookingWhatIsDue):
    kind = JobKind.COUNT_FOR_OWNER

    async def enqueue(self, bot: WholeBot) -> None:
        await self.open_renewal(bot)
        async with bot.store.write() as uow:
            await count_for_owner(uow, REQUESTER)

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE renewals RENAME TO renewals_away")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE renewals_away RENAME TO renewals")

    async def given_up(self, bot: WholeBot) -> None:
        await self.done(bot)  # they are asked without figures


class TellingOfRenewals(LookingWhatIsDue):
    kind = JobKind.TELL_OF_RENEWALS

    async def enqueue(self, bot: WholeBot) -> None:
        opened, now = await self.open_renewal(bot), bot.portcullis.context.now()
        async with bot.store.write() as uow:
            await uow.renewals.set(opened, RenewalState.PASSED_ON, why=PassedOn.UNANSWERED, at=now)
            await tell_of_renewals(uow)

    async def not_done(self, bot: WholeBot) -> None:
        assert "nobody answers for it" not in bot.cards()

    async def done(self, bot: WholeBot) -> None:
        assert "1 entry due for renewal, and nobody answers for it" in bot.cards()


class Following(Case):
    kind = JobKind.FOLLOW

    async def queue(self, bot: WholeBot) -> None:
        blocked_by = (SubmissionItem(list_type="Sender", value=SENDER),)
        bot.tenant.know(Known(name=MESSAGE_URL, sender=SENDER, subject="Your invoice", blocked_by=blocked_by))
        self.request = await bot.approved(SENDER, operation=Operation.SUBMIT)
        await bot.run()
        assert await bot.status(self.request) is Status.APPLIED
        bot.tenant.go_on()

    async def not_done(self, bot: WholeBot) -> None:
        assert not await bot.events(EventKind.SUBMISSION_RESULT)

    async def done(self, bot: WholeBot) -> None:
        assert len(await bot.events(EventKind.SUBMISSION_RESULT)) == 1
        assert (await bot.item(self.request)).state is ItemState.CONFIRMED

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)
        await self.next_after(bot, timedelta(hours=6))


class ScanningPosture(Case):
    kind = JobKind.SCAN_POSTURE

    async def queue(self, bot: WholeBot) -> None:
        async with bot.store.write() as uow:
            await read_lists_anew(uow)
        await bot.run()
        async with bot.store.write() as uow:
            await enqueue(uow, JobKind.SCAN_POSTURE, NothingPayload())

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE posture_scans RENAME TO posture_scans_away")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE posture_scans_away RENAME TO posture_scans")

    async def not_done(self, bot: WholeBot) -> None:
        assert not await bot.events(EventKind.POSTURE_SCANNED)

    async def done(self, bot: WholeBot) -> None:
        assert len(await bot.events(EventKind.POSTURE_SCANNED)) == 1

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class Watching(Case):
    kind = JobKind.WATCH

    async def queue(self, bot: WholeBot) -> None:
        async with bot.store.write() as uow:
            await read_lists_anew(uow)

    async def break_it(self, bot: WholeBot) -> None:
        # A list that can't be read fails nothing: the snapshot says so of it.
        bot.break_sign_in()

    async def not_done(self, bot: WholeBot) -> None:
        async with bot.store.read() as uow:
            assert await uow.snapshots.load() is None

    async def done(self, bot: WholeBot) -> None:
        async with bot.store.read() as uow:
            assert await uow.snapshots.load() is not None

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class Cleaning(Case):
    kind = JobKind.CLEAN

    async def queue(self, bot: WholeBot) -> None:
        long_ago = datetime.now(UTC) - timedelta(days=3)
        async with bot.store.write() as uow:
            await uow.deliveries.first_time("long ago")
            await uow.jobs._scope.session.execute(update(DeliveryRow).values(seen_at=long_ago))
            await uow.deliveries.first_time("just now")
            await enqueue(uow, JobKind.CLEAN, NothingPayload())

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE deliveries RENAME TO deliveries_away")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE deliveries_away RENAME TO deliveries")

    async def done(self, bot: WholeBot) -> None:
        async with bot.store.write() as uow:
            assert [await uow.deliveries.first_time(key) for key in ("long ago", "just now")] == [True, False]

    async def given_up(self, bot: WholeBot) -> None:
        async with bot.store.write() as uow:
            assert not await uow.deliveries.first_time("long ago")


class Anchoring(Case):
    kind = JobKind.ANCHOR

    async def queue(self, bot: WholeBot) -> None:
        async with bot.store.write() as uow:
            await uow.audit.append(EventKind.CHECK_ASKED, actor=REQUESTER, target=DOMAIN, at=datetime.now(UTC))
            await enqueue(uow, JobKind.ANCHOR, NothingPayload())

    async def break_it(self, bot: WholeBot) -> None:
        """Nothing else of the bot has to do with what tells of a head."""
        if bot.is_sqlite:
            when = "WHEN NEW.payload LIKE '%log_anchored%' BEGIN SELECT RAISE(ABORT, 'no'); END"
            await bot.run_sql(f"CREATE TRIGGER no_head BEFORE INSERT ON jobs {when}")
        else:
            await bot.run_sql("ALTER TABLE jobs ADD CONSTRAINT no_head CHECK (payload::text NOT LIKE '%log_anchored%')")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("DROP TRIGGER no_head" if bot.is_sqlite else "ALTER TABLE jobs DROP CONSTRAINT no_head")

    async def done(self, bot: WholeBot) -> None:
        [event] = await bot.events(EventKind.AUDIT_ANCHORED)
        assert f"{event.payload['seq']} {event.payload['hash']}" in bot.alerts()


class HandingOn(Case):
    kind = JobKind.HAND_ON

    async def queue(self, bot: WholeBot) -> None:
        self.running = audit_receiver()
        self.receiver = self.running.__enter__()
        object.__setattr__(bot.portcullis.context, "receiver", self.receiver.client)
        async with bot.store.write() as uow:
            await uow.audit.append(EventKind.CHECK_ASKED, actor=REQUESTER, target=DOMAIN, at=datetime.now(UTC))
            await enqueue(uow, JobKind.HAND_ON, NothingPayload())

    async def break_it(self, bot: WholeBot) -> None:
        del bot
        self.receiver.status = 503

    async def repair(self, bot: WholeBot) -> None:
        del bot
        self.receiver.status = 200

    async def not_done(self, bot: WholeBot) -> None:
        async with bot.store.read() as uow:
            assert await uow.audit_cursors.at(self.receiver.client.name) == 0

    async def done(self, bot: WholeBot) -> None:
        async with bot.store.read() as uow:
            assert await uow.audit_cursors.at(self.receiver.client.name) == self.receiver.taken[-1]
        self.running.__exit__(None, None, None)

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)
        self.running.__exit__(None, None, None)


class ForgettingAddresses(Case):
    kind = JobKind.FORGET_ADDRESSES

    async def queue(self, bot: WholeBot) -> None:
        later = datetime.now(UTC) + timedelta(days=1)
        async with bot.store.write() as uow:
            payload = {"indicators": [DOMAIN], "user": REQUESTER, "response_url": "https://hooks.example/1"}
            await uow.jobs.enqueue(JobKind.CHECK, payload, run_at=later)
            long_ago = datetime.now(UTC) - timedelta(hours=1)
            await uow.jobs._scope.session.execute(update(JobRow).values(created_at=long_ago))
            await enqueue(uow, JobKind.FORGET_ADDRESSES, NothingPayload())

    async def break_it(self, bot: WholeBot) -> None:  # noqa: ARG002 - the store breaks, not the bot
        async def broken(*_: object) -> int:
            raise StoreError("The database is away.")

        self.whole = Queue.forget_addresses
        Queue.forget_addresses = broken  # type: ignore[method-assign, assignment]

    async def repair(self, bot: WholeBot) -> None:  # noqa: ARG002 - likewise
        Queue.forget_addresses = self.whole  # type: ignore[method-assign]

    async def address(self, bot: WholeBot) -> object:
        [check] = await bot.waiting(JobKind.CHECK)
        return check.payload["response_url"]

    async def not_done(self, bot: WholeBot) -> None:
        assert await self.address(bot)

    async def done(self, bot: WholeBot) -> None:
        assert await self.address(bot) == ""

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class Notifying(Case):
    kind = JobKind.NOTIFY

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.proposed(DOMAIN)

    async def break_it(self, bot: WholeBot) -> None:
        bot.break_slack(_METHOD_OF_POSTS, channel=APPROVALS)

    async def not_done(self, bot: WholeBot) -> None:
        assert bot.cards() == ""
        assert "evil[.]example" in bot.told(), "what keeps the card keeps no message to the requester"

    async def done(self, bot: WholeBot) -> None:
        assert "evil[.]example" in bot.cards()

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class KeepingCards(Case):
    kind = JobKind.KEEP_CARDS

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.proposed(DOMAIN)
        await bot.run_sql("DELETE FROM jobs")  # nothing else posts the card
        async with bot.store.write() as uow:
            await enqueue(uow, JobKind.KEEP_CARDS, NothingPayload())

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE messages RENAME TO messages_away")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE messages_away RENAME TO messages")

    async def not_done(self, bot: WholeBot) -> None:
        assert bot.cards() == ""

    async def done(self, bot: WholeBot) -> None:
        assert "evil[.]example" in bot.cards()

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class TellingRequester(Notifying):
    kind = JobKind.TELL_REQUESTER

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.proposed(DOMAIN)
        await bot.run_sql("DELETE FROM jobs")  # the card's job queues it, and isn't what this is about
        async with bot.store.write() as uow:
            await tell_requester_of(uow, self.request.proposal_id)

    async def break_it(self, bot: WholeBot) -> None:
        bot.break_slack(_METHOD_OF_POSTS, channel=REQUESTER)

    async def not_done(self, bot: WholeBot) -> None:
        assert bot.told() == ""

    async def done(self, bot: WholeBot) -> None:
        assert "evil[.]example" in bot.told()


class TellingBelow(Case):
    kind = JobKind.TELL_BELOW

    async def queue(self, bot: WholeBot) -> None:
        request = await bot.proposed(DOMAIN)
        await bot.run()
        self.request = await take_back(bot.portcullis.context, request.id)
        await bot.run_sql("DELETE FROM jobs")  # the card's job queues it, and isn't what this is about
        async with bot.store.write() as uow:
            await tell_below_of(uow, request.proposal_id)

    async def break_it(self, bot: WholeBot) -> None:
        bot.break_slack(_METHOD_OF_POSTS, channel=APPROVALS)

    async def not_done(self, bot: WholeBot) -> None:
        assert "Withdrawn" not in bot.cards()

    async def done(self, bot: WholeBot) -> None:
        assert "Withdrawn" in bot.cards()

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class Posting(Case):
    """What ends as one message. What Slack doesn't take can't be told of in Slack."""

    alerted = False
    words = ""

    async def break_it(self, bot: WholeBot) -> None:
        bot.break_slack(_METHOD_OF_POSTS)

    def place(self, bot: WholeBot) -> str:
        return bot.told()

    async def not_done(self, bot: WholeBot) -> None:
        assert self.place(bot) == ""

    async def done(self, bot: WholeBot) -> None:
        assert self.words in self.place(bot)

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class Alerting(Posting):
    kind = JobKind.ALERT
    words = "Something is wrong."

    async def queue(self, bot: WholeBot) -> None:
        async with bot.store.write() as uow:
            await alert_given_up(uow, JobKind.WATCH, details=self.words)

    def place(self, bot: WholeBot) -> str:
        return bot.alerts()


class Replying(Posting):
    kind = JobKind.REPLY
    words = "Nothing was changed."

    async def queue(self, bot: WholeBot) -> None:
        message = Message.build(name="answer", text=self.words, blocks=[elements.section(self.words)])
        async with bot.store.write() as uow:
            await reply(uow, message.to_dict(), user=REQUESTER)


class Checking(Posting):
    """It ends when the answers are written down: each is told by a job of its own."""

    kind = JobKind.CHECK
    words = "evil[.]example"

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE items RENAME TO somewhere_else")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE somewhere_else RENAME TO items")

    async def queue(self, bot: WholeBot) -> None:
        async with bot.store.write() as uow:
            await enqueue(uow, JobKind.CHECK, CheckPayload(indicators=(DOMAIN,), user=REQUESTER))


class CountingForSomebody(Checking):
    """It ends likewise; what was found is kept for an hour."""

    kind = JobKind.COUNT_MAIL
    words = "Last 10 days: "

    async def queue(self, bot: WholeBot) -> None:
        self.tracing = MailTracing(access_to(bot.playground.environment()), sources={MailSource.TRACE})
        object.__setattr__(bot.portcullis.context, "tracing", self.tracing)
        async with bot.store.write() as uow:
            await read_lists_anew(uow)
        await bot.run()
        async with bot.store.write() as uow:
            await enqueue(uow, JobKind.COUNT_MAIL, CheckPayload(indicators=(DOMAIN,), user=REQUESTER))

    async def done(self, bot: WholeBot) -> None:
        await super().done(bot)
        await self.tracing.close()

    async def given_up(self, bot: WholeBot) -> None:
        await super().given_up(bot)
        await self.tracing.close()


class SharingResult(Case):
    kind = JobKind.RESULT

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.approved(DOMAIN)
        await bot.run()
        async with bot.store.write() as uow:
            await later(uow, JobKind.RESULT, self.request.id)

    async def break_it(self, bot: WholeBot) -> None:
        bot.break_slack("files.getUploadURLExternal")

    def shared(self, bot: WholeBot) -> list[str]:
        return [file.name for file in bot.playground.slack.state.files if file.shares]

    async def not_done(self, bot: WholeBot) -> None:
        assert self.shared(bot) == []

    async def done(self, bot: WholeBot) -> None:
        assert self.shared(bot) == [f"request-{self.request.id}.csv"] * 2

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class Fetching(Case):
    """What begins with a file that is still in Slack, and for whose end somebody waits."""

    given_up_words = ""

    async def break_it(self, bot: WholeBot) -> None:
        bot.break_slack("files.info")

    async def not_done(self, bot: WholeBot) -> None:
        assert await bot.requests() == []
        assert bot.told() == ""

    async def done(self, bot: WholeBot) -> None:
        [request] = await bot.requests()
        assert request.status is Status.PENDING
        assert f"#{request.id}" in bot.told()

    async def given_up(self, bot: WholeBot) -> None:
        assert await bot.requests() == []
        assert self.given_up_words in bot.told()


class Importing(Fetching):
    kind = READ_IMPORT
    given_up_words = "Your import could not be read, and nothing was requested by it."

    async def queue(self, bot: WholeBot) -> None:
        payload = ImportPayload(
            user=REQUESTER,
            operation=Operation.ADD,
            action=Action.BLOCK,
            end="30d",
            reason="Phishing wave",
            text="",
            file=bot.given_file(b"evil.example\n", "evil.csv"),
            delivery="import:one",
        )
        await Watching().queue(bot)
        await bot.run()
        async with bot.store.write() as uow:
            await enqueue(uow, self.kind, payload)

    async def done(self, bot: WholeBot) -> None:
        assert await bot.requests() == [], "nothing is requested before the person says so"
        assert "1 of 1 line would be requested" in bot.told()


class Previewing(Case):
    """An import that its person has given, and that a job has kept."""

    content = b"evil.example\n"

    async def queue(self, bot: WholeBot) -> None:
        await Watching().queue(bot)
        await bot.run()
        self.preview = await open_preview(
            bot.portcullis.context,
            Given(content=self.content, name="evil.csv"),
            owner=REQUESTER,
            operation=Operation.ADD,
            action=Action.BLOCK,
            end="30d",
            reason="Phishing wave",
            delivery="import:one",
        )

    async def ask(self, bot: WholeBot) -> None:
        """Look at its preview, and have it requested."""
        await bot.run()
        async with bot.store.read() as uow:
            shown = await uow.previews.get(self.preview.id)
        click = PreviewClick(
            preview_id=shown.id, version=shown.version, delivery="click", channel=shown.channel, ts=shown.ts
        )
        await ask_for(bot.portcullis.context, click, actor=people.REQUESTER)


class ShowingImport(Previewing):
    kind = JobKind.SHOW_PREVIEW

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE items RENAME TO somewhere_else")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE somewhere_else RENAME TO items")

    async def done(self, bot: WholeBot) -> None:
        assert "1 of 1 line would be requested" in bot.told()

    async def given_up(self, bot: WholeBot) -> None:
        assert "Your import could not be shown, and nothing was requested by it." in bot.told()


class TellingOfImport(Previewing):
    kind = JobKind.TELL_PREVIEW

    async def queue(self, bot: WholeBot) -> None:
        await super().queue(bot)
        await self.break_it(bot)
        await bot.run()
        bot.repair()

    async def break_it(self, bot: WholeBot) -> None:
        bot.break_slack(_METHOD_OF_POSTS)

    async def done(self, bot: WholeBot) -> None:
        assert "1 of 1 line would be requested" in bot.told()

    async def given_up(self, bot: WholeBot) -> None:
        assert "Your import could not be shown, and nothing was requested by it." in bot.told()


class RequestingImport(Previewing):
    kind = JobKind.REQUEST_PREVIEW

    async def queue(self, bot: WholeBot) -> None:
        await super().queue(bot)
        await self.ask(bot)

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE items RENAME TO somewhere_else")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE somewhere_else RENAME TO items")

    async def done(self, bot: WholeBot) -> None:
        [request] = await bot.requests()
        assert request.status is Status.PENDING
        assert "1 of 1 line requested" in bot.told()

    async def given_up(self, bot: WholeBot) -> None:
        assert await bot.requests() == []
        assert "Your import could not be requested." in bot.told()
        assert "1 of 1 line would be requested" in bot.told(), "it can be asked for once more"


class GivingOutcome(Previewing):
    kind = JobKind.GIVE_OUTCOME
    content = b"evil.example\nwhat is this\n"

    async def queue(self, bot: WholeBot) -> None:
        await super().queue(bot)
        await self.ask(bot)
        await self.break_it(bot)
        await bot.run()
        bot.repair()

    async def break_it(self, bot: WholeBot) -> None:
        bot.break_slack("files.getUploadURLExternal")

    async def done(self, bot: WholeBot) -> None:
        assert "import-outcome.csv" in [file.name for file in bot.playground.slack.state.files if file.shares]

    async def given_up(self, bot: WholeBot) -> None:
        assert "was requested (#1), but what became of each line could not be told" in bot.told()


class ExportingAudit(Posting):
    kind = JobKind.EXPORT_AUDIT
    alerted = True

    async def queue(self, bot: WholeBot) -> None:
        payload = ExportPayload(user=APPROVER, query="checks", format="jsonl", asked_at=datetime.now(UTC))
        async with bot.store.write() as uow:
            await uow.audit.append(EventKind.CHECK_ASKED, actor=REQUESTER, target=DOMAIN, at=datetime.now(UTC))
            await enqueue(uow, JobKind.EXPORT_AUDIT, payload)

    async def not_done(self, bot: WholeBot) -> None:
        assert not await bot.events(EventKind.AUDIT_EXPORTED)
        assert not [file for file in bot.playground.slack.state.files if file.shares]

    async def done(self, bot: WholeBot) -> None:
        [event] = await bot.events(EventKind.AUDIT_EXPORTED)
        assert (event.actor, event.payload["events"]) == (APPROVER, 1)

    async def given_up(self, bot: WholeBot) -> None:
        assert not await bot.events(EventKind.AUDIT_EXPORTED)


class FetchingEvidence(Fetching):
    kind = FETCH_EVIDENCE
    given_up_words = "The file of your submission could not be fetched, and nothing was requested by it."

    async def queue(self, bot: WholeBot) -> None:
        payload = EvidencePayload(
            user=REQUESTER,
            indicators=SENDER,
            end="30d",
            reason="Invoices of a supplier",
            recipient="user@contoso.example",
            file=bot.given_file(MESSAGE, "blocked.eml"),
            delivery="one",
        )
        async with bot.store.write() as uow:
            await enqueue(uow, self.kind, payload)

    async def done(self, bot: WholeBot) -> None:
        await super().done(bot)
        [request] = await bot.requests()
        async with bot.store.read() as uow:
            assert await uow.attachments.get(request.id) == ("blocked.eml", MESSAGE)


class Retiring(Case):
    """Of a card that isn't on record any more, and that somebody clicked on."""

    kind = JobKind.RETIRE
    alerted = False

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.proposed(DOMAIN)
        await bot.run()
        async with bot.store.write() as uow:
            [card] = await uow.messages.of_request(self.request.id, Purpose.CARD)
            await uow.messages.forget(card.id)
            await retire(uow, self.request.id, channel=card.channel, ts=card.ts)

    async def break_it(self, bot: WholeBot) -> None:
        bot.break_slack("chat.update")

    async def not_done(self, bot: WholeBot) -> None:
        assert "Waits for approval" in bot.cards()

    async def done(self, bot: WholeBot) -> None:
        assert "isn't the one that Portcullis has on record" in bot.cards()

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class LookingForStrays(Case):
    """Of an alert that was posted again, and stands twice."""

    kind = JobKind.STRAYS
    alerted = False

    async def queue(self, bot: WholeBot) -> None:
        await Alerting().queue(bot)
        await bot.run()
        conversation = bot.playground.slack.state.conversations.find(bot.playground.workspace.alert_channel)
        assert conversation is not None
        self.messages = conversation.messages
        [said] = self.messages
        self.messages.append(replace(said, ts=bot.playground.slack.state.conversations.next_ts()))
        async with bot.store.write() as uow:
            [key] = await uow.jobs._scope.session.scalars(select(PostRow.key))
            await look_for_strays(uow, key, thread=None, at=bot.store.clock())

    async def break_it(self, bot: WholeBot) -> None:
        bot.break_slack("conversations.history")

    async def not_done(self, bot: WholeBot) -> None:
        assert bot.alerts().count(Alerting.words) == 2

    async def done(self, bot: WholeBot) -> None:
        assert bot.alerts().count(Alerting.words) == 1

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


class ShowingAgain(Case):
    """Of a card that an update of before has undone."""

    kind = JobKind.SHOW_AGAIN
    alerted = False

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.proposed(DOMAIN)
        await bot.run()
        conversation = bot.playground.slack.state.conversations.find(bot.playground.workspace.approval_channel)
        assert conversation is not None
        [card] = [message for message in conversation.messages if message.thread_ts is None]
        card.text, card.blocks = "As it was before.", []
        async with bot.store.write() as uow:
            await show_again(uow, self.request.id, at=bot.store.clock(), after=1)

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE messages RENAME TO messages_away")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE messages_away RENAME TO messages")

    async def not_done(self, bot: WholeBot) -> None:
        assert "As it was before." in bot.cards()

    async def done(self, bot: WholeBot) -> None:
        assert "Waits for approval" in bot.cards()

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


#: A kind that isn't here makes the test of them fail.
class Deciding(Case):
    """Of an approval that waits for Slack to say who is an approver."""

    kind = FINISH_DECISION
    alerted = False

    async def queue(self, bot: WholeBot) -> None:
        self.request = await bot.proposed(DOMAIN)
        await bot.run()
        await queue_decision(
            bot.portcullis.context,
            bot.portcullis.workspace.client,
            subject=ActionId.APPROVE,
            body=click_on_card(bot, "Approve", who=APPROVER),
            delivery="0123456789abcdef",
            why=MembersUnread("Not now.", retry_after=60),
        )

    async def break_it(self, bot: WholeBot) -> None:
        bot.break_slack("usergroups.users.list")

    async def not_done(self, bot: WholeBot) -> None:
        assert await bot.status(self.request) is Status.PENDING

    async def done(self, bot: WholeBot) -> None:
        assert await bot.status(self.request) is Status.APPLIED
        assert "has counted now" in bot.said(f"D{APPROVER[1:]}")

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)
        assert "did not count" in bot.said(f"D{APPROVER[1:]}")


class StepCase(Case):
    """A step of Workflow Builder that waits in Slack for its end."""

    def begin(self, bot: WholeBot) -> None:
        [step] = bot.playground.workspace.steps
        state = bot.playground.slack.state
        self.step = state.steps.begin(step, user_id=REQUESTER, typed={}, at=state.clock.stamp())

    async def not_done(self, bot: WholeBot) -> None:  # noqa: ARG002 - what each case is asked
        assert self.step.status == "running"


class RunningStep(StepCase):
    """It ends when what came of it is written down: Slack is told by a job of its own."""

    kind = RUN_STEP

    async def queue(self, bot: WholeBot) -> None:
        self.begin(bot)
        payload = StepPayload(
            user=REQUESTER, indicators=DOMAIN, reason="Phishing wave", lasts="", run=self.step.id, workflow=""
        )
        await queue_step(bot.portcullis.context, payload)

    async def break_it(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE items RENAME TO somewhere_else")

    async def repair(self, bot: WholeBot) -> None:
        await bot.run_sql("ALTER TABLE somewhere_else RENAME TO items")

    async def not_done(self, bot: WholeBot) -> None:
        await super().not_done(bot)
        assert await bot.requests() == []

    async def done(self, bot: WholeBot) -> None:
        [request] = await bot.requests()
        assert (request.status, request.requester) == (Status.PENDING, REQUESTER)
        await self.next_end(bot)
        assert (self.step.status, self.step.outputs["proposal"]) == ("completed", f"#{request.id}")

    async def given_up(self, bot: WholeBot) -> None:
        assert await bot.requests() == []
        assert self.step.status == "failed"
        assert "Nothing was requested." in self.step.error

    async def next_end(self, bot: WholeBot) -> None:
        """Tell Slack, once the card is there that the step waits for."""
        bot.portcullis.context.card_links.workspace_at("https://playground.example/")
        [end] = await bot.waiting(END_STEP)
        await bot.make_due(end)
        await bot.run()
        assert self.step.outputs["card"].startswith(f"https://playground.example/archives/{APPROVALS}/p")


class EndingStep(StepCase):
    kind = END_STEP

    async def queue(self, bot: WholeBot) -> None:
        self.begin(bot)
        async with bot.store.write() as uow:
            await enqueue(uow, END_STEP, StepEndPayload(run=self.step.id, error="Nothing was requested."))

    async def break_it(self, bot: WholeBot) -> None:
        bot.break_slack("functions.completeError")

    async def done(self, bot: WholeBot) -> None:  # noqa: ARG002 - what each case is asked
        assert (self.step.status, self.step.error) == ("failed", "Nothing was requested.")

    async def given_up(self, bot: WholeBot) -> None:
        await self.not_done(bot)


CASES: dict[str, Callable[[], Case]] = {
    str(case.kind): case
    for case in (
        Applying,
        Confirming,
        Expiring,
        Reminding,
        Lapsing,
        CallingLate,
        CountingMail,
        FindingOwners,
        TellingUnreviewed,
        LookingWhomToRemind,
        RemindingApprover,
        LookingWhatIsDue,
        AskingOwner,
        CountingForOwner,
        TellingOfRenewals,
        Following,
        Watching,
        ScanningPosture,
        Cleaning,
        Anchoring,
        HandingOn,
        ExportingAudit,
        ForgettingAddresses,
        Notifying,
        KeepingCards,
        TellingRequester,
        TellingBelow,
        Alerting,
        Checking,
        CountingForSomebody,
        Replying,
        SharingResult,
        Importing,
        ShowingImport,
        RequestingImport,
        TellingOfImport,
        GivingOutcome,
        FetchingEvidence,
        Retiring,
        LookingForStrays,
        ShowingAgain,
        Deciding,
        RunningStep,
        EndingStep,
    )
}
