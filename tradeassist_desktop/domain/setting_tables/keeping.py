"""Settings of what is kept on the disk, and what is learned from it."""

from typing import Final

from tradeassist_desktop.domain.setting import Setting

KEEPING: Final[tuple[Setting, ...]] = (
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
)
