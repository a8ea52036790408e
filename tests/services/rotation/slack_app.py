"""A Slack app that rotates its tokens, and the secret its trader has given."""

from pathlib import Path
from typing import Any

from tests.channels.slack_server import TOKEN, App, SlackServer
from tests.fakes import NS_PER_SECOND
from tradeassist_desktop.channels.slack_tokens import SlackTokens
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.settings import Settings

CLIENT_ID = "1234.5678"
CLIENT_SECRET = "thesecretoftheapp"
FIRST_REFRESH = "xoxe-1-refreshtheveryfirst"
GIVEN = {
    "token": TOKEN,
    "refresh_token": FIRST_REFRESH,
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
}


def rotating(server: SlackServer) -> App:
    """Have the app of ``TOKEN`` rotate its tokens."""
    server.apps[CLIENT_ID] = App(secret=CLIENT_SECRET, refresh_tokens={FIRST_REFRESH})
    return server.apps[CLIENT_ID]


def tokens_at(server: SlackServer, folder: Path, clock: Clock, **changes: Any) -> SlackTokens:
    settings = Settings(
        file=folder / "none.json", overrides=(f"slack.base_url={server.base_url}",), is_dev=True
    )
    return SlackTokens(settings=settings, clock=clock, **changes)


def ending_in(clock: Clock, seconds: float) -> dict[str, str]:
    """Return the secret given, which runs out so soon."""
    return {**GIVEN, "expires_ns": str(clock.now_ns() + round(seconds * NS_PER_SECOND))}
