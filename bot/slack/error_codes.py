"""Slack's error codes: whose matter each is, what becomes of a call that got it, and what there is to do.

Figures: docs.slack.dev/reference/methods, of chat.postMessage, chat.update, conversations.open, views.open and files.*.
A code that isn't here is nobody's in particular: the call counts as refused, and the code is told as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Fate(StrEnum):
    """Whose matter an error code is."""

    PASSING = "passing"  #: Slack's, for a while: the call is made again
    CHANNEL = "channel"  #: the channel takes nothing, or not this, until somebody repairs it: that is told
    THREAD = "thread"  #: the thread takes no replies: what would be told there stands on the card
    PERSON = "person"  #: the one who is written to can't be: it holds nothing else up
    MESSAGE = "message"  #: the message is gone, or can't be changed any more
    PAYLOAD = "payload"  #: Slack doesn't take the message as it is made: it goes out in its plainest form
    APP = "app"  #: the app's token, scopes or settings, or this program: whoever runs it has to act
    VIEW = "view"  #: a form that can't be opened or changed any more: the person does it again
    FILE = "file"  #: a file that is gone, or that the workspace doesn't take
    UNKNOWN = "unknown"  #: a code that this version doesn't know


def fate_of(code: str) -> Fate:
    """Whose matter a code is. Slack's newer codes are known by how they begin or end, as far as that tells."""
    known = _FATES.get(code)
    if known is not None:
        return known
    if code.startswith("restricted_action"):
        return Fate.CHANNEL
    if code.startswith("invalid_blocks") or code.endswith(("_too_long", "_too_large")):
        return Fate.PAYLOAD
    return Fate.UNKNOWN


def remedy_of(code: str) -> str:
    """What to do about a code, for whoever runs Portcullis or whoever clicked; empty where there is nothing to say."""
    return _REMEDIES.get(code) or _REMEDIES_BY_FATE.get(fate_of(code), "")


_CODES: Mapping[Fate, str] = {
    Fate.PASSING: "ratelimited rate_limited internal_error fatal_error service_unavailable request_timeout "
    "update_failed team_added_to_org org_login_required external_channel_migrating streaming_state_conflict "
    "file_update_failed",
    Fate.CHANNEL: "channel_not_found not_in_channel is_archived is_inactive invalid_channel channel_is_limited_access "
    "no_permission access_denied ekm_access_denied posting_to_channel_denied posting_to_general_channel_denied "
    "restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel "
    "method_not_supported_for_channel_type team_access_not_granted team_not_found message_limit_exceeded "
    "channels_limit_exceeded",
    Fate.THREAD: "restricted_action_non_threadable_channel restricted_action_thread_locked cannot_reply_to_message",
    Fate.PERSON: "user_not_found user_disabled user_not_visible cannot_dm_bot messages_tab_disabled "
    "invalid_user_combination app_access_restricted not_enough_users too_many_users users_list_not_supplied",
    Fate.MESSAGE: "message_not_found cant_update_message cant_delete_message edit_window_closed thread_not_found "
    "block_mismatch cant_broadcast_message no_dual_broadcast_content_update",
    Fate.PAYLOAD: "invalid_blocks invalid_blocks_format msg_too_long msg_blocks_too_long no_text invalid_arguments "
    "invalid_attachments too_many_attachments attachment_payload_limit_exceeded too_many_contact_cards "
    "markdown_text_conflict invalid_metadata_format invalid_metadata_schema metadata_too_large "
    "metadata_must_be_sent_from_app",
    Fate.APP: "not_authed invalid_auth account_inactive token_revoked token_expired missing_scope "
    "not_allowed_token_type accesslimited enterprise_is_restricted two_factor_setup_required is_bot "
    "deprecated_endpoint method_deprecated unknown_method invalid_arg_name invalid_array_arg invalid_charset "
    "invalid_form_data invalid_post_type missing_post_type missing_argument as_user_not_supported "
    "send_on_behalf_not_allowed duplicate_channel_not_found duplicate_message_not_found draft_already_deleted "
    "draft_already_sent draft_has_conflict draft_not_found",
    Fate.VIEW: "expired_trigger_id exchanged_trigger_id invalid_trigger_id hash_conflict duplicate_external_id "
    "not_found view_too_large",
    Fate.FILE: "file_not_found file_deleted file_is_deleted not_visible missing_file_data blocked_file_type "
    "file_type_not_allowed file_upload_size_restricted file_uploads_disabled file_uploads_except_images_disabled "
    "file_share_limit_reached max_file_sharing_exceeded storage_limit_reached unable_to_share_files alt_txt_too_large "
    "snippet_too_large unknown_snippet_type unknown_subtype template_not_visible canvas_disabled_file_team "
    "canvas_disabled_user_team canvas_globally_disabled slack_connect_blocked_file_type "
    "slack_connect_canvas_sharing_blocked slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked "
    "slack_connect_file_upload_sharing_blocked slack_connect_lists_sharing_blocked",
}
_FATES: Mapping[str, Fate] = {code: fate for fate, codes in _CODES.items() for code in codes.split()}

_NEW_TOKEN = "Install the app again and set the new bot token."  # noqa: S105 - a sentence
_BOT_TOKEN = "Set SLACK_BOT_TOKEN to the bot token (xoxb-…) of the installed app: OAuth & Permissions has it."  # noqa: S105
_INVITE = "Invite the bot to the channel: type /invite and its name there."
_POSTING = "Let the app post in the channel (its settings, Posting permissions), or set another channel."
_REMEDIES: Mapping[str, str] = {
    "not_in_channel": _INVITE,
    "channel_not_found": (
        "Check the channel's id, and invite the bot if the channel is private. A private channel that was shared with "
        "another company has a new id."
    ),
    "invalid_channel": "Check the channel's id.",
    "is_archived": "Unarchive the channel, or set another one.",
    "is_inactive": "Unarchive the channel, or set another one.",
    "channel_is_limited_access": "Set another channel: this one belongs to a record that the bot may not see.",
    "no_permission": _INVITE,
    "restricted_action": _POSTING,
    "restricted_action_read_only_channel": _POSTING,
    "restricted_action_thread_only_channel": "Set a channel that takes messages, and not only threads.",
    "restricted_action_non_threadable_channel": "Allow threads in the channel, or set another one.",
    "restricted_action_thread_locked": "Unlock the thread under the card.",
    "ekm_access_denied": "The workspace's admins have switched off messages in this channel: ask them, or set another.",
    "team_access_not_granted": "Have the app approved for this workspace.",
    "message_limit_exceeded": "The workspace has used up its plan's messages: ask its owners.",
    "messages_tab_disabled": "Switch the Messages Tab on (App Home): until then the bot can write to nobody directly.",
    "token_revoked": _NEW_TOKEN,
    "token_expired": _NEW_TOKEN,
    "account_inactive": "The app was removed from the workspace, or the workspace is gone. " + _NEW_TOKEN,
    "invalid_auth": _BOT_TOKEN,
    "not_authed": _BOT_TOKEN,
    "not_allowed_token_type": _BOT_TOKEN,
    "accesslimited": "The workspace allows the app's calls from other networks only: add this machine's address.",
    "missing_scope": "Install the app again with the manifest in app.yaml.",
    **dict.fromkeys(
        ("expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"),
        "It took too long to open the form: click or type once more.",
    ),
}
_REMEDIES_BY_FATE: Mapping[Fate, str] = {
    Fate.CHANNEL: "Let the bot write in the channel, or set another one.",
    Fate.APP: "Look at the app's settings, and whether this version of Portcullis is the newest.",
}
