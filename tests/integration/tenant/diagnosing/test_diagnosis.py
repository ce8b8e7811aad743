"""What `portcullis doctor` finds about the tenant: each thing by itself, what is missing, and where it is given."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.diagnosis import Diagnosis
from bot.domain.lists.change import Change, Operation
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.lists.traits import ListName
from bot.playground.tenant import MailRights
from bot.playground.tenant.faults import Fault, FaultKind
from bot.playground.tenant.standin import TenantStandIn
from bot.playground.tenant.tenant import Roles
from bot.tenant.access import Cloud, SignIn, TenantAccess
from bot.tenant.diagnosing.diagnosis import diagnose
from bot.tenant.diagnosing.guidance import Guidance
from bot.tenant.diagnosing.write_check import WriteCheck
from bot.tenant.exchange.tenant import Tenant
from bot.tenant.optional_rights import Api, rights_for
from tests.integration.tenant.conftest import QUICK
from tests.integration.tenant.scripted import CLIENT_ID, TENANT_ID, serving_app
from tests.integration.tenant.signing_in.test_access_tokens import certificate_pem, key_pem, make_certificate
from tests.support.stand_ins import access_to

NEW_ITEMS = "New-TenantAllowBlockListItems"
REMOVE_ITEMS = "Remove-TenantAllowBlockListItems"
SET_POLICY = "Set-HostedConnectionFilterPolicy"
SUBMISSIONS = rights_for({"SUBMISSIONS": "on"})
WRITES = {NEW_ITEMS, REMOVE_ITEMS, SET_POLICY}


@dataclass(frozen=True)
class Stage:
    """The stand-in, and settings that point at it."""

    standin: TenantStandIn
    settings: TenantAccess

    async def look(self, **more: object) -> dict[str, Diagnosis]:
        settings = more.pop("settings", self.settings)
        found = await diagnose(settings, **more)  # type: ignore[arg-type]
        assert all(diagnosis.ok or diagnosis.remedy for diagnosis in found), "what is wrong has a remedy"
        assert len({diagnosis.check for diagnosis in found}) == len(found)
        return {diagnosis.check: diagnosis for diagnosis in found}

    def written(self) -> list[str]:
        return [str(call["cmdlet"]) for call in self.standin.calls() if call["cmdlet"] in WRITES]

    def is_empty(self) -> bool:
        lists = self.standin.lists()
        policies, items = lists["policies"], lists["items"]
        assert isinstance(policies, list)
        assert isinstance(items, dict)
        return not any(policy["IPBlockList"] for policy in policies) and not any(items.values())


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    standin = TenantStandIn(tenant_id=TENANT_ID, client_id=CLIENT_ID, client_secret=secrets.token_hex(16))
    async with serving_app(standin.app()) as url:
        settings = access_to(standin.environment(url), patience=QUICK)
        yield Stage(standin, settings)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


async def test_all_is_well_and_nothing_is_written(stage: Stage) -> None:
    found = await stage.look()
    checks = list(found)
    assert checks[:4] == ["credential", "token", "app role Exchange.ManageAsApp", "directory role"]
    assert len([check for check in checks if check.startswith("list: ")]) == len(ListName)
    assert checks[-3:] == ["accepted domains", "clock", "rights that are off"]
    assert all(diagnosis.ok and not diagnosis.remedy for diagnosis in found.values())
    assert found["list: connection filter"].details == "Readable; 0 entries."
    assert found["accepted domains"].details == "Readable; 1 domain."
    assert stage.written() == []


async def test_the_token_says_by_which_way_and_until_when(stage: Stage) -> None:
    details = (await stage.look())["token"].details
    assert "by secret" in details
    until = datetime.strptime(details.split("good until ")[1], "%Y-%m-%d %H:%M UTC.").replace(tzinfo=UTC)
    assert timedelta(minutes=57) < until - datetime.now(UTC) <= timedelta(hours=1)


async def test_without_a_token_no_list_is_tried(stage: Stage) -> None:
    secret = secrets.token_hex(8)
    found = await stage.look(settings=replace(stage.settings, secret=secret), rights=SUBMISSIONS, write=True)
    assert [check for check, diagnosis in found.items() if not diagnosis.ok] == ["token", "token (Microsoft Graph)"]
    assert "AADSTS7000215" in found["token"].details
    assert "CLIENT_SECRET" in found["token"].remedy
    assert found["clock"].ok, "the sign-in service has a clock too"
    assert stage.standin.calls() == []
    assert secret not in repr(found)


async def test_an_app_without_the_app_role(stage: Stage) -> None:
    stage.standin.set_roles(Roles(app_role=False))
    found = await stage.look()
    role = found["app role Exchange.ManageAsApp"]
    assert not role.ok
    assert "no app role" in role.details
    path = "entra.microsoft.com → Entra ID → App registrations → All applications"
    for words in (path, CLIENT_ID, "Office 365 Exchange Online", "Exchange.ManageAsApp", "Grant admin consent"):
        assert words in role.remedy
    assert "directory role" not in found, "a 401 says nothing about it"
    refused = [diagnosis for check, diagnosis in found.items() if check.startswith("list: ")]
    assert len(refused) == len(ListName)
    assert all("API permissions" in diagnosis.remedy for diagnosis in refused)
    assert found["token"].ok


@pytest.mark.parametrize("nul_bodies", [False, True])
async def test_an_app_without_a_directory_role(stage: Stage, nul_bodies: bool) -> None:
    stage.standin.set_roles(Roles(directory_role="none", nul_bodies=nul_bodies))
    found = await stage.look()
    assert found["app role Exchange.ManageAsApp"].ok
    assert not found["directory role"].ok
    for words in ("entra.microsoft.com → Entra ID → Roles & admins → Security Administrator", "Security Reader"):
        assert words in found["directory role"].remedy
    assert not any(diagnosis.ok for check, diagnosis in found.items() if check.startswith("list: "))


async def test_one_list_that_cannot_be_read_stands_by_itself(stage: Stage) -> None:
    stage.standin.arm(Fault(kind="403", cmdlet="Get-HostedConnectionFilterPolicy", times=50))
    found = await stage.look()
    assert [check for check, diagnosis in found.items() if not diagnosis.ok] == ["list: connection filter"]
    assert "Roles & admins" in found["list: connection filter"].remedy
    assert found["directory role"].ok


async def test_a_list_behind_a_fault_is_no_missing_role(stage: Stage) -> None:
    stage.standin.arm(Fault(kind="503", times=500))
    found = await stage.look()
    assert "directory role" not in found
    assert not found["accepted domains"].ok


async def test_accepted_domains_out_of_reach_are_a_warning(stage: Stage) -> None:
    stage.standin.arm(Fault(kind="403", cmdlet="Get-AcceptedDomain", times=5))
    domains = (await stage.look())["accepted domains"]
    assert domains.ok
    assert "ACCEPTED_DOMAINS" in domains.remedy


# Microsoft Graph


async def test_graph_is_looked_at_only_when_submissions_are_on(stage: Stage) -> None:
    assert not any("Graph" in check for check in await stage.look())
    found = await stage.look(rights=SUBMISSIONS)
    assert found["token (Microsoft Graph)"].ok
    assert found["app role ThreatSubmission.ReadWrite.All"].ok


async def test_an_app_without_its_role_in_graph(stage: Stage) -> None:
    stage.standin.set_roles(Roles(graph_role=False))
    found = await stage.look(rights=SUBMISSIONS)
    assert [check for check, diagnosis in found.items() if not diagnosis.ok] == [
        "app role ThreatSubmission.ReadWrite.All"
    ]
    assert "Microsoft APIs → Microsoft Graph" in found["app role ThreatSubmission.ReadWrite.All"].remedy


@pytest.mark.parametrize("cloud", [Cloud.GCC_HIGH, Cloud.DOD])
async def test_a_cloud_whose_graph_takes_no_submissions(stage: Stage, cloud: Cloud) -> None:
    found = await stage.look(settings=replace(stage.settings, cloud=cloud), rights=SUBMISSIONS)
    [wrong] = [check for check, diagnosis in found.items() if not diagnosis.ok]
    assert wrong == "app role ThreatSubmission.ReadWrite.All"
    assert "portcullis rights" in found[wrong].remedy


FIGURES = rights_for({"MAIL_FIGURES": "both"})


async def test_a_source_of_mail_figures_is_tried_out(stage: Stage) -> None:
    found = await stage.look(rights=FIGURES)
    assert found["right: message trace"].ok
    assert found["right: hunting"].ok


async def test_of_mail_figures_only_hunting_is_offered_in_every_cloud(stage: Stage) -> None:
    found = await stage.look(settings=replace(stage.settings, cloud=Cloud.GCC_HIGH), rights=FIGURES)
    wrong = [check for check, diagnosis in found.items() if not diagnosis.ok]
    assert wrong == ["app role ExchangeMessageTrace.Read.All"]
    assert found["app role ThreatHunting.Read.All"].ok


async def test_message_trace_takes_an_application_beside_its_permission(stage: Stage) -> None:
    stage.standin.set_mail(rights=MailRights(trace_app=False))
    found = await stage.look(rights=FIGURES)
    assert [check for check, diagnosis in found.items() if not diagnosis.ok] == ["right: message trace"]
    assert "New-MgServicePrincipal" in found["right: message trace"].remedy


async def test_without_its_permission_a_source_is_not_tried(stage: Stage) -> None:
    stage.standin.set_mail(rights=MailRights(hunting=False))
    found = await stage.look(rights=FIGURES)
    assert [check for check, diagnosis in found.items() if not diagnosis.ok] == ["app role ThreatHunting.Read.All"]
    assert "right: hunting" not in found
    assert found["right: message trace"].ok, "it is tried all the same"


# Credentials and clocks


@pytest.mark.parametrize(
    ("days", "ok", "words", "has_remedy"),
    [
        (365, True, "valid until", False),
        (31, True, "valid until", False),
        (5, True, "It ends in 4 days", True),
        (-1, False, "It is not valid now", True),
    ],
)
async def test_the_certificates_end(
    stage: Stage, key: rsa.RSAPrivateKey, days: int, ok: bool, words: str, has_remedy: bool
) -> None:
    certificate = certificate_pem(make_certificate(key, days=days))
    stage.standin.register_certificate(certificate)
    found = await stage.look(settings=replace(stage.settings, certificate=key_pem(key) + certificate))
    credential = found["credential"]
    assert (credential.ok, words in credential.details) == (ok, True)
    assert bool(credential.remedy) == has_remedy
    if has_remedy:
        assert "Certificates & secrets → Certificates → Upload certificate" in credential.remedy
    assert found["token"].ok == ok
    if not ok:
        assert "AADSTS1000502" in found["token"].details


async def test_a_certificate_that_the_app_does_not_know(stage: Stage, key: rsa.RSAPrivateKey) -> None:
    certificate = key_pem(key) + certificate_pem(make_certificate(key))
    found = await stage.look(settings=replace(stage.settings, certificate=certificate))
    assert [check for check, diagnosis in found.items() if not diagnosis.ok] == ["token"]
    assert "Upload" in found["token"].remedy


async def test_a_credential_that_cannot_be_read_or_is_not_there(stage: Stage, tmp_path: Path) -> None:
    for changes in (
        {"certificate": secrets.token_bytes(20)},
        {"secret": None},
        {"sign_in": SignIn.CERTIFICATE},
        {"sign_in": SignIn.WORKLOAD_IDENTITY, "federated_token_file": str(tmp_path / "missing")},
    ):
        found = await stage.look(settings=replace(stage.settings, **changes))  # type: ignore[arg-type]
        assert [check for check, diagnosis in found.items() if not diagnosis.ok] == ["credential", "token"]


async def test_a_federated_token_is_told_and_when_it_has_ended(
    stage: Stage, key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    for ends, ok in ((datetime.now(UTC) + timedelta(hours=1), True), (datetime(2020, 1, 1, tzinfo=UTC), False)):
        token = jwt.encode({"iss": "https://oidc.example", "sub": "bot", "exp": ends}, key, algorithm="RS256")
        file.write_text(token)
        settings = replace(stage.settings, secret=None, federated_token_file=str(file))
        found = await stage.look(settings=settings)
        assert found["credential"].ok == ok
        assert "https://oidc.example" in found["credential"].details
        assert token not in repr(found)


async def test_a_managed_identity_is_told_and_gets_its_permissions_by_command(stage: Stage) -> None:
    # Nothing answers there: what is looked at is the text.
    settings = replace(stage.settings, sign_in=SignIn.MANAGED_IDENTITY, client_id=None)
    guidance = Guidance(settings)
    assert "docs/setup-tenant.md" in guidance.app_role("Exchange.ManageAsApp", api=Api.EXCHANGE)
    assert "the managed identity" in guidance.directory_role("Security Administrator")


def test_the_way_leads_through_the_clouds_own_admin_center(stage: Stage) -> None:
    for cloud, center in ((Cloud.WORLD, "entra.microsoft.com"), (Cloud.GCC_HIGH, "entra.microsoft.us")):
        assert Guidance(replace(stage.settings, cloud=cloud)).directory_role("X").startswith(f"{center} → ")


async def test_a_token_of_another_tenant(stage: Stage) -> None:
    other = "99999999-2222-3333-4444-555555555555"
    found = await stage.look(settings=replace(stage.settings, tenant_id=other))
    assert not found["token"].ok
    assert TENANT_ID in found["token"].details
    assert other in found["token"].details


@pytest.mark.parametrize(
    ("seconds", "ok", "has_remedy", "words"),
    [
        (30, True, False, "ahead of"),
        (-30, True, False, "behind"),
        (100, True, True, "ahead of"),
        (-100, True, True, "behind"),
        (400, False, True, "ahead of"),
        (-400, False, True, "behind"),
    ],
)
async def test_the_clock(stage: Stage, seconds: int, ok: bool, has_remedy: bool, words: str) -> None:
    clock = (await stage.look(now=lambda: datetime.now(UTC) + timedelta(seconds=seconds)))["clock"]
    assert (clock.ok, bool(clock.remedy)) == (ok, has_remedy)
    assert f" s {words} the service's" in clock.details


# Writing


@dataclass
class Writer:
    """The write check with its own tenant, so that no test waits for a read-back."""

    stage: Stage
    tenant: Tenant
    told: list[str]

    async def run(self) -> dict[str, Diagnosis]:
        check = WriteCheck(
            self.tenant, Guidance(self.stage.settings), tell=self.told.append, now=lambda: datetime.now(UTC)
        )
        found = await check.run()
        assert all(diagnosis.ok or diagnosis.remedy for diagnosis in found)
        return {diagnosis.check: diagnosis for diagnosis in found}


@pytest.fixture
async def writer(stage: Stage) -> AsyncIterator[Writer]:
    async def no_wait(seconds: float) -> None:
        assert seconds > 0

    tenant = Tenant(stage.settings, wait=no_wait)
    yield Writer(stage, tenant, [])
    await tenant.close()


ADDRESSES = "write: connection filter"


async def test_both_places_are_written_and_cleaned(stage: Stage) -> None:
    told: list[str] = []
    found = await stage.look(write=True, tell=told.append)
    writes = [diagnosis for check, diagnosis in found.items() if check.startswith("write: ")]
    assert len(writes) == 2
    assert all(diagnosis.ok and "added, read back and taken out" in diagnosis.details for diagnosis in writes)
    assert stage.written() == [NEW_ITEMS, REMOVE_ITEMS, SET_POLICY, SET_POLICY]
    assert stage.is_empty()
    assert [line.split(" ")[0] for line in told] == ["Adding", "Adding"]
    assert ".example.com to " in told[0]
    assert " 192.0.2." in told[1]
    assert stage.standin.remarks() == []


async def test_the_sender_ends_by_itself_and_says_where_it_comes_from(writer: Writer) -> None:
    await writer.run()
    (added,) = [call for call in writer.stage.standin.calls() if call["cmdlet"] == NEW_ITEMS]
    parameters = added["parameters"]
    assert isinstance(parameters, dict)
    ends = datetime.fromisoformat(str(parameters["ExpirationDate"]))
    assert timedelta(0) < ends - datetime.now(UTC) <= timedelta(days=1)
    assert "doctor" in str(parameters["Notes"])


async def test_an_address_that_somebody_listed_is_left_alone(writer: Writer) -> None:
    taken = [f"192.0.2.{number}" for number in range(1, 254)]
    writer.stage.standin.edit(
        SET_POLICY, {"Identity": "Default", "IPBlockList": {"@odata.type": "#Exchange.GenericHashTable", "Add": taken}}
    )
    assert "192.0.2.254" in (await writer.run())[ADDRESSES].details
    assert len(await writer.tenant.read_list(ListName.CONNECTION_FILTER)) == len(taken)
    writer.stage.standin.edit(
        SET_POLICY,
        {"Identity": "Default", "IPBlockList": {"@odata.type": "#Exchange.GenericHashTable", "Add": ["192.0.2.254"]}},
    )
    found = (await writer.run())[ADDRESSES]
    assert not found.ok
    assert "none can be added" in found.details


async def test_a_role_that_only_reads(writer: Writer) -> None:
    writer.stage.standin.set_roles(Roles(directory_role="reader"))
    found = await writer.run()
    assert [diagnosis.ok for diagnosis in found.values()] == [False, False]
    assert all("Roles & admins → Security Administrator" in diagnosis.remedy for diagnosis in found.values())
    assert len(writer.told) == 2, "nothing was left"


@pytest.mark.parametrize("kind", ["504_after", "drop_after", "lag"])
async def test_a_write_whose_answer_is_lost_or_late_is_cleaned_up(writer: Writer, kind: FaultKind) -> None:
    for cmdlet in (NEW_ITEMS, SET_POLICY):
        writer.stage.standin.arm(Fault(kind=kind, cmdlet=cmdlet))
    found = await writer.run()
    assert all(diagnosis.ok for diagnosis in found.values()), found
    assert writer.stage.is_empty()


async def test_a_write_that_does_nothing_is_told(writer: Writer) -> None:
    writer.stage.standin.arm(Fault(kind="ok_but_nothing_happens", cmdlet=NEW_ITEMS))
    found = await writer.run()
    assert not found[next(iter(found))].ok
    assert "never listed it" in found[next(iter(found))].details
    assert found[ADDRESSES].ok


async def test_a_removal_that_fails_once_is_tried_again(writer: Writer) -> None:
    writer.stage.standin.arm(Fault(kind="504", cmdlet=REMOVE_ITEMS))
    assert all(diagnosis.ok for diagnosis in (await writer.run()).values())
    assert writer.stage.is_empty()


async def test_what_could_not_be_taken_out_is_said(writer: Writer) -> None:
    writer.stage.standin.arm(Fault(kind="403", cmdlet=REMOVE_ITEMS, times=50))
    first, second = (await writer.run()).values()
    assert (first.ok, second.ok) == (False, True)
    [left] = [entry.value for entry in await writer.tenant.read_list(ListName.SENDER)]
    assert left in first.details
    assert "security.microsoft.com" in first.remedy
    assert any(left in line and "may be left" in line for line in writer.told)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - the stand-in tells nobody
            await asyncio.sleep(0.005)


async def test_an_interrupted_check_takes_out_what_lands_late(stage: Stage) -> None:
    stage.standin.arm(Fault(kind="delay", cmdlet=NEW_ITEMS, delay=0.3))
    polled = asyncio.Event()

    async def wait(seconds: float) -> None:
        """A read-back's wait, until the write that was cut off has landed."""
        assert seconds > 0
        polled.set()
        await until(lambda: not stage.is_empty())

    told: list[str] = []
    tenant = Tenant(stage.settings, wait=wait)
    try:
        check = WriteCheck(tenant, Guidance(stage.settings), tell=told.append, now=lambda: datetime.now(UTC))
        task = asyncio.create_task(check.run())
        await until(lambda: bool(told))
        await until(lambda: not stage.standin.armed())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    finally:
        await tenant.close()
    assert polled.is_set(), "the list didn't show it at first"
    assert stage.is_empty()
    assert "Stopping" in told[1]
    assert stage.written() == [NEW_ITEMS, REMOVE_ITEMS], "nothing new is begun"


