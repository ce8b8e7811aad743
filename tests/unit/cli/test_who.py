"""`portcullis who`: the short answer first, and list by list only what differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.who import show, what_they_may
from bot.domain.requests.people import Person, Role
from bot.settings import SlackSettings
from bot.settings.rules_file import RulesFile, read_rules

SLACK = SlackSettings.model_construct(
    approvers=("U0APPROVE1", "S0APPROVERS"), requesters=("U0REQUEST1",), auditors=(), emergency=()
)
APPROVER = Person(user_id="U0APPROVE1", roles=frozenset({Role.APPROVER}))
REQUESTER = Person(user_id="U0REQUEST1", roles=frozenset({Role.REQUESTER}))
NETWORK = '[[approval]]\nname = "Network team"\nlists = ["connection-filter"]\napprovers = ["U0NETWORK1"]\n'
TWICE = '[[approval]]\nname = "Twice"\ndoes = ["allow"]\napprovals = 2\n'
PHISHING = '[[no_approval]]\nname = "Phishing"\nlists = ["sender", "url"]\nrequesters = ["U0REQUEST1"]\nper_hour = 1\n'


@pytest.fixture
def rules(tmp_path: Path, request: pytest.FixtureRequest) -> RulesFile:
    path = tmp_path / "rules.toml"
    path.write_text(request.param)
    return read_rules(str(path))


@pytest.mark.parametrize(
    ("person", "rules", "lines"),
    [
        (
            Person(user_id="U0NOBODY1"),
            "",
            ["U0NOBODY1: no role", "  doesn't decide (no approver), whatever the change"],
        ),
        (
            REQUESTER,
            NETWORK + PHISHING,
            [
                "U0REQUEST1: requester",
                "  REQUESTERS names U0REQUEST1",
                "  may check, propose, see requests",
                "  doesn't decide (no approver), whatever the change",
                "  blocks in sender, url: their own need nobody by “Phishing”",
            ],
        ),
        (
            APPROVER,
            "",
            [
                "U0APPROVE1: approver",
                "  APPROVERS names U0APPROVE1",
                "  may check, propose, query audit, review, see requests",
                "  decides (an approver, and no rule says otherwise); takes 1 approval or more, whatever the change",
            ],
        ),
        (
            APPROVER,
            NETWORK,
            [
                "U0APPROVE1: approver",
                "  APPROVERS names U0APPROVE1",
                "  may check, propose, query audit, review, see requests",
                "",
                "connection-filter",
                "  doesn't decide (not named by the rule “Network team”)",
                "",
                "sender, url, file, ip, spoof",
                "  decides (an approver, and no rule says otherwise); takes 1 approval or more",
            ],
        ),
    ],
    indirect=["rules"],
)
def test_what_people_are_told(
    capsys: pytest.CaptureFixture[str], person: Person, rules: RulesFile, lines: list[str]
) -> None:
    show(what_they_may(person, rules, SLACK))
    assert capsys.readouterr().out.splitlines() == lines


@pytest.mark.parametrize("rules", [TWICE], indirect=True)
def test_changes_that_differ_are_told_apart(capsys: pytest.CaptureFixture[str], rules: RulesFile) -> None:
    show(what_they_may(APPROVER, rules, SLACK))
    told = capsys.readouterr().out
    assert "  allow: decides (an approver, and no rule says otherwise); takes 2 approvals or more\n" in told
    assert "  block, unblock, end-allow, extend, note" in told
    assert len(told.splitlines()) < 20
