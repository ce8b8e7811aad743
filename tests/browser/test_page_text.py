"""Slack's formatted text as the page draws it, and that nothing in it is ever taken for HTML."""

from __future__ import annotations

from playwright.async_api import Page, expect

from bot.playground.server import Playground
from bot.playground.tenant import TenantStandIn
from tests.browser.places import GENERAL, visit
from tests.browser.small_bot import SmallBot

#: Draws a text with names for two ids, and gives the HTML that came of it.
DRAW = """async (text) => {
  const { render } = await import("/static/mrkdwn.js");
  const names = {
    user: (id) => ({ U1: "Requester" })[id] ?? null,
    channel: (id) => ({ C1: "general" })[id] ?? null,
  };
  const box = document.createElement("div");
  box.append(...render(text, names));
  return box.innerHTML;
}"""

PLAIN = """async (text) => {
  const { render } = await import("/static/mrkdwn.js");
  const box = document.createElement("div");
  box.append(...render(text, { user: () => null, channel: () => null }));
  return box.textContent;
}"""


def lines(inside: str) -> str:
    return f'<div class="lines">{inside}</div>'


def link(address: str, label: str) -> str:
    return f'<span class="link" title="{address} — shown, not opened">{label}</span>'


#: What is written on the wire, and the HTML that it becomes.
TEXTS = {
    "plain": lines("plain"),
    "*bold* _italic_ ~gone~ `code`": lines("<strong>bold</strong> <em>italic</em> <s>gone</s> <code>code</code>"),
    "*bold with _italic_ inside*": lines("<strong>bold with <em>italic</em> inside</strong>"),
    "(*in brackets*), *and* so.": lines("(<strong>in brackets</strong>), <strong>and</strong> so."),
    "2*3*4 snake_case_name": lines("2*3*4 snake_case_name"),
    "* not bold * and *open": lines("* not bold * and *open"),
    "*.evil.example and *.bad.example": lines("*.evil.example and *.bad.example"),
    "`*kept* _as_ is`": lines("<code>*kept* _as_ is</code>"),
    "one\ntwo": lines("one<br>two"),
    "&amp; &lt;b&gt; &quot; &amp;lt;": lines("&amp; &lt;b&gt; &amp;quot; &amp;lt;"),
    "> said\n> twice\nthen": "<blockquote>said<br>twice</blockquote>" + lines("then"),
    "&gt; said": "<blockquote>said</blockquote>",
    ">>> all\nof it": "<blockquote>all<br>of it</blockquote>",
    "• one\n• *two*": "<ul><li>one</li><li><strong>two</strong></li></ul>",
    "- one": "<ul><li>one</li></ul>",
    "3. three\n4. four": '<ol start="3"><li>three</li><li>four</li></ol>',
    "```\n*a* &lt;b&gt;\n  c\n```": '<pre class="code-block"><code>*a* &lt;b&gt;\n  c</code></pre>',
    "<https://evil.example/a?b=1&amp;c=2|evil[.]example>": lines(
        link("https://evil.example/a?b=1&amp;c=2", "evil[.]example")
    ),
    "<mailto:user@evil.example|user@evil.example>": lines(link("mailto:user@evil.example", "user@evil.example")),
    "<https://evil.example>": lines(link("https://evil.example", "https://evil.example")),
    "<javascript:alert(1)|here>": lines(link("javascript:alert(1)", "here")),
    "<@U1> <@U2> <@U2|someone>": lines(
        '<span class="mention" title="U1">@Requester</span> <span class="mention" title="U2">@U2</span> '
        '<span class="mention" title="U2">@someone</span>'
    ),
    "<#C1> <#C2|other>": lines(
        '<span class="mention" title="C1">#general</span> <span class="mention" title="C2">#other</span>'
    ),
    "<!here> <!subteam^S1|@approvers>": lines(
        '<span class="mention everybody">@here</span> <span class="mention" title="S1">@approvers</span>'
    ),
    ":no_such_sign: 10:30:45": lines(":no_such_sign: 10:30:45"),
}

SIGNS = (
    "warning",
    "no_entry",
    "no_entry_sign",
    "white_check_mark",
    "hourglass_flowing_sand",
    "x",
    "lock",
    "unlock",
    "rotating_light",
    "mag",
    "information_source",
    "shield",
    "bell",
)


