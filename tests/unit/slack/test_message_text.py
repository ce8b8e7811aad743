"""All that a message says, wherever it stands in it, and whatever its shape."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.message_text import text_of


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}]}


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"text": "evil.example"}, "evil.example"),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "evil.example"}}]}, "evil.example"),
        ({"blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "a"}, {"text": "b"}]}]}, "a\nb"),
        (rich({"type": "text", "text": "evil", "style": {"bold": True}}, {"type": "text", "text": ".example"}),
         "evil.example"),
        ({"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [
            {"type": "text", "text": "evil", "style": {"bold": True}}, {"type": "text", "text": ".example"}]}]}]},
         "evil.example"),
        (rich({"type": "link", "url": "https://evil.example/a", "text": "click"}), " <https://evil.example/a|click> "),
        (rich({"type": "link", "url": "https://evil.example/a"}), " https://evil.example/a "),
        ({"attachments": [{"title": "Evil", "title_link": "https://evil.example", "text": "page", "fallback": "page"}]},
         "page\nEvil\nhttps://evil.example"),
        ({"attachments": [{"fields": [{"title": "Sender", "value": "bad@evil.example", "short": True}]}]},
         "Sender\nbad@evil.example"),
        ({"attachments": [{"is_msg_unfurl": True, "from_url": "https://workspace.example/archives/C0GENERAL/p1",
                           "message_blocks": [{"message": {"text": "forwarded"}}]}]}, "forwarded"),
        ({"attachments": [{"author_name": "Evil", "author_link": "https://evil.example"}]},
         "https://evil.example\nEvil"),
        ({"attachments": [{"message_blocks": [{"message": {"text": "forwarded"}}]}]}, "forwarded"),
        ({"blocks": [{"type": "actions", "elements": [{"text": {"text": "Go"}, "value": "x.example"}]}]}, "Go"),
        ({"text": "same", "attachments": [{"text": "same"}]}, "same"),
        ({"user": "U0SOMEBODY", "image_url": "https://pictures.example/x"}, ""),
        (None, ""),
        ("text", ""),
        ([], ""),
    ],
)  # fmt: skip
def test_what_it_says(message: object, said: str) -> None:
    assert text_of(message) == said


def test_what_is_deep_or_long_comes_to_an_end() -> None:
    deep: dict[str, Any] = {"text": "bottom"}
    for _ in range(500):
        deep = {"text": "level", "blocks": [deep]}
    assert "bottom" not in text_of(deep)
    assert len(text_of({"blocks": [{"text": f"{number} " + "x" * 1_000} for number in range(500)]})) == 60_000


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["text", "type", "elements", "blocks", "title", "value", "url"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(_JSON)
@settings(max_examples=60, deadline=None)
def test_whatever_comes_is_read(message: object) -> None:
    assert isinstance(text_of(message), str)
