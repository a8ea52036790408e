"""What a person calls each setting; files and the command line know it by its key."""

from collections.abc import Mapping
from typing import Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channel_names import CHANNEL_TITLES
from tradeassist_desktop.domain.setting import Setting
from tradeassist_desktop.services.rotation.words import TITLES as SECRETS
from tradeassist_desktop.services.settings import Value
from tradeassist_desktop.ui.widgets.lock.lock_sheet import CHECKS, IDLE

FAMILIES: Final[Mapping[str, str]] = {
    "feed": "Data feed",
    "demo": "Demo market",
    "schwab": "Schwab",
    "coinbase": "Coinbase",
    "gates": "Gates",
    "rules": "Rules",
    "score": "Learned score",
    "notify": "Routing",
    "quiet": "Quiet hours",
    "repeat": "Repeats",
    "escalate": "Escalation",
    "toast": "Toasts",
    "tray": "Tray",
    "sound": "Sound",
    "tone": "Tones",
    "slack": "Slack",
    "smtp": "E-mail",
    "webhook": "Webhook",
    "secrets": "Secrets",
    "rotate": "Rotation",
    "audit": "Audit log",
    "lock": "App lock",
    "storage": "Storage",
    "recording": "Recordings",
    "appearance": "Appearance",
    "shortcuts": "Keyboard",
    "window": "Window",
}
"""What settings are of, by the first part of their keys."""


def _first_upper(title: str) -> str:
    bare = title.removeprefix("the ")
    return f"{bare[:1].upper()}{bare[1:]}"


def _alerts(priority: Priority) -> str:
    return f"{priority.value.capitalize()} alerts"


TITLES: Final[Mapping[str, str]] = {
    "feed.name": "Data source",
    "feed.also": "Further data sources",
    "feed.stale_seconds": "Silence that makes rules blind",
    "feed.notice_seconds": "Notice of an outage after",
    "feed.repair_seconds": "Wait for an outage's bars",
    "feed.repair_hours": "Fetch bars of outages up to",
    "demo.seed": "Which demo market",
    "demo.speed": "Speed",
    "schwab.base_url": "Address of the API",
    "schwab.callback": "Callback address",
    "schwab.heartbeat_seconds": "Connect anew after silence of",
    "coinbase.ws_url": "Address of the stream",
    "coinbase.rest_url": "Address of the API",
    "coinbase.heartbeat_seconds": "Connect anew after silence of",
    "gates.bad_print_percent": "Hold back prints this far off",
    "rules.expiry_days": "Flag rules before their contract ends",
    "score.enabled": "Learn which alerts are worth it",
    "notify.duplicate_seconds": "Send the same only once within",
    "notify.replayed": "Send alerts of replays",
    "quiet.urgent_breaks_through": "Urgent alerts break through",
    "toast.position": "Place on the screen",
    "toast.seconds": "Stay for",
    "toast.away_minutes": "Sum up when away for",
    "tray.enabled": "Send notifications",
    "sound.enabled": "Play tones",
    "sound.volume": "Volume",
    "sound.interval_seconds": "At most one tone in",
    "sound.repeat_seconds": "Repeat urgent tones every",
    "slack.base_url": "Address of the API",
    "slack.mode": "Way to post",
    "slack.channel": "Channel",
    "slack.pictures": "Send pictures",
    "smtp.host": "Mail server",
    "smtp.port": "Port",
    "smtp.security": "Encryption",
    "smtp.from": "From",
    "smtp.to": "To",
    "webhook.allow_private": "Allowed private addresses",
    "secrets.order": "Who is asked first",
    "secrets.memory_minutes": "Ask a keeper again after",
    "secrets.offline_hours": "Go on without a keeper for",
    "secrets.gcp.project": "Google Cloud project",
    "secrets.gcp.location": "Google Cloud region",
    "secrets.gcp.credentials": "Google Cloud key file",
    "secrets.gcp.prefix": "Prefix of ids",
    "secrets.gcp.endpoint": "Address of Secret Manager",
    "audit.keep_days": "Keep entries for",
    "lock.enabled": "App lock",
    "lock.reset_check": "Check of the reset key",
    **dict(CHECKS),
    "lock.idle_minutes": IDLE,
    "storage.record_ticks": "Keep every update",
    "recording.schedule": "Record by itself",
    "recording.keep": "Recordings kept",
    "recording.max_gb": "Room they take at most",
    "appearance.theme": "Colours",
    "appearance.flash": "Flash changed prices",
    "appearance.up_down": "Colours of up and down",
    "appearance.watchlist_columns": "Columns of the watchlist",
    "appearance.watchlist_sort": "Order of the watchlist",
    "appearance.rules_columns": "Columns of the rules",
    "appearance.rules_sort": "Order of the rules",
    "appearance.rules_grouped": "Rules under their tags",
    "shortcuts.changed": "Keys of your own",
    "window.close_to_tray": "Closing hides it in the tray",
    **{
        f"{family}.{priority.value}": _alerts(priority)
        for family in ("notify", "repeat", "escalate", "tone")
        for priority in Priority
    },
    **{f"tone.{priority.value}_volume": f"{_alerts(priority)}: volume" for priority in Priority},
    **{f"quiet.{channel}": _first_upper(title) for channel, title in CHANNEL_TITLES.items()},
    **{f"rotate.{name}": title for name, title in SECRETS.items()},
}
"""Within their family."""

_IN_CORNERS: Final = {
    f"{vertical}_{horizontal}": f"{vertical.capitalize()} {horizontal} of the screen"
    for vertical in ("top", "bottom")
    for horizontal in ("left", "right")
}
VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "feed.name": {"demo": "Demo market", "schwab": "Schwab", "coinbase": "Coinbase"},
    "slack.mode": {"auto": "What there is", "bot": "By the bot token", "webhook": "By the webhook"},
    "toast.position": {"in_window": "In the window", **_IN_CORNERS},
    "smtp.security": {"starttls": "STARTTLS", "tls": "TLS", "none": "None"},
    "appearance.theme": {"dark": "Dark", "light": "Light", "system": "As the system"},
    "appearance.up_down": {"green_red": "Green and red", "blue_orange": "Blue and orange"},
}
"""What a person calls the choices of a setting that is one of several."""


def family_of(spec: Setting) -> str:
    """Return what a setting is of."""
    return FAMILIES[spec.key.partition(".")[0]]


def title_of(spec: Setting) -> str:
    """Return what a setting is called within its family."""
    return TITLES[spec.key]


def choices_of(spec: Setting) -> list[tuple[str, str]]:
    """Return the choices of a setting, each with what it is called."""
    return [(value, VALUES[spec.key][value]) for value in spec.choices]


def in_words(spec: Setting, value: Value) -> str:
    """Return a value as a person reads it: a choice by its title, all else as it is typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, float):
        return f"{value:.12g}"
    return VALUES.get(spec.key, {}).get(str(value), str(value))
