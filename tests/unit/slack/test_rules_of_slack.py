"""Slack's rules, and the ways in which bots fail at them: which tests hold each of them for Portcullis.

A table to look things up in. What stands in it exists: a test that is renamed or removed is missed here.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]

LISTENERS = "integration/slack/test_listeners.py"
CLIENT = "integration/slack/test_client.py"
EDGE = "integration/web/test_edge.py"
SOCKET = "integration/slack/test_socket_mode.py"
MEMBERSHIPS = "integration/slack/test_memberships.py"
NOTIFIER = "integration/workflow/test_notifier.py"
REVIEW = "integration/workflow/requesting/test_review.py"
TWICE = "integration/slack/test_sent_twice.py"
RETRIES = "integration/slack/test_retries.py"
BLOCKS = "unit/slack/block_kit/test_blocks.py"
TEXT = "unit/slack/block_kit/test_text.py"
MANIFEST = "unit/slack/test_manifest.py"
PACE = "unit/slack/test_pace.py"

#: Each rule of https://docs.slack.dev that concerns Portcullis.
RULES: dict[str, tuple[str, ...]] = {
    "acknowledged within 3 s": (
        f"{LISTENERS}::test_a_command_is_committed_before_it_is_acknowledged",
        f"{MEMBERSHIPS}::test_a_slow_slack_is_not_waited_for_longer_than_the_acknowledgement_allows",
        f"{RETRIES}::test_a_form_that_slack_is_slow_to_open_holds_up_no_acknowledgement",
    ),
    "a trigger lives 3 s and works once": (
        f"{TWICE}::test_what_was_typed_is_told_where_its_form_cant_open",
        f"{TWICE}::test_a_form_that_stands_open_already_isnt_asked_for_again",
        "integration/slack/test_late_decisions.py::test_what_has_to_be_read_in_a_form_leads_back_to_its_card",
    ),
    "a response_url takes 5 answers in 30 minutes": (
        f"{CLIENT}::test_an_answer_by_response_url_is_for_one_person",
        f"{CLIENT}::test_a_response_url_that_is_used_up_or_down",
        f"{NOTIFIER}::test_an_answer_without_an_address_goes_to_the_person",
    ),
    "the signature, with the documented vector": (
        f"{EDGE}::test_the_documented_vector",
        f"{EDGE}::test_what_is_not_slacks_gets_401_and_leaves_no_trace_of_its_body",
    ),
    "a timestamp more than 300 s away is refused": (
        f"{EDGE}::test_what_is_not_slacks_gets_401_and_leaves_no_trace_of_its_body",
    ),
    "signatures are compared in constant time": (f"{EDGE}::test_the_compare_takes_constant_time",),
    "the look at the certificate, and at the address": (
        f"{EDGE}::test_slacks_look_at_the_certificate_is_answered_and_no_delivery",
        f"{LISTENERS}::test_slack_is_told_that_the_address_is_ours",
    ),
    "any delivery may be a repeated one": (
        f"{RETRIES}::test_an_event_that_slack_retries_is_taken_each_time",
        f"{RETRIES}::test_a_command_that_is_said_to_be_a_retry_is_still_one_request",
        f"{LISTENERS}::test_a_repeated_delivery_changes_nothing",
        f"{TWICE}::test_a_form_sent_twice_is_one_request",
    ),
    "Socket Mode: connections are refreshed": (
        f"{SOCKET}::test_after_a_refresh_the_old_one_hears_until_the_new_one_was_greeted",
        f"{SOCKET}::test_what_is_under_way_is_answered_on_the_connection_on_which_it_came",
    ),
    "Socket Mode: what nobody took isn't acknowledged": (f"{SOCKET}::test_what_nobody_could_take_is_not_acknowledged",),
    "rates: a message a second to a channel": (f"{PACE}::test_a_channel_takes_a_burst_and_then_a_message_a_second",),
    "rates: Retry-After": (
        f"{CLIENT}::test_a_rate_limit_says_how_long_to_wait",
        f"{PACE}::test_what_slack_asks_for_is_kept_by_every_replica",
    ),
    "rates: twenty questions a minute for user groups": (
        f"{MEMBERSHIPS}::test_ordinary_acts_of_a_minute_take_one_question",
        f"{MEMBERSHIPS}::test_an_event_makes_it_be_read_anew",
    ),
    "how many blocks, how long a text, a button, a field, a view": (
        f"{BLOCKS}::test_a_bad_message_is_refused",
        f"{BLOCKS}::test_a_bad_view_is_refused",
        f"{TEXT}::test_nothing_gets_longer_than_its_limit_however_it_is_counted",
        "unit/slack/modals/test_proposal_form.py::test_no_input_makes_a_form_that_slack_refuses",
    ),
    "errors of a form stand at its fields": (
        "unit/slack/modals/test_proposal_form.py::test_every_error_stands_at_a_field_that_the_form_has",
    ),
    "only & < > are escaped": (
        f"{TEXT}::test_escaped",
        f"{TEXT}::test_an_escape_is_never_cut_in_two",
        f"{TEXT}::test_nothing_hostile_is_left_in_any_of_the_forms",
    ),
    "a time is each reader's own": (f"{TEXT}::test_a_time_is_each_readers_own_with_utc_to_fall_back_on",),
    "an update has block_ids of its own": (f"{BLOCKS}::test_block_ids_come_from_the_name_and_the_content",),
    "nothing is unfurled": (
        "integration/playground/test_slack_web_api.py::test_unfurling_must_be_switched_off",
        f"{TEXT}::test_no_address_in_a_messages_text_leads_anywhere",
        f"{TEXT}::test_an_indicator_is_defanged",
    ),
    "what clients make of quotation marks, dashes and links": (
        "unit/domain/reading/test_typed_marks.py::test_code_marks_quotation_marks_and_dashes",
        "unit/domain/indicators/test_reader_text.py::test_slacks_links_become_what_was_typed",
    ),
    "screen readers read the top-level text": (
        f"{BLOCKS}::test_a_bad_top_level_text_is_refused",
        "unit/slack/messages/test_card.py::test_the_top_level_text_holds_the_whole_point",
    ),
    "files go up in three steps": (
        "integration/slack/test_files.py::test_an_upload_goes_in_three_steps_and_the_bytes_without_the_token",
    ),
    "the manifest": (
        f"{MANIFEST}::test_texts_are_within_the_limits",
        f"{MANIFEST}::test_each_command_is_within_the_limits",
        f"{MANIFEST}::test_only_keys_that_the_schema_knows",
    ),
    "Enterprise organizations and shared channels": (
        "unit/slack/test_origins.py::test_which_workspace_a_delivery_is_for",
        "integration/slack/test_origins.py::test_a_visitor_has_no_role_by_a_user_group",
    ),
}

#: How such bots fail, as public issues tell.
FAILURES: dict[str, tuple[str, ...]] = {
    "work inside a listener": (
        f"{LISTENERS}::test_a_command_is_judged_once_and_so_is_the_right_to_it",
        "integration/slack/test_import_form.py::test_a_click_under_a_preview_is_on_disk_before_it_is_acknowledged",
    ),
    "a double click, and several approvers at once": (
        f"{RETRIES}::test_the_same_button_on_two_devices_decides_once",
        "integration/slack/test_import_previews.py::test_a_double_click_requests_once",
        "acceptance/test_crowd.py::test_seven_who_disagree_at_once_get_one_outcome",
        f"{REVIEW}::test_nobody_decides_twice",
    ),
    "state is read back from a message": (
        "acceptance/test_false_cards.py::test_two_approvers_of_a_false_card_approve_nothing",
    ),
    "green before the tenant said so": (
        "integration/workflow/applying/test_apply.py::test_a_success_that_changes_nothing_is_never_green",
    ),
    "denials aren't in the log": (f"{REVIEW}::test_who_is_no_approver_decides_nothing_and_the_try_is_logged",),
    "each error code has a behaviour of its own": (
        f"{CLIENT}::test_each_code_is_an_error_of_ours",
        "integration/workflow/test_cards.py::test_a_card_that_slack_does_not_take_is_told_once_with_what_to_do",
        "integration/workflow/test_cards.py::test_a_channel_that_is_archived_under_a_card_is_told_too",
        "integration/workflow/test_cards.py::test_what_slack_does_not_take_goes_out_in_its_plainest_form",
        f"{NOTIFIER}::test_a_deleted_card_is_posted_again_at_the_next_step",
        f"{NOTIFIER}::test_a_requester_who_cannot_be_written_to_holds_nothing_up",
    ),
    "the library repeats a call": (
        f"{CLIENT}::test_a_broken_connection_is_not_tried_again",
        f"{CLIENT}::test_a_call_that_takes_too_long_is_given_up_and_not_repeated",
    ),
    "an answer without end": (f"{CLIENT}::test_an_answer_that_never_ends_is_not_read_to_its_end",),
    "SIGTERM": ("acceptance/test_deliveries.py::test_sigterm_ends_it_soon_and_what_was_under_way_goes_on",),
    "the body of a forged delivery in the log": (
        f"{EDGE}::test_what_is_not_slacks_gets_401_and_leaves_no_trace_of_its_body",
    ),
    "people named by their handle": (
        "unit/settings/test_loading.py::test_handles_addresses_and_channels_are_no_people",
    ),
    "a right that was read when the message was made": (
        f"{MEMBERSHIPS}::test_who_was_taken_out_has_no_right_at_the_next_decision_though_no_event_came",
    ),
    "what was decided elsewhere leaves live buttons": (
        f"{NOTIFIER}::test_a_request_has_one_card_whose_thread_tells_each_step_once",
        "integration/workflow/requesting/test_close.py::test_what_nobody_decides_on_lapses",
    ),
}


@cache
def functions_in(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


@pytest.mark.parametrize(
    ("rule", "held_by"), [*RULES.items(), *FAILURES.items()], ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_is_held_by_tests_that_exist(rule: str, held_by: tuple[str, ...]) -> None:
    assert held_by, rule
    missing = [name for name in held_by if name.partition("::")[2] not in functions_in(name.partition("::")[0])]
    assert missing == []
