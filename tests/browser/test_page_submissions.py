"""What was submitted to Microsoft, beside the lists."""

from __future__ import annotations

import base64

import httpx
from playwright.async_api import Page, expect

from bot.playground.server import Playground
from bot.playground.tenant import TenantStandIn
from tests.browser.places import visit

MESSAGE = b"From: billing@fabrikam.example\r\nSubject: Your invoice\r\n\r\nHere it is.\r\n"


async def test_a_submission_is_shown_with_its_status_and_the_entry_that_came_of_it(
    browser_page: Page, playground: Playground, tenant: TenantStandIn
) -> None:
    settings = tenant.environment(playground.url)
    async with httpx.AsyncClient(trust_env=False) as http:
        form = {
            "grant_type": "client_credentials",
            "client_id": settings["PORTCULLIS_CLIENT_ID"],
            "client_secret": settings["PORTCULLIS_CLIENT_SECRET"],
            "scope": "https://graph.microsoft.com/.default",
        }
        answer = await http.post(f"{settings['PORTCULLIS_AUTHORITY_URL']}/oauth2/v2.0/token", data=form)
        await visit(browser_page, playground)
        filed = await http.post(
            f"{settings['PORTCULLIS_GRAPH_URL']}/beta/security/threatSubmission/emailThreats",
            json={
                "@odata.type": "#microsoft.graph.security.emailContentThreatSubmission",
                "category": "notJunk",
                "recipientEmailAddress": "user@contoso.example",
                "fileContent": base64.b64encode(MESSAGE).decode(),
                "tenantAllowOrBlockListAction": {"action": "allow", "note": "Portcullis request 7"},
            },
            headers={"Authorization": f"Bearer {answer.json()['access_token']}"},
        )
    assert filed.status_code == 201, filed.text
    submitted = browser_page.locator("[data-testid=entry][data-list=submissions]")
    await expect(submitted).to_contain_text("Your invoice")
    await expect(submitted).to_contain_text("Portcullis request 7")
    await expect(submitted).to_have_attribute("data-action", "running")
    tenant.go_on()
    await expect(submitted).to_have_attribute("data-action", "succeeded")
    allowed = browser_page.locator("[data-testid=entry][data-value='billing@fabrikam.example']")
    await expect(allowed).to_have_attribute("data-action", "allow")
