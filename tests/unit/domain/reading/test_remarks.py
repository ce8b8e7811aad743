"""What remarks say to do with what they stand beside: which speak against a block, and which are ordinary reasons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.traits import Action
from bot.domain.reading.aside import Aside
from bot.domain.reading.remarks import against_blocking, said_in

AGAINST = [
    # not to be blocked
    *("do not block", "do NOT block", "don’t block", "don't ban", "never block", "not to be blocked", "Do not list"),
    *("must not be blocked", "seen today, please do not block this one", "phish, do not block", "stop blocking"),
    *("nicht sperren", "bitte nicht sperren", "darf nicht gesperrt werden", "keine Sperre", "nicht blockieren"),
    *("ne pas bloquer", "ne doit pas être bloqué", "no bloquear", "no debe ser bloqueado", "non bloccare"),
    *("niet blokkeren", "não bloquear", "Block: no", "blocked=false", "gesperrt: nein"),
    # to be allowed or unblocked
    *("unblock", "please whitelist", "bitte freigeben", "allow until Friday", "PERMIT", "OK", "DUNNO"),
    *("Action: Allow", "action=allow", "ticket 1; action: allow", "verdict: benign", "status: whitelisted"),
    # found to be harmless
    *("benign", "benign (AWS)", "legit", "user says it's legit", "this is a legit newsletter", "looks benign"),
    *("whitelisted", "white-listed partner", "auf Whitelist", "known good", "not malicious", "not phishing", "FP"),
    *("false positive", "is a false positive", "confirmed FP", "phish - benign", "kein Spam", "Fehlalarm", "harmlos"),
    *("faux positif", "légitime", "falso positivo", "innocuo", "Wurde als harmlos eingestuft", "vals positief"),
    # an exception, or one's own
    *("exception", "Exception (CEO)", "Ausnahme", "excepción", "uitzondering", "safe", "trusted partner", "is safe"),
    *(
        "Ausnahme bis 2027",
        "obsolete",
        "this is ok",
        "withdrawn",
        "legitiem",
        "goedaardig",
        "liste blanche",
        "lista blanca",
    ),
    *("remove from blocklist", "lift the block", "no longer malicious", "nicht mehr bösartig", "our own mail server"),
    *("sauber", "propre", "limpio", "pulito"),
    *("unsere Domain", "is ours", "it is our own", "internal", "victim", "Opfer"),
]


@pytest.mark.parametrize("remark", AGAINST)
def test_a_remark_that_speaks_against_a_block(remark: str) -> None:
    words = against_blocking(remark)
    assert words is not None
    assert words in remark
    assert said_in(remark) not in {None, Action.BLOCK}


ORDINARY = [
    *("do not reply mails", "do not open", "Do not trust", "users were told not to click", "never seen before"),
    *(
        "not a false positive",
        "no false positive",
        "kein Fehlalarm",
        "nicht harmlos",
        "not legit",
        "not clean",
        "unsafe",
    ),
    *("was allowed by mistake", "was whitelisted by mistake", "wurde versehentlich freigegeben", "bypasses MFA"),
    *("asks users to allow macros", "requests to allow notifications", "urges users to unblock popups"),
    *("blocked mail to our users", "not blocked yet", "Blocked by Proofpoint", "attacks our domain"),
    *("benign-looking page", "phish imitates legitimate shop", "compromised legit account", "pretends to be legit"),
    *(
        "abuses trusted brand",
        "reported by victim",
        "credential phish, safe links missed it",
        "no spam filter caught it",
    ),
    *("phishing", "fake invoices", "spoofed CEO", "hacked, not safe", "is bad", "type: domain", "status: active"),
    *("Phishing, nicht öffnen", "hat Nutzer um Freigabe gebeten", "30 reports", "customer data theft"),
    *("safe to block", "no partner, safe to block", "whitelisting bypass"),
]


@pytest.mark.parametrize("remark", ORDINARY)
def test_an_ordinary_reason_speaks_for_itself(remark: str) -> None:
    assert against_blocking(remark) is None
    assert said_in(remark) is None


@pytest.mark.parametrize("remark", ["block: legit site, hacked", "Sperren: legitime Domain", "bloquer : faux positif"])
def test_who_means_a_block_says_so_in_front(remark: str) -> None:
    assert against_blocking(remark) is None
    assert said_in(remark) is Action.BLOCK


SAID = [
    ("allow", Action.ALLOW),
    ("phish, allow", Action.ALLOW),
    ("phish; block", Action.BLOCK),
    ("verdict: malicious", None),
    ("monitor", "row_audits"),
    ("do not block", "row_unblocks"),
    ("please do not block it", "row_false_positive"),
]


@pytest.mark.parametrize(("remark", "said"), SAID)
def test_what_a_remark_says_to_do(remark: str, said: Action | str | None) -> None:
    found = said_in(remark)
    assert (found.code if isinstance(found, Aside) else found) == said


WORDS = st.sampled_from(["not", "a", "legit", "benign", ",", "(", "block", "nicht", "sperren", ":", "é", "-", "no"])


@given(st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=12).map(" ".join)))
def test_whatever_a_remark_says_its_words_stand_in_it(remark: str) -> None:
    words = against_blocking(remark)
    assert words is None or words in remark
    said_in(remark)


@given(st.sampled_from(AGAINST), st.sampled_from(["phish", "Welle 3", "30 mails"]))
def test_words_set_apart_in_front_change_nothing(remark: str, before: str) -> None:
    assert against_blocking(f"{before}; {remark}") is not None
