"""Where the tour stops: every dock and sheet, also when it is empty, at work or refuses."""

from dataclasses import dataclass
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[1] / "resources" / "samples"


@dataclass(frozen=True)
class Stop:
    """What to do, and the name of the picture then; what is left open is closed after it.

    Args:
        steps: ``key ctrl+n``, ``type TEXT``, ``wait SECONDS``, ``drag FILE`` to above the window, ``drop``.
        leave: Steps after the picture.
        goes_on: Begins where the stop before it ends.
        prepares: Leaves what later stops need.
    """

    name: str
    steps: tuple[str, ...]
    leave: tuple[str, ...] = ()
    goes_on: bool = False
    prepares: bool = False


# What the walk needs first: a condition that fires, one with a band and one whose words are long.
OWN_RULES = (
    "/ES last crosses above 5530.25",
    "AAPL last > sma(10)[1m] and rsi(14)[1m] < 60",
    "$VIX.last < 20 and /NQ.last crosses above highest(high, 20)[1m]",
)

# With Ctrl the keyboard moves alone, what is selected stays.
FIRST = ("key ctrl+Home", "key Down", "key Up")
# The first of OWN_RULES, which nothing forbids to be made longer.
FOURTH = (*FIRST, "key Down", "key Down", "key Down")

RECORDING = "esu24-2024-07-02-level1.csv.gz"
GROUPS = (("Futures", 4),)
# From the Test dock's first field to what is varied, of the rule with two numbers.
SWEPT = (
    *("key ctrl+3", "key ctrl+End", "key Up", "key t", "wait 6"),
    *("key Tab",) * 12,
    *("key Down", "wait 1"),
    *("key Tab",) * 4,
    "key space",
)


def command(words: str) -> tuple[str, ...]:
    """Return the steps that have the palette do what is called so."""
    return ("key ctrl+k", "wait 1", f"type {words}", "wait 1", "key Return", "wait 1")


def grouped(name: str, symbols: int) -> tuple[str, ...]:
    """Return the steps that put the first symbols of the watchlist into a new group."""
    return (
        *("key ctrl+1", "key Home"),
        *("key shift+Down",) * (symbols - 1),
        *("key Menu", "wait 1"),
        *("key Down",) * 5,
        *("key Right", "key Up", "key Return", "wait 1"),
        *(f"type {name}", "key Return", "wait 1"),
    )


