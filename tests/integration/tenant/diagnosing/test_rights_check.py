"""The rights that settings switch on: each is asked for without a write, each missing one named with its remedy."""

from __future__ import annotations

import pytest
from starlette.responses import Response

from bot.diagnosis import Diagnosis
from bot.tenant.access import TenantAccess
from bot.tenant.diagnosing.diagnosis import diagnose
from bot.tenant.optional_rights import JUNK_SETTINGS, NO_MAILBOX, RIGHTS, rights_for
from tests.integration.tenant.scripted import Received, Scripted, page, refusal

EVERYTHING = {"OVERRIDES": "on", "SAFE_SENDERS": "on"}


async def look(settings: TenantAccess, chosen: dict[str, str]) -> dict[str, Diagnosis]:
    found = await diagnose(settings, rights=rights_for(chosen))
    assert all(diagnosis.ok or diagnosis.remedy for diagnosis in found)
    return {diagnosis.check: diagnosis for diagnosis in found}


def wanted(chosen: dict[str, str]) -> set[str]:
    return {cmdlet for right in rights_for(chosen) if right.switch for cmdlet in right.cmdlets}


async def test_what_is_off_is_not_asked_for_and_is_one_line(service: Scripted, settings: TenantAccess) -> None:
    found = await look(settings, {})
    assert not {received.cmdlet for received in service.received} & wanted(EVERYTHING)
    assert [check for check in found if check.startswith("right")] == ["rights that are off"]
    for right in RIGHTS:
        assert (right.name in found["rights that are off"].details) == (right.switch is not None), right.name


async def test_each_cmdlet_that_is_on_is_asked_for(service: Scripted, settings: TenantAccess) -> None:
    found = await look(settings, EVERYTHING)
    assert wanted(EVERYTHING) <= {received.cmdlet for received in service.received}
    rights = [diagnosis for check, diagnosis in found.items() if check.startswith("right: ")]
    assert len(rights) == 6
    assert all(diagnosis.ok for diagnosis in rights)


async def test_a_missing_one_is_named_with_the_line_that_gives_it_and_the_others_are_well(
    service: Scripted, settings: TenantAccess
) -> None:
    service.by_cmdlet["Get-TransportRule"] = lambda _: refusal(403, "")
    found = await look(settings, {"OVERRIDES": "on"})
    assert [check for check, diagnosis in found.items() if not diagnosis.ok] == ["right: mail flow rules"]
    missing = found["right: mail flow rules"]
    assert "Get-TransportRule" in missing.details
    assert "-EnabledCmdlets Get-TransportRule" in missing.remedy
    assert "OVERRIDES" in missing.remedy


async def test_of_a_place_with_several_cmdlets_those_are_named_that_are_missing(
    service: Scripted, settings: TenantAccess
) -> None:
    def answer(received: Received) -> Response:
        return refusal(403, "") if received.cmdlet == "Get-HostedContentFilterRule" else page()

    service.by_cmdlet |= dict.fromkeys(("Get-HostedContentFilterPolicy", "Get-HostedContentFilterRule"), answer)
    missing = (await look(settings, {"OVERRIDES": "on"}))["right: anti-spam policies"]
    assert "may not run Get-HostedContentFilterRule," in missing.details


async def test_any_other_refusal_is_told_in_the_words_of_the_service(service: Scripted, settings: TenantAccess) -> None:
    service.by_cmdlet["Get-TransportRule"] = lambda _: refusal(400, "What is this?")
    found = await look(settings, {"OVERRIDES": "on"})
    assert "What is this?" in found["right: mail flow rules"].details


MAILBOX = "right: safe senders"
SAFE_SENDERS = {"SAFE_SENDERS": "on"}


async def test_a_cmdlet_about_one_mailbox_is_tried_on_one_that_exists_nowhere(
    service: Scripted, settings: TenantAccess
) -> None:
    await look(settings, SAFE_SENDERS)
    [asked] = [received for received in service.received if received.cmdlet == JUNK_SETTINGS]
    assert asked.parameters == {"Identity": NO_MAILBOX, "ResultSize": 1}
    assert NO_MAILBOX.endswith(".invalid")


@pytest.mark.parametrize(
    ("answer", "ok", "words"),
    [
        (refusal(404, "The object couldn't be found."), True, "may run"),
        (refusal(400, "The mailbox couldn't be found."), True, "may run"),
        (page(), True, "may run"),
        (page({"TrustedSendersAndDomains": ["union.example"]}), True, "may run"),
        (refusal(403, ""), False, "may not run Get-MailboxJunkEmailConfiguration,"),
        (refusal(400, "What is this?"), False, "What is this?"),
    ],
)
async def test_that_it_is_not_there_shows_that_the_cmdlet_may_be_run(
    service: Scripted, settings: TenantAccess, answer: Response, ok: bool, words: str
) -> None:
    service.by_cmdlet[JUNK_SETTINGS] = lambda _: answer
    found = (await look(settings, SAFE_SENDERS))[MAILBOX]
    assert (found.ok, words in found.details) == (ok, True)
    assert "union.example" not in found.details + found.remedy
