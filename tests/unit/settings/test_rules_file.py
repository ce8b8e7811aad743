"""The file of rules: what it says, and errors that name the rule and the key."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.lists.traits import ListName
from bot.domain.requests.approval import NobodyRule
from bot.domain.requests.who_decides import Act, ApproverRule
from bot.settings.rules_file import RulesFile, read_rules

SETTINGS = Path(__file__).parents[3] / "docs" / "settings.md"


def written(folder: Path, text: str) -> str:
    path = folder / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_rules_of_the_docs(tmp_path: Path) -> None:
    examples = re.findall(r"```toml\n(.*?)```", SETTINGS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) == 3
    rules = read_rules(written(tmp_path, "".join(examples)))
    assert rules == RulesFile(
        approvers=(
            ApproverRule(
                name="Network team",
                lists=frozenset({ListName.CONNECTION_FILTER, ListName.IP}),
                approvers=("S0NETWORK",),
            ),
            ApproverRule(name="Allows", acts=frozenset({Act.ALLOW, Act.SUBMIT}), approvals=2),
        ),
        need_nobody=(
            NobodyRule(
                name="Phishing",
                lists=frozenset({ListName.SENDER, ListName.URL}),
                requesters=("S0SOC",),
                per_hour=20,
                longest=timedelta(days=7),
            ),
        ),
    )
    assert rules.user_groups == {"S0NETWORK", "S0SOC"}


def test_an_empty_file_has_no_rules(tmp_path: Path) -> None:
    assert read_rules(written(tmp_path, "# none yet\n")) == RulesFile()


GOOD = '[[approval]]\nname = "One"\napprovers = ["U0ONE"]\n'
NOBODY = '[[no_approval]]\nname = "N"\nlists = ["ip"]\nrequesters = ["S0SOC"]\nper_hour = 5\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[approval]\n", r"no TOML: .*line 1"),
        ('[[approvals]]\nname = "One"\n', r"\[\[approvals\]\]: there is no such key; did you mean approval\?$"),
        ('[[rule]]\nname = "One"\n', r"\[\[rule\]\]: there is no such key; these there are: approval, no_approval$"),
        ('name = "One"\n', r"\[\[name\]\]: there is no such key; these there are: approval, no_approval$"),
        (f'{GOOD}aprovers = ["U0ONE1"]\n', r"“One”, key aprovers: there is no such key; did you mean approvers\?$"),
        (
            f"{GOOD}per-hour = 5\n",
            r"“One”, key per-hour: there is no such key; these there are: name, does, lists, app",
        ),
        (
            NOBODY + "per-day = 1\nDays = 3\n",
            r"(?m)“N”, key per-day: there is no such key; .*\n.*key Days: there is no such key; did you mean days\?$",
        ),
        ("[[approval]]\napprovals = 2\n", r"\[\[approval\]\] 1, key name: has to be given"),
        (f'{GOOD}[[approval]]\nname = "Two"\nlist = ["ip"]\n', r"\[\[approval\]\] 2 “Two”, key list: there is no such"),
        (f'{GOOD}lists = ["ips"]\n', r"\[\[approval\]\] 1 “One”, key lists, value 1: has to be 'connection-filter'"),
        (f'{GOOD}does = ["remove"]\n', r"“One”, key does, value 1: has to be 'block'"),
        (f'{GOOD}approvals = "2"\n', r"“One”, key approvals: has to be a whole number, without"),
        (f"{GOOD}approvals = 0\n", r"“One”, key approvals: has to be 1 or more"),
        (f"{GOOD}approvals = 2\n", r"rule “One”: approvals is 2, and approvers names 1"),
        ('[[approval]]\nname = "One"\napprovers = ["@network"]\n', r"key approvers, value 1: is neither a user id"),
        (GOOD + GOOD, r"the name “One” is given to two rules"),
        ('[[approval]]\nname = "  "\n', r"key name: is shown to people"),
        ('[[no_approval]]\nname = "N"\nlists = ["sender"]\nper_hour = 5\n', r"“N”, key requesters: has to be given"),
        (
            '[[no_approval]]\nname = "N"\nlists = []\nrequesters = ["S0SOC"]\nper_hour = 5\n',
            r"“N”, key lists: has to name 1 at least",
        ),
        (
            '[[no_approval]]\nname = "N"\nlists = ["ip"]\nrequesters = ["S0SOC"]\nper_hour = 5\naddresses = 256\n',
            r"“N”, key addresses: has to be 128 or less",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_rule_and_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_rules(written(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = str(tmp_path / "none.toml")
    with pytest.raises(ValueError, match=f"{re.escape(path)} can't be read: No such file"):
        read_rules(path)


def test_each_mistake_has_a_line_of_its_own_in_plain_words(tmp_path: Path) -> None:
    text = """
approval = [{name = 7, does = "block", approvers = ["network"], approvals = 0}, 5]
[[no_approval]]
name = "%s"
lists = ["sender"]
requesters = ["S0SOC"]
per_hour = true
"""
    with pytest.raises(ValueError, match="has to be") as caught:
        read_rules(written(tmp_path, text % ("x" * 61)))
    assert str(caught.value).splitlines() == [
        "[[approval]] 1, key name: has to be a text in quotation marks",
        "[[approval]] 1, key does: has to be a list",
        (
            "[[approval]] 1, key approvers, value 1: is neither a user id (U…) nor a user group id (S…); handles and "
            "names don't work"
        ),
        "[[approval]] 1, key approvals: has to be 1 or more",
        "[[approval]] 2: has to be a table with keys",
        "[[no_approval]] 1, key name: has to be 60 characters long at most",
        "[[no_approval]] 1, key per_hour: has to be a whole number, without quotation marks",
    ]
