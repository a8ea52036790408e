"""Where the tour stops on other desks: with toasts, with a past, in trouble, signed out, with a lock."""

from tour_stops import FIRST, Stop, command

# Toasts are seen here; elsewhere they would stand before what the picture is of.
TOAST_STOPS = (
    Stop("toast", ("wait 1",)),
    Stop("toasts", ("wait 25",)),
    Stop(
        "toasts-while-typing",
        ("key ctrl+n", "type AAPL last > 2", "wait 1"),
        ("key Escape", "key Escape"),
    ),
    Stop("back-again", ("wait 70", "key shift", "wait 3")),
)

# A day of alerts, a year of secrets read.
IN_USE_STOPS = (
    Stop("alerts-in-use", ("key ctrl+4", "key Home", *("key Down",) * 14, "wait 1")),
    Stop("alerts-menu", ("key Menu", "wait 1"), ("key Escape",), goes_on=True),
    Stop("delivery-in-use", ("key ctrl+8", "wait 4")),
    Stop("audit-in-use", ("key ctrl+9", "wait 4")),
    Stop("credentials", ("key ctrl+0", "wait 1", "key Down", "key Down", "wait 3")),
    Stop(
        "google-cloud",
        ("key shift+Tab", "key Left", "key Left", "key space", "key ctrl+0", "wait 2"),
        goes_on=True,
    ),
    Stop("google-cloud-tested", ("key Return", "wait 6"), goes_on=True),
)

# What goes wrong by the clock is in LASTING_TROUBLE of scenes.py; these stops are in its order.
TROUBLE_STOPS = (
    Stop("trouble-feed", ("key ctrl+6", "key ctrl+r", "wait 45")),
    Stop("trouble-alerts", ("key ctrl+4", "wait 1")),
    Stop("blind", ("wait 45", "key ctrl+3", *FIRST, "wait 1")),
    Stop("blind-why", ("key w", "wait 2"), goes_on=True),
    Stop("blind-feed", ("key ctrl+6", "wait 1"), ("key ctrl+r", "wait 1"), goes_on=True),
    Stop("blind-health", ("key ctrl+5", "wait 1"), goes_on=True),
)

SIGNED_OUT_STOPS = (
    Stop("signed-out", ("wait 3",)),
    Stop("signed-out-feed", ("key ctrl+6", "wait 2")),
    Stop("signed-out-chart", ("key ctrl+2", "wait 1")),
)

ADMIN_PIN, TRADER_PIN = "821173", "traders only"
LOCK_STOPS = (
    Stop("lock-set-up", ("key ctrl+l", "wait 1"), prepares=True),
    Stop(
        "lock-set-up-refused",
        ("type 12", "key Return", "wait 1"),
        ("key ctrl+a", "key BackSpace"),
        goes_on=True,
    ),
    Stop(
        "lock-reset-key",
        (
            *(f"type {ADMIN_PIN}", "key Tab", f"type {ADMIN_PIN}", "key Tab"),
            *(f"type {TRADER_PIN}", "key Tab", f"type {TRADER_PIN}", "key Return", "wait 4"),
        ),
        ("key Return", "wait 1"),
        goes_on=True,
    ),
    Stop("app-lock", ("key ctrl+alt+l", "wait 1"), ("key Escape",)),
    Stop("change-pin", command("Change PIN"), ("key Escape",)),
    Stop("one-time-codes", command("One-time codes"), ("key Escape",)),
    Stop("change-role", command("Change role"), ("key Escape",)),
    Stop(
        "settings-with-lock", ("key ctrl+0", "key shift+Tab", "key Left", "key space", "key ctrl+0", "wait 1")
    ),
    Stop("locked-refused", ("key ctrl+l", "wait 1", "type wrong", "key Return", "wait 2")),
)

# The viewer's PIN of locked_before.py.
AS_VIEWER = ("key shift+Tab", "key Down", "key Down", "key Tab", "type just looking", "key Return")
# On a desk with a lock, which is drawn as the walk begins.
VIEWER_STOPS = (
    Stop("locked", ("wait 1",), prepares=True),
    Stop(
        "viewer",
        (*AS_VIEWER, "wait 2", "key ctrl+3", *FIRST, "key Menu", "wait 1"),
        ("key Escape",),
        goes_on=True,
        prepares=True,
    ),
    Stop("viewer-editor", ("key e", "wait 2"), goes_on=True),
)