STOPS = (
    Stop("welcome", ("wait 2",)),
    Stop(
        "welcome-schwab", ("key Right", "key space", "wait 1"), ("key Escape",), goes_on=True, prepares=True
    ),
    Stop("desk", ("key ctrl+4", "wait 1")),
    Stop("menu-desk", ("key alt+d", "wait 1")),
    Stop("menu-rules", ("key Right", "wait 1"), goes_on=True),
    Stop("menu-view", ("key Right", "wait 1"), goes_on=True),
    Stop("menu-help", ("key Right", "wait 1"), ("key Escape", "key Escape"), goes_on=True),
    Stop("quick-add-empty", ("key ctrl+n", "wait 1")),
    Stop("quick-add-fault", ("type /ES last crosses abve 5530", "wait 1"), goes_on=True),
    Stop("quick-add-units", ("key ctrl+a", "type AAPL volume > 2%", "wait 1"), goes_on=True),
    Stop("quick-add-completion", ("key ctrl+a", "type AAPL close[1m] > bb", "wait 1"), goes_on=True),
    Stop("quick-add-symbols", ("key ctrl+a", "type /E", "wait 2"), goes_on=True),
    Stop(
        "quick-add-good",
        ("key ctrl+a", f"type {OWN_RULES[0]}", "wait 2"),
        ("key Return", "wait 1"),
        goes_on=True,
        prepares=True,
    ),
    Stop(
        "can-be-undone",
        tuple(
            step for rule in OWN_RULES[1:] for step in ("key ctrl+n", f"type {rule}", "key Return", "wait 1")
        ),
        prepares=True,
    ),
    Stop("palette-empty", ("key ctrl+k", "wait 1")),
    Stop("palette", ("type rul", "wait 1"), goes_on=True),
    Stop("palette-symbol", ("key ctrl+a", "type aapl", "wait 2"), ("key Escape",), goes_on=True),
    Stop("rules", ("key ctrl+3", "wait 1")),
    Stop("rules-selected", ("key ctrl+a", "key Menu", "wait 1"), ("key Escape",), goes_on=True),
    Stop("rules-in-place", ("key ctrl+Home", "key F2", "wait 1"), ("key Escape",), goes_on=True),
    Stop("rules-filtered", ("key ctrl+f", "type tick", "wait 1"), goes_on=True),
    Stop(
        "rules-nothing-found",
        ("key ctrl+a", "type nothing like it", "wait 1"),
        ("key ctrl+a", "key BackSpace", "key Escape"),
        goes_on=True,
    ),
    Stop("rules-filter", ("key ctrl+3", "key ctrl+f", "key Tab", "key space", "wait 1"), ("key Escape",)),
    Stop(
        "rules-columns",
        ("key Tab", "key space", "key Down", "key Right", "wait 1"),
        ("key Escape", "key Escape"),
        goes_on=True,
    ),
    Stop(
        "rules-grouped",
        ("key space", "key Up", "key Return", "wait 1"),
        ("key space", "key Up", "key Return"),
        goes_on=True,
    ),
    Stop("rules-cooldowns", ("key ctrl+3", *FIRST, "key Menu", *("key Down",) * 8, "key Right", "wait 1")),
    Stop("rules-cooldown-asked", ("key Up", "key Return", "wait 1"), goes_on=True),
    Stop("rules-cooldown-refused", ("type soon", "key Return", "wait 1"), ("key Escape",), goes_on=True),
    Stop("editor-empty", ("key ctrl+e", "wait 1")),
    Stop("why-not", ("key ctrl+3", *FIRST, "key w", "wait 2")),
    Stop("editor-form", ("key ctrl+3", *FIRST, "key e", "wait 3")),
    Stop("editor-expression", ("key ctrl+shift+e", "wait 2"), goes_on=True),
    Stop(
        "editor-fault",
        ("key ctrl+a", "type last crosses abve 5530 and rsi(14)[5m] < 70", "wait 2"),
        goes_on=True,
    ),
    Stop(
        "editor-proposals", ("key ctrl+a", "type last > 5400 and rs", "wait 1"), ("key Escape",), goes_on=True
    ),
    Stop("editor-rearm", ("type i(14)[5m] < 90", "wait 2"), goes_on=True),
    Stop("editor-how-often", ("key Escape", "key ctrl+s", "wait 1"), goes_on=True),
    Stop("editor-message", ("key Tab", "key Tab", "key space", *("key Tab",) * 4, "wait 2"), goes_on=True),
    Stop("editor-several", ("key ctrl+3", *FOURTH, "key e", "wait 2"), goes_on=True),
    Stop(
        "editor-sees",
        ("key ctrl+a", "type last crosses above 5530 and rsi(14)[1m] < 70", "wait 3"),
        goes_on=True,
    ),
    Stop("editor-saved", ("key Escape", "key ctrl+s", "wait 2"), ("key ctrl+z", "wait 1"), goes_on=True),
    Stop("test", ("key ctrl+3", *FIRST, "key t", "wait 4")),
    Stop("test-of-a-share", ("key ctrl+3", "key ctrl+End", "key Up", "key t", "wait 6")),
    Stop("suggestions-empty", ("key ctrl+g", "wait 1")),
    Stop("suggestions-loading", ("key Tab", "key space", "wait 1"), goes_on=True),
    Stop("suggestions", ("wait 16",), goes_on=True),
    Stop("templates", ("key ctrl+shift+n", "wait 2")),
    Stop("templates-found", ("type volume", "wait 2"), goes_on=True),
    Stop(
        "templates-nothing-found",
        ("key ctrl+a", "type nothing like it", "wait 1"),
        ("key Escape", "key Escape"),
        goes_on=True,
    ),
    Stop("template-named", ("key ctrl+3", *FIRST, *command("Save as template")), ("key Escape",)),
    Stop("language", ("key shift+F1", "wait 1")),
    Stop("language-found", ("type rsi", "wait 1"), goes_on=True),
    Stop(
        "language-nothing-found",
        ("key ctrl+a", "type nothing like it", "wait 1"),
        ("key ctrl+a", "key BackSpace"),
        goes_on=True,
    ),
    Stop("shortcuts", ("key F1", "wait 1")),
    Stop("shortcuts-nothing-found", ("type nothing like it", "wait 1"), ("key Escape",), goes_on=True),
    Stop("about", command("About TradeAssist"), ("key Escape",)),
    Stop(
        "layout-named",
        command("Save layout"),
    ),
    Stop("layout-refused", ("key Return", "wait 1"), ("key Escape",), goes_on=True),
    Stop("chart", ("key ctrl+2", "wait 2")),
    Stop("chart-split", ("key ctrl+shift+Right", "wait 2"), ("key ctrl+shift+w",), goes_on=True),
    Stop("chart-menu", ("key Menu", "wait 1"), ("key Escape",), goes_on=True),
    Stop("watchlist", ("key ctrl+1", "wait 1")),
    Stop("watchlist-details", ("key alt+Return", "wait 1"), ("key alt+Return",), goes_on=True),
    Stop("watch-groups", tuple(step for name, symbols in GROUPS for step in grouped(name, symbols))),
    Stop("watch-menu", ("key ctrl+1", "key Menu", "wait 1"), ("key Escape",)),
    Stop("heat-map", (*SWEPT, "wait 25")),
    Stop("import", ("key ctrl+i", "wait 2", f"type {SAMPLES}/sample_rules.json", "key Return", "wait 3")),
    Stop(
        "import-refused",
        (
            "key Escape",
            "key ctrl+i",
            "wait 2",
            f"type {SAMPLES}/esu24-2024-07-02-level1.csv.gz",
            "key Return",
            "wait 3",
        ),
        ("key Escape",),
        goes_on=True,
    ),
    Stop("file-above", (f"drag {SAMPLES}/sample_rules.json", "wait 1")),
    Stop("file-dropped", ("drop", "wait 4"), ("key Escape",), goes_on=True),
    Stop("alerts", ("key ctrl+4", "wait 1")),
    Stop("paused", ("key ctrl+shift+p", "wait 2"), ("key ctrl+shift+p", "wait 1")),
    Stop("alerts-why", ("key ctrl+4", "key Home", "key Down", "wait 1")),
    Stop("health", ("key ctrl+5", "wait 1")),
    Stop("data-feed", ("key ctrl+6", "wait 1")),
    Stop("notifications", ("key ctrl+7", "wait 1")),
    Stop("delivery", ("key ctrl+8", "wait 2")),
    Stop("audit", ("key ctrl+9", "wait 2")),
    Stop("settings", ("key ctrl+0", "wait 1")),
    Stop("settings-all", ("key shift+Tab", "key space", "key ctrl+0", "wait 1"), goes_on=True),
    Stop("recording", ("key ctrl+6", "key ctrl+r", "wait 3"), ("key ctrl+r", "wait 1")),
    Stop(
        "recording-refused",
        ("key ctrl+o", "wait 2", f"type {SAMPLES}/sample_rules.json", "key Return", "wait 3"),
        ("key Escape",),
    ),
    Stop(
        "recording-symbol",
        ("key ctrl+o", "wait 2", f"type {SAMPLES}/usdjpy-2013-01-01-quotes.csv.gz", "key Return", "wait 3"),
        ("key Escape",),
    ),
    Stop(
        "replay",
        ("key ctrl+o", "wait 2", f"type {SAMPLES}/{RECORDING}", "key Return", "wait 8"),
        ("key ctrl+shift+l", "wait 5"),
    ),
)

# On a desk without a rule; in the end its watchlist is empty, too.
EMPTY_STOPS = (
    Stop("no-rules", ("key Escape", "key ctrl+3", "wait 1"), prepares=True),
    Stop("no-rule-to-test", ("key ctrl+t", "wait 1")),
    Stop("no-rule-to-study", ("key ctrl+g", "wait 1")),
    Stop("no-delivery", ("key ctrl+8", "wait 1")),
    Stop("no-alerts", ("key ctrl+4", "wait 1")),
    Stop("no-entries", ("key ctrl+9", "wait 2")),
    Stop("nothing-watched", ("key ctrl+4", "key ctrl+1", "key ctrl+a", "key Delete", "wait 2")),
    Stop("unknown-symbol", ("type ZZZZ", "wait 1", "key Return", "wait 3")),
    Stop("unknown-chart", ("key ctrl+1", "key Home", "key Return", "wait 3")),
)
