"""The contract: what Exchange Online's admin endpoint does, described once, for the stand-in and for a real tenant.

`make contract` (and `make test`) holds the stand-in to it. To hold a real tenant to it, set what the bot itself needs
to sign in (PORTCULLIS_TENANT_ID, PORTCULLIS_CLIENT_ID and a credential, PORTCULLIS_CLOUD), and

    PORTCULLIS_CONTRACT_TENANT=<the same tenant id again>   on purpose: nobody gets at a tenant by a variable left over
    PORTCULLIS_CONTRACT_WRITE=yes                           to run what writes as well; otherwise the run only reads
    PORTCULLIS_CONTRACT_MAILBOX=<the address of a mailbox>  whose person lets its junk e-mail settings be read

then `make contract`. Reading takes the directory role Security Reader, writing Security Administrator; the audit log's
checks take the application permission AuditLogsQuery-Exchange.Read.All, those of mail figures
ExchangeMessageTrace.Read.All and ThreatHunting.Read.All, and are skipped without them. What is written are blocks and
allows of documentation names and addresses (example.com, 192.0.2.0/24, 2001:db8::/32) that carry a label of
the run's own and, where the service keeps ends, end after a day. Each check takes out what it put in, the run looks for
its label once more at its end, and says by name what it could not take out. Settings that stand are never changed: the
safe list is only ever set to what it is.

A check that fails against a real tenant and not against the stand-in is a fact that the stand-in, and perhaps the bot,
has wrong.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress

import pytest

from bot import settings as env
from bot.as_set import tenant_settings
from bot.playground.samples import MAILBOX
from bot.playground.tenant import Roles
from bot.tenant.access import TenantAccess
from bot.tenant.signing_in.access_tokens import AccessTokens
from tests.contract.audit_log import AuditLog
from tests.contract.mail import MailReports
from tests.contract.service import Service
from tests.contract.writing import Writing
from tests.integration.playground.tenant_wire import new_stand_in, served
from tests.support.stand_ins import access_to

TENANT = os.environ.get("PORTCULLIS_CONTRACT_TENANT", "").strip()
OWN_MAILBOX = os.environ.get("PORTCULLIS_CONTRACT_MAILBOX", "").strip()
#: How long (seconds) a write may take until it shows, and a question to the audit log until it has run.
PATIENCE = 120 if TENANT else 0
MAY_WRITE = not TENANT or os.environ.get("PORTCULLIS_CONTRACT_WRITE", "").strip().lower() == "yes"

# Not skipped but left out: a run that only reads never meets what writes.
collect_ignore_glob = [] if MAY_WRITE else ["test_writing_*.py"]


def pytest_report_header() -> str:
    target = f"the tenant {TENANT}" if TENANT else "the stand-in"
    return f"contract: {target}, {'reading and writing' if MAY_WRITE else 'reading only'}"


@pytest.fixture(scope="session")
def access() -> Iterator[TenantAccess]:
    """How the tenant is reached that is held to the contract."""
    if TENANT:
        if "PYTEST_XDIST_WORKER" in os.environ:
            raise pytest.UsageError("Against a real tenant take `make contract`: two workers would meet there.")
        settings = tenant_settings(env.load(env.TenantSettings))
        if settings.tenant_id.lower() != TENANT.lower():
            raise pytest.UsageError("PORTCULLIS_CONTRACT_TENANT and PORTCULLIS_TENANT_ID name two different tenants.")
        yield settings
        return
    with served(new_stand_in(plan="plan2", accepted_domains=("contoso.example", "mail.contoso.example"))) as wire:
        wire.stand_in.set_roles(Roles(audit_role=True))
        wire.stand_in.seed_mail()
        wire.stand_in.hold_mailbox(MAILBOX, TrustedSendersAndDomains=["fabrikam.example", "info@partner.example"])
        yield access_to(wire.stand_in.environment(wire.base_url))


@pytest.fixture(scope="session")
def service(access: TenantAccess) -> Iterator[Service]:
    """The service that is held to the contract."""
    with Service(access, token=_token(access), patience=PATIENCE) as service:
        yield service


@pytest.fixture(scope="session")
def audit_log(access: TenantAccess) -> Iterator[AuditLog]:
    """Its audit log, through Microsoft Graph."""
    token = _token(access, scope=access.graph_scope)
    with AuditLog(access, token=token, patience=PATIENCE) as audit_log:
        yield audit_log


@pytest.fixture(scope="session")
def mail(access: TenantAccess) -> Iterator[MailReports]:
    """What it tells of its mail, through Microsoft Graph."""
    with MailReports(access, token=_token(access, scope=access.graph_scope)) as mail:
        yield mail


@pytest.fixture(scope="session")
def run(service: Service) -> Iterator[Writing]:
    """What this run writes; at its end nothing of it may be left."""
    writing = Writing(service)
    yield writing
    writing.take_out()
    with suppress(AssertionError):
        service.eventually(lambda: writing.left() == [], "everything is taken out")
    left = writing.left()
    assert left == [], f"take these out by hand: {left}"


@pytest.fixture
def writing(run: Writing) -> Iterator[Writing]:
    """Writes what carries the run's label, and takes it out when the check is over, however it went."""
    yield run
    run.take_out()


def _token(settings: TenantAccess, *, scope: str | None = None) -> str:
    async def acquire() -> str:
        tokens = AccessTokens(settings) if scope is None else AccessTokens(settings, scope=scope)
        try:
            return await tokens.token()
        finally:
            await tokens.close()

    return asyncio.run(acquire())
