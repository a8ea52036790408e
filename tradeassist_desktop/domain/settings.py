"""Every setting there is: one line each, with its type, limits and meaning."""

from collections.abc import Mapping
from typing import Final

from tradeassist_desktop.domain.channel_names import CHANNEL_NAMES, CHANNEL_TITLES
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.setting import Setting


def _routing(priority: str, *channels: str) -> Setting:
    return Setting(
        key=f"notify.{priority}",
        default=channels,
        choices=CHANNEL_NAMES,
        doc=f"Channels of alerts with priority {priority} whose rule names none.",
    )


def _quiet(channel: str, title: str) -> Setting:
    return Setting(
        key=f"quiet.{channel}",
        default="off",
        shape="quiet",
        doc=f"Quiet hours of {title}: off, or hours such as 22:00-07:00 America/New_York.",
    )


def _repeat(priority: str, default: str = "off") -> Setting:
    return Setting(
        key=f"repeat.{priority}",
        default=default,
        shape="interval",
        doc=f"How often an alert with priority {priority} is sent again while its condition stays true and "
        "nobody acknowledges it: off, or such as 5m.",
    )


def _escalation(priority: str, default: str = "off") -> Setting:
    return Setting(
        key=f"escalate.{priority}",
        default=default,
        shape="escalation",
        doc=f"Where an alert with priority {priority} goes that nobody acknowledges: off, or such as "
        "2m slack, 5m email.",
    )


def _rotation(secret: str, what: str, default: str) -> Setting:
    return Setting(
        key=f"rotate.{secret}",
        default=default,
        shape="rotation",
        doc=f"When to replace {what}: off, every 90d, before 2h (before it runs out), or 30d with NAME (an "
        "installed rotator). Where the program cannot, you are reminded.",
    )


