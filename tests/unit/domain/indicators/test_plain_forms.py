"""A plain text is read by its shape alone, and comes to what reading it wholly comes to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Indicator
from bot.domain.indicators.plain_forms import PlainForm, plain_form, plain_link
from bot.domain.indicators.reader import read, read_wholly
from bot.errors import InvalidIndicator

OWN = frozenset({"contoso.example"})

CASES = [
    ("evil.example", PlainForm.NAME),
    ("*.evil.example", PlainForm.NAME),
    ("münchen.example", PlainForm.NAME),
    ("evil[.]example", PlainForm.NAME),
    ("203.0.113.7", PlainForm.NUMBERS),
    ("203.0.113.0/24", PlainForm.NUMBERS),
    ("203.0.113", PlainForm.NUMBERS),
    ("bob@evil.example", PlainForm.ADDRESS),
    ("bob@evil", PlainForm.ADDRESS),
    ("https://evil.example/a", PlainForm.URL),
    ("hxxps://evil[.]example", PlainForm.URL),
    ("evil.example/a?b=c", PlainForm.URL),
    ("2001:db8::7", PlainForm.IPV6),
    ("a" * 64, PlainForm.HASH),
]
#: What the reader takes out, or judges, before it looks at the shape.
OTHERS = [
    *(" evil.example", "evil.example.", "(evil.example)", "From:evil.example", "<http://evil.example|evil.example>"),
    *(
        "evil\u200b.example",
        "evil(.)example",
        "x=y@evil.example",
        "203.0.113.5-203.0.113.9",
        "0x7f.1",
        "evil.example:25",
    ),
    *(
        "evil.example#a",
        "ｅvil.example",
        "evil",
        "evil.example, good.example",
        "a.example/b&amp;c",
        f"{'a' * 249}.example",
    ),
]
PIECES = st.sampled_from(
    [
        *(
            "evil.example",
            "a",
            "b.c",
            "de",
            "0",
            "1",
            "203.0.113",
            ".7",
            "255",
            "/24",
            "2001:db8:",
            "f",
            "xn--mnchen-3ya",
        ),
        *(
            ".",
            "..",
            "-",
            "_",
            "/",
            "@",
            ":",
            "::",
            "*",
            "*.",
            "~",
            "?",
            "=",
            "%2f",
            "+",
            "[.]",
            "[",
            "]",
            "0x",
            "ü",
            "ａ",
        ),
        *(
            "https://",
            "hxxp://",
            "http:/",
            "ftp://",
            "From:",
            "ip4:",
            "bounce=",
            "spoof",
            ".exe",
            ".zip",
            "contoso.example",
        ),
        *(
            "eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example",
            "²",
            "İ",
            "ſ",
            "日本",
            "\u0301",
            " ",
        ),
    ]
)


#: Slack's links, with labels that say the same, another thing or nothing.
LINKS = st.builds(
    lambda scheme, target, label: f"<{scheme}{target}{label.format(target=target, scheme=scheme)}>",
    st.sampled_from(["http://", "https://", "mailto:", "HTTP://", ""]),
    st.lists(PIECES, min_size=1, max_size=3).map("".join),
    st.sampled_from(["", "|{target}", "|{scheme}{target}", "|", "|evil.example"]),
)


@pytest.mark.parametrize(("text", "form"), CASES)
def test_a_plain_text_says_by_its_shape_what_reads_it(text: str, form: PlainForm) -> None:
    found = plain_form(text)

    assert found is not None
    assert found[0] is form


@pytest.mark.parametrize("text", OTHERS)
def test_a_text_in_which_something_may_have_to_be_undone_is_not_plain(text: str) -> None:
    assert plain_form(text) is None


@pytest.mark.parametrize(
    ("link", "typed"),
    [
        ("<http://evil.example|evil.example>", "evil.example"),
        ("<https://evil.example/a>", "https://evil.example/a"),
        ("<https://evil.example/a|https://evil.example/a>", "https://evil.example/a"),
        ("<mailto:bob@evil.example|bob@evil.example>", "bob@evil.example"),
        # what can't be told without looking, and what is no link
        ("<https://evil.example|evil.example>", None),
        ("<http://evil.example|good.example>", None),
        ("<mailto:bob@evil.example>", None),
        ("<@U0123>", None),
        ("evil.example", None),
    ],
)
def test_a_link_of_slacks_is_plain_where_its_label_says_just_where_it_leads(link: str, typed: str | None) -> None:
    assert plain_link(link) == typed


@given(
    st.one_of(
        st.lists(PIECES, min_size=1, max_size=6).map("".join),
        st.sampled_from([text for text, _ in CASES]),
        LINKS,
        st.text(alphabet="ab01.-_/:@", max_size=14),
        st.text(alphabet="aü日.-[]²ａ", max_size=10),
        st.from_regex(r"[a-f0-9]{1,4}(:[a-f0-9]{0,4}){2,8}(/[0-9]{1,3})?", fullmatch=True),
    )
)
@example("http://01.2.3.4:2:3")
@example("<mailto:bob@evil.example|bob@evil.example>")
@example("<https://evil.example>")
def test_a_plain_text_comes_to_the_same_as_when_it_is_read_wholly(text: str) -> None:
    assert _outcome(lambda: read(text)) == _outcome(lambda: read_wholly(text))
    assert _outcome(lambda: read(text, accepted_domains=OWN)) == _outcome(
        lambda: read_wholly(text, accepted_domains=OWN)
    )


def _outcome(reading: Callable[[], Indicator]) -> Indicator | tuple[str, str]:
    try:
        return reading()
    except InvalidIndicator as error:
        return error.what, error.remedy