async def test_formatted_text_becomes_these_elements(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    drawn = {text: await browser_page.evaluate(DRAW, text) for text in TEXTS}
    assert drawn == TEXTS


async def test_dates_are_shown_in_the_readers_own_time_zone(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    # 2027-01-15 23:30 UTC is half past midnight on the next day in Berlin.
    cases = {
        "<!date^1800055800^{date_num} {time}|later>": "2027-01-16 00:30",
        "<!date^1800055800^ends {date_short}|later>": "ends 16 Jan 2027",
        "<!date^1800055800^{date}|later>": "16 January 2027",
        "<!date^not-a-number^{date}|later>": "later",
        "<!date^1800055800^{nonsense}|later>": "later",
        "<!date^1800055800^{constructor}|later>": "later",
    }
    assert {text: await browser_page.evaluate(PLAIN, text) for text in cases} == cases


async def test_known_signs_are_drawn_and_read_out(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    await visit(browser_page, playground)
    await bot.post(channel=GENERAL, text=" ".join(f":{sign}:" for sign in SIGNS))
    signs = browser_page.get_by_test_id("message").locator("[data-emoji]")
    await expect(signs).to_have_count(len(SIGNS))
    for index, sign in enumerate(SIGNS):
        await expect(signs.nth(index)).to_have_attribute("aria-label", sign.replace("_", " "))
        await expect(signs.nth(index).locator("svg")).to_be_visible()


async def test_endless_nesting_and_half_open_marks_come_out_as_text(browser_page: Page, playground: Playground) -> None:
    await visit(browser_page, playground)
    for text in ("*_" * 1500, "<" * 3000, "`" * 2999, "&lt;" * 700, "*a " * 1000, ":" * 3000, "```" * 999):
        expected = text.replace("&lt;", "<")
        drawn = await browser_page.evaluate(PLAIN, text)
        assert drawn.replace("```", "") in expected


async def test_hostile_text_stays_text_wherever_it_stands(
    browser_page: Page, playground: Playground, bot: SmallBot, tenant: TenantStandIn
) -> None:
    hostile = "\"'><img src=x onerror=window.broken=1><script>window.broken=1</script>"
    escaped = hostile.replace("<", "&lt;").replace(">", "&gt;")
    short = "<img src=x onerror=window.broken=1>"
    plain = {"type": "plain_text", "text": short}
    blocks = [
        {"type": "header", "text": plain},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": escaped},
            "fields": [{"type": "mrkdwn", "text": hostile}],
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": f"<https://evil.example|{escaped}> `{escaped}`"}]},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "text": plain, "action_id": "press", "value": hostile},
                {
                    "type": "static_select",
                    "action_id": "pick",
                    "placeholder": plain,
                    "options": [{"text": plain, "value": "one"}],
                },
            ],
        },
    ]
    await visit(browser_page, playground)
    for selector in ("img[src=x]", "[data-testid=message] script"):
        await expect(browser_page.locator(selector)).to_have_count(0)
    await bot.post(channel=GENERAL, text=hostile, blocks=blocks)
    await bot.post(channel=GENERAL, text=escaped)
    tenant.edit(
        "New-TenantAllowBlockListItems",
        {"ListType": "Sender", "Entries": ["evil.example"], "Block": True, "NoExpiration": True, "Notes": hostile},
    )
    composer = browser_page.get_by_test_id("composer")
    await composer.fill(hostile)
    await composer.press("Enter")
    await expect(browser_page.get_by_test_id("message")).to_have_count(3)
    await expect(browser_page.get_by_test_id("message").nth(1)).to_contain_text(hostile)
    await expect(browser_page.get_by_test_id("message").nth(2)).to_contain_text("onerror=window.broken=1")
    await expect(browser_page.locator("h3.block-header")).to_have_text(short)
    await expect(browser_page.locator("[data-testid=entry][data-list=Sender]")).to_contain_text(hostile)
    for selector in ("img[src=x]", "[data-testid=message] script"):
        await expect(browser_page.locator(selector)).to_have_count(0)
    assert await browser_page.evaluate("window.broken") is None


async def test_a_link_leads_nowhere(browser_page: Page, playground: Playground, bot: SmallBot) -> None:
    await visit(browser_page, playground)
    await bot.post(channel=GENERAL, text="<https://evil.example/a|evil[.]example>")
    shown = browser_page.locator("[data-testid=message] .link")
    await expect(shown).to_have_text("evil[.]example")
    await shown.click()
    assert browser_page.url.startswith(playground.url)
    await expect(browser_page.locator("a[href^=http]")).to_have_count(0)
