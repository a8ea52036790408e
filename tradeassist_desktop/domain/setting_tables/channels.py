"""Settings of the channels that send alerts away: Slack, e-mail and the webhook."""

from typing import Final

from tradeassist_desktop.domain.setting import Setting

CHANNELS: Final[tuple[Setting, ...]] = (
    Setting(
        key="slack.base_url",
        default="https://slack.com/api",
        shape="url",
        is_dev_only=True,
        doc="Where Slack's API is.",
    ),
    Setting(
        key="slack.mode",
        default="auto",
        choices=("auto", "bot", "webhook"),
        doc="How to post: with the bot token, by the webhook, or auto: the token where there is one.",
    ),
    Setting(
        key="slack.channel",
        default="",
        environment="SLACK_CHANNEL",
        doc="Channel the Slack bot posts in: #alerts, or its id. A webhook has its own.",
    ),
    Setting(
        key="slack.pictures",
        default=True,
        doc="Send a small chart after each alert, where the bot token may upload files.",
    ),
    Setting(key="smtp.host", default="", shape="host", doc="Mail server that alerts are handed to."),
    Setting(
        key="smtp.port",
        default=587,
        minimum=1,
        maximum=65_535,
        doc="Port of the mail server: mostly 587 for starttls, 465 for tls.",
    ),
    Setting(
        key="smtp.security",
        default="starttls",
        choices=("starttls", "tls", "none"),
        doc="How the way to the mail server is encrypted; none only with --dev, on this machine.",
    ),
    Setting(key="smtp.from", default="", shape="address", doc="Address that alerts by e-mail come from."),
    Setting(key="smtp.to", default=(), shape="address", doc="Addresses that get alerts by e-mail."),
    Setting(
        key="webhook.allow_private",
        default=(),
        shape="origin",
        doc="Addresses on this machine or network that the webhook may go to, such as http://192.168.1.20:8123.",
    ),
)