async def test_interrupted_a_second_time_it_says_what_may_be_left(stage: Stage) -> None:
    stage.standin.arm(Fault(kind="delay", cmdlet=NEW_ITEMS, delay=0.3))
    looking = asyncio.Event()

    async def wait(seconds: float) -> None:
        """A read-back's wait that outlasts the person's patience."""
        assert seconds > 0
        looking.set()
        await asyncio.Event().wait()

    told: list[str] = []
    tenant = Tenant(stage.settings, wait=wait)
    try:
        check = WriteCheck(tenant, Guidance(stage.settings), tell=told.append, now=lambda: datetime.now(UTC))
        task = asyncio.create_task(check.run())
        await until(lambda: bool(told))
        await until(lambda: not stage.standin.armed())
        task.cancel()
        async with asyncio.timeout(10):
            await looking.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: not stage.is_empty())
        [left] = [entry.value for entry in await tenant.read_list(ListName.SENDER)]
    finally:
        await tenant.close()
    assert f"A block of {left} may be left" in told[-1]
    assert "security.microsoft.com" in told[-1]


class SlowToRemove(Tenant):
    """Waits before it removes anything."""

    def __init__(self, settings: TenantAccess) -> None:
        super().__init__(settings)
        self.removing, self.go_on = asyncio.Event(), asyncio.Event()

    async def apply(self, change: Change, *, reading: ListSnapshot | None = None, reference: str | None = None) -> None:
        if change.operation is Operation.REMOVE:
            self.removing.set()
            await self.go_on.wait()
        await super().apply(change, reading=reading, reference=reference)


async def test_interrupted_while_it_takes_out_it_goes_on_with_that(stage: Stage) -> None:
    told: list[str] = []
    tenant = SlowToRemove(stage.settings)
    try:
        check = WriteCheck(tenant, Guidance(stage.settings), tell=told.append, now=lambda: datetime.now(UTC))
        task = asyncio.create_task(check.run())
        async with asyncio.timeout(10):
            await tenant.removing.wait()
            task.cancel()
            await until(lambda: len(told) > 1 or task.done())
            tenant.go_on.set()
            with pytest.raises(asyncio.CancelledError):
                await task
    finally:
        await tenant.close()
    assert "Stopping: the block of" in told[1]
    assert stage.is_empty()
    assert stage.written() == [NEW_ITEMS, REMOVE_ITEMS], "nothing new is begun"
