"""The file of rules: what it says, and errors that name the rule and the key."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.lists.traits import ListName
from bot.domain.requests.approval import NobodyRule
from bot.domain.requests.who_decides import Act, ApproverRule
from bot.rules_file import RulesFile, read_rules

SETTINGS = Path(__file__).parents[2] / "docs" / "settings.md"


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[approval]\n", r"no TOML: .*line 1"),
        ('[[approvals]]\nname = "One"\n', r"\[\[approvals\]\]: there is no such key"),
        ("[[approval]]\napprovals = 2\n", r"\[\[approval\]\] 1, key name: Field required"),
        (f'{GOOD}[[approval]]\nname = "Two"\nlist = ["ip"]\n', r"\[\[approval\]\] 2 “Two”, key list: there is no such"),
        (f'{GOOD}lists = ["ips"]\n', r"\[\[approval\]\] 1 “One”, key lists.0: Input should be 'connection-filter'"),
        (f'{GOOD}does = ["remove"]\n', r"“One”, key does.0: Input should be 'block'"),
        (f'{GOOD}approvals = "2"\n', r"“One”, key approvals: Input should be a valid integer"),
        (f"{GOOD}approvals = 0\n", r"“One”, key approvals: Input should be greater"),
        (f"{GOOD}approvals = 2\n", r"rule “One”: approvals is 2, and approvers names 1"),
        ('[[approval]]\nname = "One"\napprovers = ["@network"]\n', r"key approvers.0: is neither a user id"),
        (GOOD + GOOD, r"the name “One” is given to two rules"),
        ('[[approval]]\nname = "  "\n', r"key name: is shown to people"),
        ('[[no_approval]]\nname = "N"\nlists = ["sender"]\nper_hour = 5\n', r"“N”, key requesters: Field required"),
        (
            '[[no_approval]]\nname = "N"\nlists = []\nrequesters = ["S0SOC"]\nper_hour = 5\n',
            r"“N”, key lists: List should have at least 1",
        ),
        (
            '[[no_approval]]\nname = "N"\nlists = ["ip"]\nrequesters = ["S0SOC"]\nper_hour = 5\naddresses = 256\n',
            r"“N”, key addresses: Input should be less than or equal to 128",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_rule_and_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_rules(written(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="can't be read: No such file"):
        read_rules(str(tmp_path / "none.toml"))