def _tone(priority: str) -> tuple[Setting, Setting]:
    return (
        Setting(
            key=f"tone.{priority}",
            default=priority,
            shape="tone",
            doc=f"Tone of {priority} alerts: low, normal, high, urgent, or the path of a WAV file of yours.",
        ),
        Setting(
            key=f"tone.{priority}_volume",
            default=100,
            minimum=0,
            maximum=100,
            unit="%",
            doc=f"How loud the tone of {priority} alerts is, as a share of how loud tones are.",
        ),
    )


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key="feed.name",
        default="demo",
        choices=("demo", "schwab", "coinbase"),
        doc="Where market data comes from.",
    ),
    Setting(
        key="feed.also",
        default=(),
        choices=("schwab", "coinbase"),
        doc="Feeds that run beside it; coins (BTC-USD) are asked of coinbase, all else of the other.",
    ),
    Setting(
        key="demo.seed",
        default=7,
        minimum=0,
        maximum=2**31,
        doc="Which demo market: the same seed, the same moves.",
    ),
    Setting(
        key="demo.speed",
        default=1.0,
        minimum=0.1,
        maximum=100.0,
        unit="×",
        doc="How fast the demo market moves.",
    ),
    Setting(
        key="schwab.base_url",
        default="https://api.schwabapi.com",
        shape="url",
        is_dev_only=True,
        doc="Where Schwab's token endpoint and REST answers are.",
    ),
    Setting(
        key="schwab.callback",
        default="https://127.0.0.1:8182",
        shape="callback",
        doc="Where Schwab sends the browser after a sign-in; to the byte as the developer app registered it.",
    ),
    Setting(
        key="coinbase.ws_url",
        default="wss://ws-feed.exchange.coinbase.com",
        shape="websocket",
        is_dev_only=True,
        doc="Where Coinbase streams.",
    ),
    Setting(
        key="coinbase.rest_url",
        default="https://api.exchange.coinbase.com",
        shape="url",
        is_dev_only=True,
        doc="Where Coinbase's list of products and its candles are.",
    ),
    Setting(
        key="coinbase.heartbeat_seconds",
        default=10.0,
        minimum=2.0,
        maximum=600.0,
        unit="s",
        doc="Silence after which Coinbase's stream counts as dead and is opened anew, at the least.",
    ),
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
    Setting(
        key="schwab.heartbeat_seconds",
        default=30.0,
        minimum=1.0,
        maximum=600.0,
        unit="s",
        doc="Silence after which the stream counts as dead and is opened anew, at the least.",
    ),
    Setting(
        key="feed.stale_seconds",
        default=120.0,
        minimum=0.0,
        maximum=86_400.0,
        unit="s",
        doc="Silence of a symbol in its session after which rules that read it are blind; 0 is never.",
    ),
    Setting(
        key="feed.notice_seconds",
        default=20.0,
        minimum=1.0,
        maximum=3_600.0,
        unit="s",
        doc="How long a feed may be down before a notice says how many rules are blind.",
    ),
    Setting(
        key="gates.bad_print_percent",
        default=5.0,
        minimum=0.0,
        maximum=100.0,
        unit="%",
        doc="How far from price and quote a trade must be to wait until another bears it out; 0 is never.",
    ),
    Setting(
        key="feed.repair_seconds",
        default=3.0,
        minimum=0.0,
        maximum=60.0,
        unit="s",
        doc="How long updates after an outage may wait while its bars are fetched for the rules; 0 is never.",
    ),
    Setting(
        key="feed.repair_hours",
        default=8.0,
        minimum=0.0,
        maximum=48.0,
        unit="h",
        doc="How far back the bars of an outage are fetched; what was before is missing.",
    ),
    Setting(
        key="rules.expiry_days",
        default=8,
        minimum=0,
        maximum=60,
        unit="d",
        doc="How many days before its end a contract's rules are flagged and can be rolled.",
    ),
    Setting(
        key="audit.keep_days",
        default=365,
        minimum=30,
        maximum=3650,
        unit="d",
        doc="How long the audit log is kept; the last write and rotation of each secret always is.",
    ),
    Setting(key="storage.record_ticks", default=True, doc="Keep every live update in the database."),
    Setting(
        key="score.enabled",
        default=True,
        doc="Learn from verdicts and outcomes how likely an alert is worth it; needs the extra “score”.",
    ),
    Setting(
        key="recording.schedule",
        default="off",
        shape="schedule",
        doc="Sessions recorded by themselves: off, rth, eth, or hours such as 09:30-11:00 America/New_York.",
    ),
    Setting(
        key="recording.keep",
        default=30,
        minimum=1,
        maximum=10_000,
        doc="How many recordings of the schedule are kept; the oldest make room.",
    ),
    Setting(
        key="recording.max_gb",
        default=10.0,
        minimum=0.1,
        maximum=100_000.0,
        unit="GB",
        doc="How much room recordings of the schedule take together, at the most.",
    ),
    _routing("low", "toast"),
    _routing("normal", "toast", "tray", "sound"),
    _routing("high", "toast", "tray", "sound"),
    _routing("urgent", "toast", "tray", "sound"),
    *(_quiet(channel, title) for channel, title in CHANNEL_TITLES.items()),
    Setting(
        key="quiet.urgent_breaks_through",
        default=True,
        doc="Urgent alerts are sent in quiet hours too.",
    ),
    _repeat("low"),
    _repeat("normal"),
    _repeat("high"),
    _repeat("urgent", "5m"),
    _escalation("low"),
    _escalation("normal"),
    _escalation("high"),
    _escalation("urgent", "2m slack, 5m email"),
    Setting(
        key="notify.duplicate_seconds",
        default=3.0,
        minimum=0.0,
        maximum=60.0,
        unit="s",
        doc="Within which the same message and value of a rule on a symbol is sent once only; 0 is never.",
    ),
    Setting(
        key="notify.replayed",
        default=False,
        doc="Send the alerts of a replay to Slack, e-mail and the webhook too.",
    ),
    Setting(
        key="toast.position",
        default="in_window",
        choices=("in_window", "top_right", "bottom_right", "top_left", "bottom_left"),
        doc="Where toasts stack: in the window, clear of its tools, or in a corner of the screen.",
    ),
    Setting(
        key="toast.seconds",
        default=8,
        minimum=2,
        maximum=120,
        unit="s",
        doc="How long a toast stays; urgent ones stay until acknowledged.",
    ),
    Setting(
        key="toast.away_minutes",
        default=5,
        minimum=0,
        maximum=1_440,
        unit="m",
        doc="How long without mouse or keys until alerts are summed up at your return; 0 is never.",
    ),
    Setting(key="tray.enabled", default=True, doc="Send alerts to the desktop's notifications."),
    Setting(
        key="sound.enabled",
        default=True,
        environment="SOUND_ALERTS_ENABLED",
        doc="Play a tone for each alert.",
    ),
    Setting(key="sound.volume", default=80, minimum=0, maximum=100, unit="%", doc="How loud tones are."),
    Setting(
        key="sound.interval_seconds",
        default=3,
        minimum=0,
        maximum=600,
        unit="s",
        doc="Time in which one tone of a priority is played at most; a higher priority breaks through.",
    ),
    Setting(
        key="sound.repeat_seconds",
        default=20,
        minimum=0,
        maximum=3_600,
        unit="s",
        doc="How often the tone of an urgent alert is played until it is acknowledged; 0 is once.",
    ),
    *(setting for priority in ("low", "normal", "high", "urgent") for setting in _tone(priority)),
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
    Setting(
        key="appearance.theme",
        default="dark",
        choices=("dark", "light", "system"),
        doc="Colours of the window.",
    ),
    Setting(key="appearance.flash", default=True, doc="Flash a watchlist row when its price changes."),
    Setting(
        key="appearance.up_down",
        default="green_red",
        choices=("green_red", "blue_orange"),
        doc="Colours of rising and falling.",
    ),
    Setting(
        key="appearance.watchlist_columns",
        default=(),
        doc="Columns of the watchlist, such as symbol,last,percent; empty shows those that fit.",
    ),
    Setting(
        key="appearance.watchlist_sort",
        default="",
        doc="Column the watchlist is sorted by, with - the greatest first; empty is your own order.",
    ),
    Setting(
        key="appearance.rules_columns",
        default=(),
        doc="Columns of the rules table, such as name,state,today; empty shows those that fit.",
    ),
    Setting(
        key="appearance.rules_sort",
        default="",
        doc="Column the rules are sorted by, with - the last first; empty leaves them in their own order.",
    ),
    Setting(key="appearance.rules_grouped", default=False, doc="Show rules under their tags."),
    Setting(
        key="lock.enabled",
        default=False,
        is_file_only=True,
        doc="Whether the app lock is on; the window sets it up.",
    ),
    Setting(
        key="lock.reset_check",
        default="",
        is_file_only=True,
        doc="What tells the lock's reset key; nothing can be learned from it.",
    ),
    Setting(
        key="lock.at_start",
        default=True,
        is_file_only=True,
        doc="Lock the desk when the program starts; off: a trader is at the desk then.",
    ),
    Setting(
        key="lock.idle_minutes",
        default=10,
        minimum=0,
        maximum=1_440,
        unit="m",
        is_file_only=True,
        doc="How long without mouse or keys until the desk locks itself; 0 is never.",
    ),
    Setting(
        key="lock.covers_window",
        default=True,
        is_file_only=True,
        doc="Cover rules and prices while locked; off: they can be looked at.",
    ),
    Setting(
        key="lock.hides_alert_text",
        default=False,
        is_file_only=True,
        doc="Toasts and notifications say only that there is an alert while locked.",
    ),
    Setting(
        key="shortcuts.changed",
        default=(),
        shape="shortcut",
        doc="Keys other than the program's own, as Help, Keyboard shortcuts sets them, such as "
        "window.new-rule=Ctrl+Alt+N.",
    ),
    Setting(
        key="window.close_to_tray",
        default=True,
        doc="Closing the window leaves the desk running in the tray.",
    ),
)

_BY_KEY: Final[Mapping[str, Setting]] = {setting.key: setting for setting in SETTINGS}


def setting(key: str) -> Setting:
    """Return the setting of that key.

    Raises:
        BadInput: there is none; the message names the nearest.
    """
    try:
        return _BY_KEY[key]
    except KeyError:
        import difflib

        near = difflib.get_close_matches(key, _BY_KEY, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; `tradeassist settings` lists them all"
        raise BadInput([Fault(place=key, message=f"there is no such setting{hint}")]) from None
