"""What people are told of secrets and their rotation."""

from typing import Final

from tradeassist_desktop.domain.rotation import CACHE_KEY, RotationStep
from tradeassist_desktop.domain.secret import (
    SCHWAB_APP,
    SCHWAB_TOKEN,
    SLACK_BOT,
    SLACK_WEBHOOK,
    SMTP,
    WEBHOOK,
    WEBHOOK_HEADERS,
    WEBHOOK_HMAC,
)

_DOCK: Final = "in the Notifications dock, or by “tradeassist channels set"

TITLES: Final = {
    SLACK_BOT: "Slack bot token",
    SLACK_WEBHOOK: "Slack webhook address",
    SMTP: "Mail password",
    WEBHOOK: "Webhook address",
    WEBHOOK_HMAC: "Webhook signing key",
    WEBHOOK_HEADERS: "Webhook headers",
    SCHWAB_APP: "Schwab app secret",
    SCHWAB_TOKEN: "Schwab sign-in",
    CACHE_KEY: "Key of the copies on this computer",
}
"""Secrets as people know them."""

HINTS: Final = {
    SLACK_BOT: f"Make a new token in your Slack app (OAuth & Permissions) and give it {_DOCK} slack”. "
    "Better: switch on token rotation there, and give the refresh token, client ID and client secret too.",
    SLACK_WEBHOOK: f"Add a new webhook in your Slack app, give its address {_DOCK} slack”, and "
    "remove the old one.",
    SMTP: f"Make a new password where your mail is, and give it {_DOCK} email”.",
    WEBHOOK: f"Make a new address at the receiver, and give it {_DOCK} webhook”.",
    WEBHOOK_HMAC: f"Make a new key, give it to the receiver, and {_DOCK} webhook”.",
    WEBHOOK_HEADERS: f"Make new ones at the receiver, and give them {_DOCK} webhook”.",
    SCHWAB_APP: "Make a new secret at developer.schwab.com, and give it in the Data feed dock.",
    SCHWAB_TOKEN: "Sign in anew with one click in the Data feed dock; you are warned 48, 24 and 1 hours "
    "before.",
}
"""What a person does to replace each."""

STEP_WORDS: Final = {
    RotationStep.KEEP: "Putting a copy of the old one aside",
    RotationStep.MAKE: "Having a new one made",
    RotationStep.VERIFY: "Trying the new one",
    RotationStep.SWITCH: "Putting the new one in use",
    RotationStep.RETIRE: "The new one is in use; the old one is ended two hours later",
    RotationStep.DESTROY: "The old version is disabled; it is destroyed a week later",
    RotationStep.ROLL_BACK: "Forgetting the new one; the old one goes on",
    RotationStep.IDLE: "Nothing is left to be done of the last rotation",
}
"""What each step is, for people."""

SIGN_IN_POLICY: Final = "seven days, by signing in"


def title(secret: str) -> str:
    """Return a secret as people know it."""
    return TITLES.get(secret, secret)
