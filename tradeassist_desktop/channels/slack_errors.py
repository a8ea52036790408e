"""What Slack's refusals mean: in words a trader can act on, and whether another attempt may succeed."""

from enum import Enum
from typing import Final, NamedTuple


class Refusal(Enum):
    """What is to be done after a refusal.

    ``BARRED``: nothing can be sent until the trader does something. ``NOT_HERE``: this message cannot go
    to this channel. ``SHAPE``: the message as it is built; plainer, it may pass. ``LATER``: Slack cannot
    now. ``PACE``: too many at once. ``UNKNOWN_END``: part of it may have been done.
    """

    BARRED = "barred"
    NOT_HERE = "not here"
    SHAPE = "shape"
    LATER = "later"
    PACE = "pace"
    UNKNOWN_END = "unknown end"


class Meaning(NamedTuple):
    """Of one error code; ``words`` may name the ``{channel}`` it was sent to."""

    kind: Refusal
    words: str


_NEW_TOKEN: Final = "give the token of your Slack app anew (OAuth & Permissions, Bot User OAuth Token)"
_NEW_WEBHOOK: Final = "make a new incoming webhook in your Slack app and give its address"
_OWNER: Final = "ask an owner of your workspace"
_INVITE: Final = "invite it: write /invite and the app's name in that channel"

