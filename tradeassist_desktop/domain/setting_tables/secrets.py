"""Settings of secrets: who keeps them, for how long they are used, and when they are replaced."""

from typing import Final

from tradeassist_desktop.domain.setting import Setting


def _rotation(secret: str, what: str, default: str) -> Setting:
    return Setting(
        key=f"rotate.{secret}",
        default=default,
        shape="rotation",
        doc=f"When to replace {what}: off, every 90d, before 2h (before it runs out), or 30d with NAME (an "
        "installed rotator). Where the program cannot, you are reminded.",
    )


SECRETS: Final[tuple[Setting, ...]] = (
    Setting(
        key="secrets.order",
        default=("secret manager", "keyring", "environment"),
        choices=("secret manager", "keyring", "environment"),
        doc="Who is asked for a secret, first to last. Who is not named is not asked.",
    ),
    Setting(
        key="secrets.memory_minutes",
        default=60,
        minimum=1,
        maximum=1_440,
        unit="m",
        doc="How long a secret that was read is used before its keeper is asked again.",
    ),
    Setting(
        key="secrets.offline_hours",
        default=24.0,
        minimum=0.0,
        maximum=72.0,
        unit="h",
        doc="How long a secret is used whose keeper cannot be asked, from when it answered last.",
    ),
    Setting(
        key="secrets.gcp.project",
        default="",
        shape="project",
        environment="GCP_PROJECT_ID",
        doc="Google Cloud project whose Secret Manager keeps secrets; empty is none.",
    ),
    Setting(
        key="secrets.gcp.location",
        default="",
        shape="region",
        doc="Region of regional secrets, such as europe-west3; empty for global ones.",
    ),
    Setting(
        key="secrets.gcp.credentials",
        default="",
        environment="GOOGLE_APPLICATION_CREDENTIALS",
        doc="Path of a service account's key file; empty for what gcloud or the machine is signed in as.",
    ),
    Setting(
        key="secrets.gcp.prefix",
        default="tradeassist-",
        shape="prefix",
        doc="What ids of secrets begin with, so that desks can share a project.",
    ),
    Setting(
        key="secrets.gcp.endpoint",
        default="secretmanager.googleapis.com:443",
        shape="host:port",
        is_dev_only=True,
        doc="Where Secret Manager is; with a location, its region's own unless another is set here.",
    ),
    _rotation("cache.key", "the key of the secrets' copies on this computer", "90d"),
    _rotation("slack.bot", "the Slack bot's token", "before 2h"),
    _rotation("slack.webhook", "the address of the Slack webhook", "365d"),
    _rotation("smtp", "the mail server's password", "180d"),
    _rotation("webhook.main", "the webhook's address", "off"),
    _rotation("webhook.hmac", "the webhook's signing key", "365d"),
    _rotation("webhook.headers", "the webhook's headers", "off"),
    _rotation("schwab.app", "the secret of the Schwab developer app", "365d"),
)
