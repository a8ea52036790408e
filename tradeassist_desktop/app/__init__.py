"""Composition root: the only place that builds services. Starts and stops them in order."""

from tradeassist_desktop.app.launch import Launch, claim

__all__ = ["Launch", "claim", "run_desktop", "run_headless"]


def run_headless(launch: Launch) -> int:
    """Run the desk without a window until SIGTERM or the end of a replay; return the exit status."""
    from tradeassist_desktop.app import headless

    return headless.run(launch)


def run_desktop(launch: Launch) -> int:
    """Run the desk with its window until it is quit; return the exit status."""
    from tradeassist_desktop.app import desktop

    return desktop.run(launch)
