"""Which mailbox somebody means who checks a sender, in the words that people use; and what is no mailbox."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reading.mailbox_words import mailbox_of, read_mailbox
from bot.errors import InvalidInput

ANA = "ana@contoso.example"


@pytest.mark.parametrize(
    "typed",
    [
        "evil.example for ana@contoso.example",
        "evil.example FOR Ana@Contoso.Example",
        "evil.example, for: ana@contoso.example",
        "evil.example (for ana@contoso.example)",
        "evil.example in the mailbox of ana@contoso.example",
        "evil.example in mailbox ana@contoso.example",
        "evil.example for the mailbox ana@contoso.example.",
        "evil.example in ana@contoso.example's mailbox",
        "evil.example in ana@contoso.example\u2019s inbox",
        "evil.example mailbox: ana@contoso.example",
        "evil.example mailbox:ana@contoso.example",
        "evil.example --mailbox ana@contoso.example",
        "evil.example \u2014mailbox ana@contoso.example",
        "mailbox: ana@contoso.example evil.example",
        "mailbox=ana@contoso.example, evil.example",
        "evil.example\nfor ana@contoso.example",
        "evil.example for <mailto:ana@contoso.example|ana@contoso.example>",
        "evil.example for `ana@contoso[.]example`",
        "evil.example for ana[at]contoso.example?",
    ],
)
def test_a_mailbox_in_the_words_that_people_use(typed: str) -> None:
    read = read_mailbox(typed)
    assert (read.text.strip(" ,"), read.mailbox) == ("evil.example", ANA)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ana@contoso.example",
        "for ana@contoso.example",
        "evil.example for fun",
        "mailbox.example",
        "Received: from mail.evil.example by mx.contoso.example for <ana@contoso.example>; Mon, 30 Nov 2026",
        "https://evil.example/mailbox:x",
        "`evil.example`",
        "info@evil.example\nother@evil.example",
    ],
)
def test_what_names_no_mailbox_stays_as_it_is(typed: str) -> None:
    assert read_mailbox(typed) == read_mailbox(typed).__class__(text=typed)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("evil.example for ana@contoso.example and bob@contoso.example", "Exactly one"),
        ("evil.example for ana@contoso.example for bob@contoso.example", "Exactly one"),
        ("evil.example mailbox: ana@contoso.example mailbox: bob@contoso.example", "Exactly one"),
        ("evil.example for *@contoso.example", "isn't the address"),
        ("evil.example for a*@contoso.example", "isn't the address"),
        ("evil.example mailbox: ana", "‘ana’ isn't the address"),
        ("evil.example mailbox: contoso.example", "isn't the address"),
        ("evil.example in mailbox", "isn't named"),
        ("mailbox: ana@contoso.example", "Whom to look for"),
        ("evil.example for ana@contoso.example 30d", "‘30d’ behind the mailbox"),
    ],
)
def test_what_is_not_one_mailbox_is_told_so(typed: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as told:
        read_mailbox(typed)
    assert "/check evil.example for ana@contoso.example" in told.value.remedy


@pytest.mark.parametrize(
    ("typed", "address"),
    [("O'Brien@contoso.example", "o'brien@contoso.example"), ("ana+x@contoso.example", "ana+x@contoso.example")],
)
def test_an_address_keeps_its_characters(typed: str, address: str) -> None:
    assert mailbox_of(typed) == address


@pytest.mark.parametrize("typed", ['"ana b"@contoso.example', '"a*"@contoso.example', "a%2A@contoso.example", "", "*"])
def test_what_a_directory_could_take_for_several_is_no_address(typed: str) -> None:
    with pytest.raises(InvalidInput):
        mailbox_of(typed)


@given(
    st.text(max_size=80) | st.from_regex(r"\S{0,9} (for|mailbox:|in mailbox) [*\\a-z@.'\"%2A]{1,30}", fullmatch=True)
)
def test_whatever_is_typed_there_is_one_plain_address_or_none(typed: str) -> None:
    try:
        mailbox = read_mailbox(typed).mailbox
    except InvalidInput:
        return
    assert not set(mailbox) & set(' *\\/"<>|;,%\n')
    assert mailbox.count("@") <= 1
