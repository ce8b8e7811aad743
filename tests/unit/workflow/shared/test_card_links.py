"""Links to cards: made as Slack makes them, and of nothing that isn't what it should be."""

from __future__ import annotations

import pytest

from bot.workflow.shared.card_links import CardLinks


@pytest.mark.parametrize(
    ("address", "channel", "ts", "link"),
    [
        # The example of https://docs.slack.dev/reference/methods/chat.getPermalink
        (
            "https://ghostbusters.slack.com/",
            "C1H9RESGA",
            "135854651500.008",
            "https://ghostbusters.slack.com/archives/C1H9RESGA/p135854651500008",
        ),
        ("http://127.0.0.1:8420/", "C1", "1700000000.000100", "http://127.0.0.1:8420/archives/C1/p1700000000000100"),
        ("", "C1", "1700000000.000100", ""),
        ("https://x.example/|y> <!channel>", "C1", "1700000000.000100", ""),
        ("https://x.example", "C1|<", "1700000000.000100", ""),
        ("https://x.example", "C1", "x", ""),
    ],
)
def test_a_link_is_the_workspace_the_channel_and_the_stamp(address: str, channel: str, ts: str, link: str) -> None:
    links = CardLinks()
    links.workspace_at(address)
    assert links.link(channel, ts) == link