_MEANINGS: Final = {
    # The token or the webhook
    "invalid_auth": Meaning(Refusal.BARRED, f"Slack does not know this token: {_NEW_TOKEN}"),
    "not_authed": Meaning(Refusal.BARRED, f"Slack got no token: {_NEW_TOKEN}"),
    "token_revoked": Meaning(Refusal.BARRED, f"the Slack token was revoked: {_NEW_TOKEN}"),
    "token_expired": Meaning(Refusal.BARRED, f"the Slack token has expired: {_NEW_TOKEN}"),
    "account_inactive": Meaning(Refusal.BARRED, f"the Slack app or its workspace was removed: {_NEW_TOKEN}"),
    "not_allowed_token_type": Meaning(Refusal.BARRED, "this is no bot token: give the one that begins xoxb-"),
    "missing_scope": Meaning(
        Refusal.BARRED, "the Slack app may not post: give it the scope chat:write and install it again"
    ),
    "no_permission": Meaning(Refusal.BARRED, f"the Slack app may not post: {_INVITE}"),
    "team_access_not_granted": Meaning(
        Refusal.BARRED, "the Slack app is not installed in this workspace: install it there"
    ),
    "invalid_token": Meaning(Refusal.BARRED, f"Slack does not know this webhook: {_NEW_WEBHOOK}"),
    "no_service": Meaning(Refusal.BARRED, f"this Slack webhook is gone or switched off: {_NEW_WEBHOOK}"),
    "no_service_id": Meaning(Refusal.BARRED, f"this is no address of a Slack webhook: {_NEW_WEBHOOK}"),
    "no_active_hooks": Meaning(Refusal.BARRED, f"this Slack webhook is switched off: {_NEW_WEBHOOK}"),
    "no_team": Meaning(Refusal.BARRED, f"the workspace of this Slack webhook is gone: {_NEW_WEBHOOK}"),
    "team_disabled": Meaning(Refusal.BARRED, f"the Slack workspace is switched off: {_OWNER}"),
    # The workspace
    "access_denied": Meaning(Refusal.BARRED, f"the Slack workspace forbids it: {_OWNER}"),
    "accesslimited": Meaning(Refusal.BARRED, "the Slack workspace does not allow access from this network"),
    "action_prohibited": Meaning(Refusal.BARRED, f"the Slack workspace forbids webhooks here: {_OWNER}"),
    "ekm_access_denied": Meaning(Refusal.BARRED, f"the Slack workspace has stopped all messages: {_OWNER}"),
    "enterprise_is_restricted": Meaning(
        Refusal.BARRED, "Slack wants the token of a workspace, not of a grid"
    ),
    "org_login_required": Meaning(Refusal.BARRED, "the Slack workspace is being moved: try again afterwards"),
    # The channel
    "channel_not_found": Meaning(
        Refusal.NOT_HERE,
        "no Slack channel {channel}: check its spelling, or give its id; a private one must invite the app",
    ),
    "not_in_channel": Meaning(Refusal.NOT_HERE, f"the Slack app is not in {{channel}}: {_INVITE}"),
    "is_archived": Meaning(Refusal.NOT_HERE, "the Slack channel {channel} is archived: choose another"),
    "channel_is_archived": Meaning(
        Refusal.NOT_HERE, "the webhook's Slack channel is archived: choose another"
    ),
    "restricted_action": Meaning(Refusal.NOT_HERE, f"the app may not post in {{channel}}: {_OWNER}"),
    "restricted_action_read_only_channel": Meaning(
        Refusal.NOT_HERE, "the Slack channel {channel} is read-only: choose another"
    ),
    "restricted_action_thread_only_channel": Meaning(
        Refusal.NOT_HERE, "the Slack channel {channel} takes replies only: choose another"
    ),
    "posting_to_general_channel_denied": Meaning(
        Refusal.NOT_HERE, "the webhook may not post in #general: choose another channel"
    ),
    "messages_tab_disabled": Meaning(
        Refusal.NOT_HERE, "the Slack app takes no direct messages: switch on its messages tab"
    ),
    "user_not_found": Meaning(Refusal.NOT_HERE, "Slack knows no such person: check the channel {channel}"),
    # The message
    "msg_too_long": Meaning(Refusal.SHAPE, "Slack found the message too long"),
    "msg_blocks_too_long": Meaning(Refusal.SHAPE, "Slack found the message too long"),
    "invalid_blocks": Meaning(Refusal.SHAPE, "Slack did not take the message's layout"),
    "invalid_blocks_format": Meaning(Refusal.SHAPE, "Slack did not take the message's layout"),
    "invalid_payload": Meaning(Refusal.SHAPE, "Slack did not take the message's layout"),
    "invalid_arguments": Meaning(Refusal.SHAPE, "Slack did not take a part of the message"),
    "invalid_arg_name": Meaning(Refusal.SHAPE, "Slack did not take a part of the message"),
    "no_text": Meaning(Refusal.SHAPE, "Slack found no text in the message"),
    "invalid_metadata_format": Meaning(Refusal.SHAPE, "Slack did not take the message's metadata"),
    "invalid_metadata_schema": Meaning(Refusal.SHAPE, "Slack did not take the message's metadata"),
    "metadata_too_large": Meaning(Refusal.SHAPE, "Slack did not take the message's metadata"),
    "metadata_must_be_sent_from_app": Meaning(Refusal.SHAPE, "Slack did not take the message's metadata"),
    "thread_not_found": Meaning(Refusal.SHAPE, "Slack no longer has the thread of the message"),
    "message_not_found": Meaning(Refusal.SHAPE, "Slack no longer has the thread of the message"),
    "cannot_reply_to_message": Meaning(Refusal.SHAPE, "Slack takes no replies to the earlier message"),
    "restricted_action_non_threadable_channel": Meaning(Refusal.SHAPE, "the Slack channel takes no replies"),
    "invalid_client_msg_id": Meaning(Refusal.SHAPE, "Slack did not take the message's number"),
    # An earlier attempt had this number, and its message is not to be found: it may never have been there.
    "duplicate_message_not_found": Meaning(Refusal.SHAPE, "Slack lost an earlier attempt of the message"),
    "duplicate_channel_not_found": Meaning(Refusal.SHAPE, "Slack lost an earlier attempt of the message"),
    # Slack itself
    "ratelimited": Meaning(Refusal.PACE, "Slack asks to slow down"),
    "rate_limited": Meaning(Refusal.PACE, "Slack asks to slow down"),
    "message_limit_exceeded": Meaning(Refusal.PACE, "the Slack workspace sends too many messages"),
    "service_unavailable": Meaning(Refusal.LATER, "Slack is not available"),
    "team_added_to_org": Meaning(Refusal.LATER, "the Slack workspace is being moved"),
    "request_timeout": Meaning(Refusal.LATER, "Slack did not get the whole message"),
    "rollup_error": Meaning(Refusal.UNKNOWN_END, "Slack had an error: the message may have arrived"),
    "internal_error": Meaning(Refusal.UNKNOWN_END, "Slack had an error: the message may have arrived"),
    "fatal_error": Meaning(Refusal.UNKNOWN_END, "Slack had an error: the message may have arrived"),
}


def meaning(code: str) -> Meaning | None:
    """Return what an error code means; ``None`` for one that is not known here."""
    return _MEANINGS.get(code)
