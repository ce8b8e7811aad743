"""Every error code that Slack documents for what Portcullis calls, and what becomes of a call that gets it."""

from __future__ import annotations

from itertools import chain

import pytest

from bot.slack.error_codes import Fate, fate_of, remedy_of

#: What Slack's pages list for every method.
COMMON = (
    "access_denied accesslimited account_inactive deprecated_endpoint ekm_access_denied "
    "enterprise_is_restricted fatal_error invalid_arg_name invalid_array_arg invalid_charset "
    "invalid_form_data invalid_post_type is_bot method_deprecated missing_post_type missing_scope "
    "no_permission not_allowed_token_type not_authed org_login_required ratelimited request_timeout "
    "service_unavailable team_added_to_org token_expired token_revoked two_factor_setup_required "
    "unknown_method"
)
#: What they list for one method beside that, as of August 2026.
DOCUMENTED: dict[str, str] = {
    "chat.postMessage": (
        "app_access_restricted as_user_not_supported attachment_payload_limit_exceeded "
        "cannot_reply_to_message channel_not_found draft_already_deleted draft_already_sent "
        "draft_has_conflict draft_not_found duplicate_channel_not_found duplicate_message_not_found "
        "invalid_blocks invalid_blocks_format invalid_metadata_format invalid_metadata_schema is_archived "
        "markdown_text_conflict message_limit_exceeded messages_tab_disabled metadata_must_be_sent_from_app "
        "metadata_too_large missing_file_data msg_blocks_too_long no_text not_in_channel rate_limited "
        "restricted_action restricted_action_non_threadable_channel restricted_action_read_only_channel "
        "restricted_action_thread_locked restricted_action_thread_only_channel send_on_behalf_not_allowed "
        "slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked "
        "slack_connect_lists_sharing_blocked team_not_found too_many_attachments too_many_contact_cards"
    ),
    "chat.update": (
        "as_user_not_supported block_mismatch blocked_file_type cant_broadcast_message cant_update_message "
        "channel_not_found edit_window_closed external_channel_migrating file_deleted file_is_deleted "
        "file_not_found file_share_limit_reached invalid_attachments invalid_blocks invalid_blocks_format "
        "invalid_metadata_format invalid_metadata_schema is_inactive markdown_text_conflict "
        "max_file_sharing_exceeded message_limit_exceeded message_not_found metadata_must_be_sent_from_app "
        "metadata_too_large msg_too_long no_dual_broadcast_content_update no_text posting_to_channel_denied "
        "slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked "
        "slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked "
        "slack_connect_file_upload_sharing_blocked streaming_state_conflict team_not_found "
        "too_many_attachments unable_to_share_files update_failed"
    ),
    "conversations.open": (
        "channel_not_found invalid_user_combination method_not_supported_for_channel_type not_enough_users "
        "too_many_users user_disabled user_not_found user_not_visible users_list_not_supplied"
    ),
    "views.open": ("duplicate_external_id exchanged_trigger_id expired_trigger_id invalid_trigger_id view_too_large"),
    "views.update": ("duplicate_external_id hash_conflict not_found view_too_large"),
    "files.getUploadURLExternal": (
        "alt_txt_too_large file_type_not_allowed file_upload_size_restricted file_uploads_disabled "
        "file_uploads_except_images_disabled missing_argument snippet_too_large storage_limit_reached "
        "unknown_snippet_type unknown_subtype"
    ),
    "files.completeUploadExternal": (
        "channel_not_found channels_limit_exceeded file_not_found file_type_not_allowed file_update_failed "
        "file_uploads_except_images_disabled invalid_blocks invalid_channel not_in_channel "
        "posting_to_channel_denied"
    ),
    "files.info": (
        "canvas_disabled_file_team canvas_disabled_user_team canvas_globally_disabled file_deleted "
        "file_not_found not_visible slack_connect_canvas_sharing_blocked template_not_visible"
    ),
}

#: What becomes of a call: by whose matter the code is.
BECOMES: dict[Fate, str] = {
    # tried again, and told of as late work after some minutes
    Fate.PASSING: "ratelimited rate_limited internal_error fatal_error service_unavailable request_timeout "
    "update_failed team_added_to_org org_login_required external_channel_migrating",
    # told: the alert channel and the requester, of a card that nobody can decide on
    Fate.CHANNEL: "channel_not_found not_in_channel is_archived is_inactive no_permission channel_is_limited_access "
    "restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel "
    "ekm_access_denied access_denied team_access_not_granted "
    "message_limit_exceeded restricted_action_of_next_year",
    # the card says it
    Fate.THREAD: "restricted_action_thread_locked restricted_action_non_threadable_channel cannot_reply_to_message",
    # the recipient's: holds nothing else up
    Fate.PERSON: "user_not_found user_disabled user_not_visible cannot_dm_bot messages_tab_disabled",
    # posted anew, once
    Fate.MESSAGE: "message_not_found cant_update_message edit_window_closed thread_not_found",
    # posted in its plainest form
    Fate.PAYLOAD: "invalid_blocks invalid_blocks_format msg_too_long msg_blocks_too_long invalid_arguments no_text "
    "invalid_blocks_of_next_year something_too_long",
    # ours: told, and mended by whoever runs Portcullis
    Fate.APP: "account_inactive token_revoked token_expired invalid_auth not_authed missing_scope "
    "not_allowed_token_type accesslimited method_deprecated",
    # the person clicks once more
    Fate.VIEW: "expired_trigger_id exchanged_trigger_id invalid_trigger_id hash_conflict",
    # told like a channel that takes nothing
    Fate.UNKNOWN: "something_new code_of_next_year",
}


@pytest.mark.parametrize("method", DOCUMENTED)
def test_every_documented_code_is_known(method: str) -> None:
    codes = chain(COMMON.split(), DOCUMENTED[method].split())
    assert [code for code in codes if fate_of(code) is Fate.UNKNOWN] == []


@pytest.mark.parametrize(("fate", "code"), [(fate, code) for fate, codes in BECOMES.items() for code in codes.split()])
def test_each_code_is_somebodys_matter(fate: Fate, code: str) -> None:
    assert fate_of(code) is fate


@pytest.mark.parametrize("method", DOCUMENTED)
def test_whoever_has_to_act_is_told_what_to_do(method: str) -> None:
    act = {Fate.CHANNEL, Fate.APP}
    codes = chain(COMMON.split(), DOCUMENTED[method].split())
    assert [code for code in codes if fate_of(code) in act and not remedy_of(code)] == []
