"""The answer to /check."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.figures.figures import FiguresOf, MailFigures, MailSource, Unseen
from bot.domain.indicators.indicator import Indicator, Kind, Note
from bot.domain.lists.coverage import Effect
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.concern import Bearing, Concern
from bot.domain.overrides.override import Does, Override
from bot.domain.overrides.places import Place
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.senders.owner import AddressOwner
from bot.domain.telling.verdict_facts import OnRecord, check_facts
from bot.domain.verdict.elsewhere import Elsewhere
from bot.domain.verdict.judgement import Judgement, Match
from bot.domain.verdict.verdict import Verdict
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import when
from bot.slack.messages.verdict import snapshot_message, verdict_message
from tests.support.samples import ENTRY, HOSTILE, KNOWN, NOW, VERDICT, any_text, any_time, any_user
from tests.unit.slack.rendered import buttons, texts


def answered(made: Verdict) -> Message:
    """The answer of the tenant itself."""
    return verdict_message(check_facts([made]))


def first_line(made: Verdict) -> str:
    text: str = answered(made).to_dict()["blocks"][0]["text"]["text"]
    return text.partition("\n")[0]


@pytest.mark.parametrize(
    ("judgement", "line"),
    [
        (Judgement.ALLOWED, ":large_green_circle: *Allowed*: `203.0.113[.]7`"),
        (Judgement.BLOCKED, ":no_entry: *Blocked*: `203.0.113[.]7`"),
        (Judgement.NOT_LISTED, ":white_circle: *Not listed*: `203.0.113[.]7`"),
        (Judgement.UNKNOWN, ":grey_question: *Not known*: `203.0.113[.]7`"),
    ],
)
def test_the_answer_is_the_first_line(judgement: Judgement, line: str) -> None:
    made = replace(VERDICT, judgement=judgement)
    assert first_line(made) == line
    assert answered(made).text.startswith(line.split(" ", 1)[1].replace("*", "") + ".")


def test_it_tells_why_which_entry_who_asked_and_until_when() -> None:
    seen = texts(answered(VERDICT))
    assert "203.0.113.0/24 on the IP Allow List covers it." in seen
    assert "|2026-03-08 12:00 UTC>, when Portcullis removes it · asked by <@U0REQUESTER> · #42" in seen
    assert "• Malware is scanned all the same." in seen
    assert "Read from the tenant, <!date^" in seen
    assert "ntries" not in seen, "there is no other"
    assert buttons(answered(VERDICT)) == {ActionId.DETAILS: "42.0"}


def test_whose_an_address_is_stands_beside_it_as_far_as_dns_says() -> None:
    value = VERDICT.indicator.value
    owner = AddressOwner(address=value, names=("mail.sender.example",), shared_by=("Google",))
    made = verdict_message(check_facts([VERDICT], OnRecord(owners={value: owner})))
    told = "Shared: Google's outbound range. By DNS it is mail[.]sender[.]example."
    assert told in texts(made)
    assert told in made.text


def mail_button(made: Message) -> str | None:
    return buttons(made).get(ActionId.CHECK_MAIL)


def test_mail_is_offered_to_be_counted_where_that_is_done_and_stands_there_once_it_is_known() -> None:
    [before] = [check_facts([VERDICT], OnRecord(mail=()))]
    for made in (verdict_message(before), snapshot_message(before, now=NOW)):
        assert mail_button(made) == VERDICT.indicator.value
        assert "Last 10 days" not in texts(made)
    assert mail_button(answered(VERDICT)) is None
    counts = {"messages": 9, "people": 2, "delivered": 9, "junk": 0, "quarantined": 0, "stopped": 0}
    found = MailFigures(source=MailSource.TRACE, subjects=("Hello",), **counts)
    after = check_facts([VERDICT], OnRecord(mail=[FiguresOf(indicator=VERDICT.indicator, found=found)]))
    made = snapshot_message(after, now=NOW)
    assert mail_button(made) is None
    assert "Last 10 days: 9 messages to 2 people" in texts(made)
    assert "Last 10 days: 9 messages to 2 people." in made.text
    assert "Hello" not in texts(made) + made.text


def test_of_several_that_are_not_all_counted_all_are_offered() -> None:
    other = replace(VERDICT, indicator=replace(VERDICT.indicator, value="203.0.113.9"))
    known = OnRecord(mail=[FiguresOf(indicator=VERDICT.indicator, found=Unseen.RANGES)])
    made = snapshot_message(check_facts([VERDICT, other], known), now=NOW)
    assert mail_button(made) == f"{VERDICT.indicator.value}\n203.0.113.9"


def test_the_answer_comes_in_the_order_in_which_people_ask() -> None:
    seen = texts(snapshot_message(check_facts([VERDICT]), now=NOW, may_propose=True))
    order = [
        "Allowed",
        "Until",
        "asked by",
        "covers it.",
        "Lists as of",
        "Remove the allow",
        "New expiry date",
        "Malware",
    ]
    assert sorted(order, key=seen.index) == order


def test_an_entry_that_was_entered_elsewhere_says_so() -> None:
    made = answered(replace(VERDICT, matches=(Match(entry=ENTRY, effect=Effect.EXACT, wins=True),)))
    assert "No end · entered outside of Portcullis\n" in texts(made)
    assert "No end, entered outside of Portcullis." in made.text
    assert buttons(made) == {}


def test_what_else_matters_stands_below_the_entry_that_decides() -> None:
    other = Match(entry=replace(ENTRY, action=Action.BLOCK, value="203.0.113.7"), effect=Effect.EXACT)
    seen = texts(answered(replace(VERDICT, matches=(*VERDICT.matches, other))))
    assert "*Other entries*\n• IP Allow List" not in seen
    assert "block · `203.0.113[.]7` · names it exactly · no end · entered outside of Portcullis" in seen


def test_where_several_decide_each_stands_with_its_own_end() -> None:
    seen = texts(answered(replace(VERDICT, matches=VERDICT.matches * 2)))
    line = (
        "• *wins* · IP Allow List (connection filter) · policy Default · allow · `203.0.113[.]0/24` · covers it · until"
    )
    assert seen.count(line) == 2
    assert "asked by <@U0REQUESTER> · #42" in seen
    assert "Until" not in seen


def offered(made: Verdict, *more: Verdict) -> dict[str, str]:
    """The buttons for whoever may propose, by their words, with what each carries; without those that only look."""
    message = snapshot_message(check_facts([made, *more]), now=NOW, may_propose=True)
    elements = [element for block in message.to_dict()["blocks"] for element in block.get("elements", [])]
    looks = {ActionId.DETAILS, ActionId.CHECK_NOW}
    return {
        element["text"]["text"]: element["value"]
        for element in elements
        if element["type"] == "button" and element["action_id"] not in looks
    }


def exact(action: Action, **changes: object) -> tuple[Match, ...]:
    entry = replace(ENTRY, action=action, value="203.0.113.7", **changes)  # type: ignore[arg-type]
    return (Match(entry=entry, effect=Effect.EXACT, wins=True),)


@pytest.mark.parametrize(
    ("judgement", "matches", "words"),
    [
        (Judgement.NOT_LISTED, (), {"Block…": "203.0.113.7"}),
        (Judgement.UNKNOWN, (), {"Block…": "203.0.113.7"}),
        (Judgement.BLOCKED, exact(Action.BLOCK), {"Unblock…": "203.0.113.7"}),
        (
            Judgement.BLOCKED,
            exact(Action.BLOCK, expires=NOW),
            {"Unblock…": "203.0.113.7", "New expiry date…": "203.0.113.7"},
        ),
        (Judgement.BLOCKED, exact(Action.BLOCK, expires=NOW, bounded_by_use=True), {"Unblock…": "203.0.113.7"}),
        (Judgement.ALLOWED, exact(Action.ALLOW), {"Remove the allow…": "203.0.113.7"}),
        (
            Judgement.ALLOWED,
            VERDICT.matches,
            {
                "Remove the allow 203.0.113[.]0/24…": "203.0.113.0/24",
                "New expiry date for 203.0.113[.]0/24…": "203.0.113.0/24",
            },
        ),
    ],
)
def test_what_makes_sense_can_be_proposed(
    judgement: Judgement, matches: tuple[Match, ...], words: dict[str, str]
) -> None:
    made = replace(VERDICT, judgement=judgement, matches=matches)
    assert offered(made) == words
    looking = snapshot_message(check_facts([made]), now=NOW)
    assert not {ActionId.OPEN_BLOCK, ActionId.OPEN_UNBLOCK, ActionId.OPEN_UNALLOW} & set(buttons(looking))


def test_of_several_each_thing_is_offered_once() -> None:
    free = [
        replace(
            VERDICT,
            indicator=Indicator(kind=Kind.IPV4, value=f"203.0.113.{number}"),
            judgement=Judgement.NOT_LISTED,
            matches=(),
        )
        for number in (8, 9)
    ]
    blocked = replace(VERDICT, judgement=Judgement.BLOCKED, matches=exact(Action.BLOCK))
    assert offered(*free, blocked) == {"Block 2…": "203.0.113.8\n203.0.113.9", "Unblock…": "203.0.113.7"}


@pytest.mark.parametrize("value", ["x" * 1_900, "two\nlines.example", "\u202emoc.live"])
def test_what_no_button_can_carry_is_not_offered(value: str) -> None:
    made = Indicator(kind=Kind.URL, value=value)
    assert offered(replace(VERDICT, indicator=made, judgement=Judgement.NOT_LISTED, matches=())) == {}


def test_the_tenants_own_end_goes_before_ours() -> None:
    ends = replace(ENTRY, expires=NOW + timedelta(days=1))
    seen = texts(answered(replace(VERDICT, matches=(Match(entry=ends, effect=Effect.EXACT, known=KNOWN),))))
    assert "2026-03-02 12:00 UTC" in seen
    assert "2026-03-08" not in seen


def test_an_end_by_last_use_is_told() -> None:
    by_use = replace(ENTRY, bounded_by_use=True)
    seen = texts(answered(replace(VERDICT, matches=(Match(entry=by_use, effect=Effect.EXACT),))))
    assert "until 45 days after its last use" in seen


@pytest.mark.parametrize("judgement", Judgement)
def test_what_could_not_be_seen_stands_beside_the_answer(judgement: Judgement) -> None:
    made = replace(VERDICT, judgement=judgement, unseen=("Senders: the tenant did not answer.",))
    assert first_line(made).startswith(":grey_question:")
    assert first_line(made).endswith("*as far as could be seen*")
    assert ":warning: Senders: the tenant did not answer." in texts(answered(made))
    assert "the tenant did not answer" in answered(made).text


@pytest.mark.parametrize("count", [1, 25, 1000])
def test_every_size_fits_and_counts_what_is_left_out(count: int) -> None:
    seen = texts(answered(replace(VERDICT, matches=VERDICT.matches * count)))
    assert ("more entries" in seen) == (count > 10)


def button(made: Message) -> str | None:
    return buttons(made).get(ActionId.CHECK_NOW)


@pytest.mark.parametrize(("age", "words"), [(timedelta(), "just now"), (timedelta(minutes=3), "3 minutes ago")])
def test_the_answer_of_a_snapshot_says_how_old_it_is_and_offers_a_reading(age: timedelta, words: str) -> None:
    made = snapshot_message(check_facts([VERDICT]), now=NOW + age)
    assert f"Lists as of {when(NOW)} ({words})." in texts(made)
    assert f"Lists as of 2026-03-01 12:00 UTC, {words}." in made.text
    assert button(made) == "203.0.113.7"
    assert button(answered(VERDICT)) is None


def test_the_age_is_that_of_the_oldest_list() -> None:
    older = replace(VERDICT, as_of=NOW - timedelta(hours=2))
    assert "(2 hours ago)" in texts(snapshot_message(check_facts([VERDICT, older]), now=NOW))


def test_several_verdicts_stand_in_one_message_and_say_once_what_holds_for_all() -> None:
    others = [replace(VERDICT, indicator=Indicator(kind=Kind.IPV4, value=f"203.0.113.{n}")) for n in range(5)]
    made = snapshot_message(check_facts(others), now=NOW)
    seen = texts(made)
    assert all(f"*Allowed*: `203.0.113[.]{n}`" in seen for n in range(5))
    assert seen.count("Malware is scanned all the same.") == 1
    assert button(made) == "\n".join(f"203.0.113.{n}" for n in range(5))


def test_what_no_button_can_carry_is_to_be_typed_again() -> None:
    long = [replace(VERDICT, indicator=Indicator(kind=Kind.URL, value=f"{n}{'x' * 600}")) for n in range(4)]
    made = snapshot_message(check_facts(long), now=NOW)
    assert button(made) is None
    assert "`/check now`" in texts(made)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_five_full_verdicts_fit_in_one_message(hostile: str) -> None:
    match = Match(entry=replace(ENTRY, value=hostile, policy=hostile, notes=hostile), effect=Effect.EXACT)
    full = replace(
        VERDICT,
        because=hostile * 30,
        matches=(match,) * 30,
        limits=(hostile,) * 9,
        unseen=(hostile, "x" * 900),
        elsewhere=elsewhere("x" * 300),
    )
    made = [replace(full, indicator=Indicator(kind=Kind.URL, value=f"{n}{hostile}")) for n in range(5)]
    message = snapshot_message(check_facts(made), now=NOW, may_propose=True)
    assert "<!channel>" not in texts(message) + message.text


def elsewhere(text: str) -> Elsewhere:
    """What else lets it through and stops it, all of it with this text."""
    rule = Override(place=Place.MAIL_FLOW_RULES, name=text, does=Does.LETS_THROUGH, how="it is let in", detail=text)
    found = (
        Concern(override=rule, bearing=Bearing.LETS_THROUGH),
        Concern(override=rule, bearing=Bearing.MAY_STOP, when=(text,) * 9, unless=(text,) * 9),
    )
    return Elsewhere(concerns=found * 20, last_word=(text,) * 3, unseen=(text,) * 5, limits=(text,))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_the_places_hold_can_do_nothing_and_fits(hostile: str) -> None:
    one = replace(VERDICT, judgement=Judgement.NOT_LISTED, matches=(), elsewhere=elsewhere(hostile))
    for message in (answered(one), snapshot_message(check_facts([one] * 5), now=NOW, may_propose=True)):
        assert "<!channel>" not in texts(message) + message.text
    assert "more: `portcullis check` names all." in texts(answered(one))


def test_an_override_stands_below_the_answer() -> None:
    made = replace(
        VERDICT, judgement=Judgement.NOT_LISTED, matches=(), because="Nothing.", elsewhere=elsewhere("Partner")
    )
    assert first_line(made).startswith(":warning: *Not listed*, but *let through* elsewhere: `203.0.113[.]7`")
    assert "• Let through by the mail flow rule “Partner” (Partner): it is let in." in texts(answered(made))
    assert "Let through by the mail flow rule “Partner”" in answered(made).text
    assert "37 more: `portcullis check` names all." in texts(answered(made))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_rules_that_may_be_about_any_mail_are_told_however_many_are_asked_about(count: int) -> None:
    rule = Override(place=Place.MAIL_FLOW_RULES, name="Any", does=Does.LETS_THROUGH, how="it is let in")
    any_mail = Elsewhere(concerns=(Concern(override=rule, bearing=Bearing.MAY_LET_THROUGH, is_general=True),))
    one = replace(VERDICT, judgement=Judgement.NOT_LISTED, matches=(), elsewhere=any_mail)
    message = answered(one) if count == 1 else snapshot_message(check_facts([one] * count), now=NOW)
    assert "no sender may let through or stop any mail" in texts(message)
    assert count > 1 or "no sender may let through or stop any mail" in message.text


@pytest.mark.parametrize(("entry", "known"), [("In the tenant", ""), ("", "In Portcullis"), ("In the tenant", "x")])
def test_a_note_is_shown_wherever_it_is_kept(entry: str, known: str) -> None:
    match = Match(entry=replace(ENTRY, notes=entry), effect=Effect.EXACT, known=replace(KNOWN, notes=known))
    assert f"note “{entry or known}”" in texts(answered(replace(VERDICT, matches=(match,))))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_stands_on_the_lists_can_do_nothing(hostile: str) -> None:
    entry = replace(ENTRY, value=hostile, policy=hostile)
    match = Match(entry=entry, effect=Effect.RELATED, known=replace(KNOWN, requester=hostile))
    made = Verdict(
        indicator=Indicator(kind=Kind.URL, value=hostile),
        judgement=Judgement.NOT_LISTED,
        because=hostile,
        matches=(match,) * 30,
        limits=(hostile,) * 30,
        unseen=(hostile,) * 30,
        as_of=NOW,
    )
    message = answered(made)
    assert "<!channel>" not in texts(message) + message.text


any_entry = st.builds(
    Entry,
    list=st.sampled_from(ListName),
    action=st.sampled_from(Action),
    value=any_text,
    notes=any_text,
    expires=st.none() | any_time,
    bounded_by_use=st.booleans(),
    policy=any_text,
)
any_known = st.builds(
    KnownEntry,
    list=st.sampled_from(ListName),
    action=any_text,
    value=any_text,
    requester=any_user,
    request_id=st.integers(1, 10**12),
    reason=any_text,
    since=any_time,
    expires=st.none() | any_time,
)
any_match = st.builds(
    Match, entry=any_entry, effect=st.sampled_from(Effect), wins=st.booleans(), known=st.none() | any_known
)
any_verdict = st.builds(
    Verdict,
    indicator=st.builds(Indicator, kind=st.sampled_from(Kind), value=any_text),
    judgement=st.sampled_from(Judgement),
    because=any_text,
    matches=st.lists(any_match, max_size=14).map(tuple),
    limits=st.lists(any_text, max_size=6).map(tuple),
    unseen=st.lists(any_text, max_size=6).map(tuple),
    as_of=any_time,
)


@given(st.lists(any_verdict, min_size=1, max_size=5), any_time)
@settings(max_examples=80, deadline=None)
def test_no_verdict_makes_a_message_that_slack_refuses(made: list[Verdict], now: datetime) -> None:
    assert answered(made[0]).text
    assert snapshot_message(check_facts(made), now=now, may_propose=True).text


def test_it_says_how_what_was_asked_was_read() -> None:
    noted = replace(VERDICT.indicator, notes=(Note(code="label_stripped", text="‘CIP:’ was left out."),))
    message = answered(replace(VERDICT, indicator=noted))
    assert "_How it was read:_ ‘CIP:’ was left out." in texts(message)
    assert "‘CIP:’ was left out." in message.text
    assert "How it was read" not in texts(answered(VERDICT))
