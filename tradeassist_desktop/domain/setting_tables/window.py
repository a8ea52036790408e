"""Settings of the window: its looks, its lock and its keys."""

from typing import Final

from tradeassist_desktop.domain.setting import Setting

WINDOW: Final[tuple[Setting, ...]] = (
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
