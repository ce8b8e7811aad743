"""Settings: what is missing or wrong, a line each and all at once, and what goes with what."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

import pytest

from bot import settings as env
from bot.as_set import build_rules, tenant_settings
from bot.errors import SettingsError
from bot.tenant.access import SignIn
from tests.unit.settings.environment import Environment, one_problem, problems


def test_sound_settings_load_with_their_defaults(environment: Environment) -> None:
    loaded = env.load_all()
    assert loaded.database.database_url == "sqlite:///portcullis.sqlite3"
    assert loaded.slack.slack_mode == "socket"
    assert loaded.slack.approvers == ("U0APPROVE1", "S0GROUP")
    assert loaded.slack.requesters == ()
    assert loaded.slack.user_groups == {"S0GROUP"}
    assert loaded.policy.ip_allow == "two-person"
    assert loaded.policy.ip_allow_max_days == 7
    assert loaded.policy.confirm_after == timedelta(minutes=5)
    assert loaded.server.http_host == "127.0.0.1"
    assert env.unknown_names() == []


def test_everything_missing_is_told_at_once_a_line_each(bare: Environment) -> None:
    lines = problems()
    assert [line.split()[0].rstrip(":").removeprefix("PORTCULLIS_") for line in lines] == [
        "SLACK_BOT_TOKEN",
        "APPROVAL_CHANNEL",
        "APPROVERS",
        "SLACK_APP_TOKEN",
        "TENANT_ID",
        "CLIENT_ID",
        "CLIENT_CERTIFICATE",
    ]
    assert all("is missing" in line and "\n" not in line and line.endswith(".") for line in lines)


def test_what_is_wrong_is_told_with_what_is_missing_over_all_parts(environment: Environment) -> None:
    environment.set(
        DATABASE_URL="mysql://host/name",
        APPROVAL_CHANNEL="#approvals",
        REQUESTERS="U0REQUEST1 @somebody",
        TENANT_ID=None,
        EXCHANGE_URL="http://exchange.example",
        IP_ALLOW_MAX_DAYS="many",
        WATCH_EVERY="soon",
        HTTP_PORT="99999",
    )
    names = [line.split()[0].rstrip(":").removeprefix("PORTCULLIS_") for line in problems()]
    assert names == [
        "DATABASE_URL",
        "APPROVAL_CHANNEL",
        "REQUESTERS",
        "TENANT_ID",
        "EXCHANGE_URL",
        "IP_ALLOW_MAX_DAYS",
        "WATCH_EVERY",
        "HTTP_PORT",
    ]


def test_an_empty_value_counts_as_not_set(environment: Environment) -> None:
    environment.set(SLACK_MODE="", HTTP_PORT="", ALERT_CHANNEL="", CLIENT_CERTIFICATE="", CLIENT_CERTIFICATE_FILE="")
    loaded = env.load_all()
    assert loaded.slack.slack_mode == "socket"
    assert loaded.server.http_port == 8080
    assert loaded.slack.alert_channel is None
    environment.set(TENANT_ID="")
    assert one_problem() == "PORTCULLIS_TENANT_ID is missing."


@pytest.mark.parametrize("value", [",", " , ,", ";"])
def test_approvers_that_name_nobody_are_wrong(environment: Environment, value: str) -> None:
    environment.set(APPROVERS=value)
    assert "PORTCULLIS_APPROVERS: names nobody" in one_problem()


def test_names_may_be_separated_as_people_do_and_count_once(environment: Environment) -> None:
    environment.set(APPROVERS=" U0ONE1, U0TWO2;S0GROUP\tU0ONE1 ")
    assert env.load_all().slack.approvers == ("U0ONE1", "U0TWO2", "S0GROUP")


@pytest.mark.parametrize("value", ["@approver", "approver@contoso.com", "C0CHANNEL", "u0lower", "U0ONE1,everyone"])
def test_handles_addresses_and_channels_are_no_people(environment: Environment, value: str) -> None:
    environment.set(APPROVERS=value)
    assert "neither a user id" in one_problem()


def test_http_mode_needs_the_signing_secret_and_no_app_token(environment: Environment) -> None:
    environment.set(SLACK_MODE="http", SLACK_APP_TOKEN=None)
    assert "PORTCULLIS_SLACK_SIGNING_SECRET is missing" in one_problem()
    environment.set(SLACK_SIGNING_SECRET=secrets.token_hex(16))
    assert env.load_all().slack.slack_mode == "http"


def test_a_wrong_mode_is_one_problem_and_not_two(environment: Environment) -> None:
    environment.set(SLACK_MODE="https", SLACK_APP_TOKEN=None)
    assert one_problem().startswith("PORTCULLIS_SLACK_MODE:")


def test_unknown_names_are_found(environment: Environment) -> None:
    environment.set(APROVERS="U0ONE1", APPROVERS_FILE="/somewhere", SLACK_BOT_TOKEN_FILE="")
    environment.set_bare("portcullis_http_port", "1")
    environment.set_bare("PORTCULIS_TENANT_ID", "2")
    environment.set_bare("PORTFOLIO_TENANT_ID", "of another program")
    assert [(unknown.name, unknown.meant) for unknown in env.unknown_names()] == [
        ("PORTCULIS_TENANT_ID", "PORTCULLIS_TENANT_ID"),
        ("PORTCULLIS_APPROVERS_FILE", "PORTCULLIS_APPROVERS"),
        ("PORTCULLIS_APROVERS", "PORTCULLIS_APPROVERS"),
        ("portcullis_http_port", "PORTCULLIS_HTTP_PORT"),
    ]


@pytest.mark.parametrize(
    ("missing", "given"),
    [
        ("PORTCULLIS_TENANT_ID", "PORTCULLIS_TENNANT_ID"),
        ("PORTCULLIS_TENANT_ID", "PORTCULIS_TENANT_ID"),
        ("PORTCULLIS_TENANT_ID", "TENANT_ID"),
        ("PORTCULLIS_TENANT_ID", "portcullis_tenant_id"),
        ("PORTCULLIS_SLACK_BOT_TOKEN", "PORTCULLIS_SLACK_BOTTOKEN"),
        ("PORTCULLIS_SLACK_BOT_TOKEN", "PORTCULLIS_BOT_TOKEN"),
        ("PORTCULLIS_SLACK_BOT_TOKEN", "PORTCULLIS_SLACK_BOTTOKEN_FILE"),
        ("PORTCULLIS_SLACK_APP_TOKEN", "PORTCULLIS_SLACK_APPTOKEN"),
        ("PORTCULLIS_SLACK_APP_TOKEN", "SLACK_APP_TOKEN_FILE"),
    ],
)
def test_what_is_missing_is_told_with_the_name_by_which_it_was_probably_meant(
    environment: Environment, missing: str, given: str
) -> None:
    environment.set(**{missing.removeprefix(env.PREFIX): ""})
    environment.set_bare(given, "a value that nobody is to see")
    problem = one_problem()
    assert problem.startswith(f"{missing} is missing")
    assert problem.endswith(f" {given} is set: did you mean {missing}?")
    assert "nobody is to see" not in problem


def test_a_name_that_is_like_no_setting_is_told_without_a_guess(environment: Environment) -> None:
    environment.set(TENANT_ID="")
    environment.set_bare("PORTCULLIS_XYZZY", "1")
    assert one_problem() == "PORTCULLIS_TENANT_ID is missing."
    assert [(unknown.name, unknown.meant) for unknown in env.unknown_names()] == [("PORTCULLIS_XYZZY", None)]


@pytest.mark.parametrize(
    ("way", "missing"),
    [
        (None, "CLIENT_CERTIFICATE"),
        ("auto", "CLIENT_CERTIFICATE"),
        ("certificate", "CLIENT_CERTIFICATE"),
        ("secret", "CLIENT_SECRET"),
        ("workload-identity", "FEDERATED_TOKEN_FILE"),
    ],
)
def test_what_a_way_to_sign_in_needs(environment: Environment, way: str | None, missing: str) -> None:
    environment.set(CLIENT_SECRET=None, SIGN_IN=way)
    line = one_problem()
    assert line.startswith(f"PORTCULLIS_{missing} is missing")
    if missing == "CLIENT_CERTIFICATE" and way != "certificate":
        for choice in ("CLIENT_SECRET", "FEDERATED_TOKEN_FILE", "managed-identity"):
            assert choice in line
    environment.set(CLIENT_ID=None)
    assert [problem.split()[0].rstrip(":") for problem in problems()] == [
        "PORTCULLIS_CLIENT_ID",
        f"PORTCULLIS_{missing}",
    ]


def test_a_way_that_is_named_needs_its_own_credential(environment: Environment) -> None:
    environment.set(SIGN_IN="certificate")
    assert one_problem().startswith("PORTCULLIS_CLIENT_CERTIFICATE is missing")
    environment.set(SIGN_IN="psychic")
    assert one_problem().startswith("PORTCULLIS_SIGN_IN: ")


def test_a_managed_identity_needs_no_credential_and_no_client_id(environment: Environment) -> None:
    environment.set(SIGN_IN="managed-identity", CLIENT_SECRET=None, CLIENT_ID=None)
    settings = tenant_settings(env.load_all().tenant)
    assert (settings.signs_in_with, settings.client_id) == (SignIn.MANAGED_IDENTITY, None)


@pytest.mark.parametrize(("given", "taken"), [(None, 20), ("5", 5), ("1000", 1000)])
def test_the_tenant_is_called_as_often_as_the_operator_says(
    environment: Environment, given: str | None, taken: int
) -> None:
    environment.set(CALLS_PER_SECOND=given)
    assert tenant_settings(env.load_all().tenant).calls_per_second == taken


@pytest.mark.parametrize("given", ["0", "-1", "1001", "many", "2.5"])
def test_how_often_the_tenant_is_called_is_a_number_that_it_can_take(environment: Environment, given: str) -> None:
    environment.set(CALLS_PER_SECOND=given)
    assert one_problem().startswith("PORTCULLIS_CALLS_PER_SECOND: ")


def test_the_federated_tokens_file_by_our_setting_or_by_azures(environment: Environment, tmp_path: Path) -> None:
    environment.set(CLIENT_SECRET=None)
    environment.set_bare("AZURE_FEDERATED_TOKEN_FILE", tmp_path / "azure")
    settings = tenant_settings(env.load_all().tenant)
    assert settings.signs_in_with is SignIn.WORKLOAD_IDENTITY
    assert settings.federated_token_file == str(tmp_path / "azure")
    environment.set(FEDERATED_TOKEN_FILE=tmp_path / "own", SIGN_IN="workload-identity")
    assert tenant_settings(env.load_all().tenant).federated_token_file == str(tmp_path / "own")
    assert env.unknown_names() == []


def test_the_token_itself_in_its_files_place_is_refused_and_not_repeated(environment: Environment) -> None:
    token = f"eyJ{secrets.token_urlsafe(30)}.{secrets.token_urlsafe(30)}.{secrets.token_urlsafe(30)}"
    environment.set(FEDERATED_TOKEN_FILE=token)
    line = one_problem()
    assert line.startswith("PORTCULLIS_FEDERATED_TOKEN_FILE: is no path")
    assert token not in line


def test_direct_allows_and_submissions_are_off_until_somebody_says_on(environment: Environment) -> None:
    rules = build_rules(env.load_all().policy)
    assert (rules.direct_allow, rules.submissions) == (False, False)
    environment.set(DIRECT_ALLOW="on", SUBMISSIONS="ON")
    rules = build_rules(env.load_all().policy)
    assert (rules.direct_allow, rules.submissions) == (True, True)
    environment.set(DIRECT_ALLOW="yes", SUBMISSIONS="off")
    assert one_problem() == "PORTCULLIS_DIRECT_ALLOW: write on or off."


LEAD_ALONE = 'does = ["note"]\nlists = ["url"]\napprovers = ["U0LEAD"]'
BOTH_NEEDED = 'does = ["note", "block"]\nlists = ["url"]\napprovers = ["U0LEAD", "U0APPROVE1"]\napprovals = 2'
THREE_NEEDED = 'does = ["block", "allow", "note"]\nlists = ["url"]\napprovals = 3'
ADD_LEAD = " Add U0LEAD to PORTCULLIS_APPROVERS, or change the rules."


@pytest.mark.parametrize(
    ("approvers", "rule", "said"),
    [
        ("U0APPROVE1,S0GROUP", LEAD_ALONE, None),
        ("U0APPROVE1,U0LEAD", LEAD_ALONE, None),
        (
            "U0APPROVE1",
            LEAD_ALONE,
            "“note” on url takes 1 approval, and nobody in PORTCULLIS_APPROVERS may decide on it." + ADD_LEAD,
        ),
        (
            "U0APPROVE1",
            BOTH_NEEDED,
            "“block” on url takes 2 approvals, and only 1 of PORTCULLIS_APPROVERS may decide on it."
            " 1 other kind of change has the same problem." + ADD_LEAD,
        ),
        (
            "U0APPROVE1,U0LEAD",
            THREE_NEEDED,
            "“block” on url takes 3 approvals, and only 2 of PORTCULLIS_APPROVERS may decide on it."
            " 2 other kinds of change have the same problem." + ADD_LEAD.replace("U0LEAD", "more people"),
        ),
    ],
)
def test_rules_by_which_nobody_could_ever_decide(
    environment: Environment, tmp_path: Path, approvers: str, rule: str, said: str | None
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(f'[[approval]]\nname = "L"\n{rule}\n')
    environment.set(RULES_FILE=file, APPROVERS=approvers)
    if said is None:
        assert build_rules(env.load_all().policy).approvers[0].name == "L"
    else:
        with pytest.raises(SettingsError) as caught:
            env.load_all()
        assert caught.value.problems == (f"PORTCULLIS_RULES_FILE: by the rules, {said}",)


def test_a_wrong_file_of_rules_is_a_wrong_setting(environment: Environment, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[approval]]\nname = "One"\nlist = ["ip"]\napprovals = 0\n')
    environment.set(RULES_FILE=file)
    with pytest.raises(SettingsError) as caught:
        env.load_all()
    assert caught.value.problems == (
        "PORTCULLIS_RULES_FILE: [[approval]] 1 “One”, key approvals: has to be 1 or more.",
        "PORTCULLIS_RULES_FILE: [[approval]] 1 “One”, key list: there is no such key; did you mean lists?",
    )


@pytest.mark.parametrize("cloud", ["gcc-high", "dod"])
def test_submissions_in_a_cloud_that_takes_none(environment: Environment, cloud: str) -> None:
    environment.set(CLOUD=cloud)
    assert env.load_all().tenant.cloud == cloud
    environment.set(SUBMISSIONS="on")
    line = one_problem()
    assert line.startswith("PORTCULLIS_SUBMISSIONS: ")
    assert f"PORTCULLIS_CLOUD is {cloud}" in line
    environment.set(CLOUD="world")
    assert env.load_all().policy.submissions


@pytest.mark.parametrize(("name", "value"), [("AUDIT_LOG", "on"), ("MAIL_FIGURES", "trace"), ("MAIL_FIGURES", "both")])
def test_what_microsoft_offers_in_the_worldwide_cloud_only(environment: Environment, name: str, value: str) -> None:
    environment.set(CLOUD="gcc-high", **{name: value})
    assert one_problem().startswith(f"PORTCULLIS_{name}: ")
    environment.set(CLOUD="world")
    assert env.load_all().tenant.cloud == "world"


@pytest.mark.parametrize("cloud", ["gcc-high", "dod"])
def test_hunting_is_offered_in_every_cloud(environment: Environment, cloud: str) -> None:
    environment.set(CLOUD=cloud, MAIL_FIGURES="hunting")
    assert env.load_all().looking.mail_figures == "hunting"


def test_what_can_be_looked_at_beside_the_lists_is_off(environment: Environment) -> None:
    looking = env.load_all().looking
    assert (looking.audit_log, looking.overrides, looking.mail_figures, looking.who_is) == (False, False, "off", False)


def test_authorities_that_cannot_be_read_are_told_with_the_rest(environment: Environment, tmp_path: Path) -> None:
    environment.set_bare("SSL_CERT_FILE", tmp_path / "missing.pem")
    environment.set_bare("REQUESTS_CA_BUNDLE", Path(__file__))
    environment.set(APPROVERS=",")
    lines = problems()
    assert [line.split(":")[0] for line in lines] == ["PORTCULLIS_APPROVERS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"]


@pytest.mark.parametrize(
    "value",
    ["mysql://host/name", "sqlite://", "sqlite:///:memory:", "postgresql://host", "nonsense", "sqlite:///x?y=1"],
)
def test_a_database_that_cannot_be_used_is_a_wrong_setting(environment: Environment, value: str) -> None:
    environment.set(DATABASE_URL=value)
    assert one_problem().startswith("PORTCULLIS_DATABASE_URL: ")
    with pytest.raises(SettingsError):
        env.load(env.DatabaseSettings)


def test_one_part_needs_no_other(bare: Environment) -> None:
    assert env.load(env.DatabaseSettings).database_url == "sqlite:///portcullis.sqlite3"
    bare.set(TENANT_ID="contoso.com", CLIENT_ID="app", CLIENT_SECRET=secrets.token_hex(8))
    assert env.load(env.TenantSettings).cloud == "world"


def test_nothing_is_handed_on_unsigned(environment: Environment) -> None:
    environment.set(AUDIT_WEBHOOK_URL="https://contoso.com/log", AUDIT_WEBHOOK_SECRET=None)
    assert one_problem().startswith("PORTCULLIS_AUDIT_WEBHOOK_SECRET is missing")
