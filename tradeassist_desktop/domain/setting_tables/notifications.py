"""Settings of where and when alerts are told, and how they look and sound here."""

from typing import Final

from tradeassist_desktop.domain.channel_names import CHANNEL_NAMES, CHANNEL_TITLES
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


NOTIFICATIONS: Final[tuple[Setting, ...]] = (
    _routing("low", "toast"),
    _routing("normal", "toast", "tray", "sound"),
    _routing("high", "toast", "tray", "sound"),
    _routing("urgent", "toast", "tray", "sound"),
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
)
