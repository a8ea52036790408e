"""What the failures of a channel say of its receiver."""

import pytest

from tradeassist_desktop.domain.delivery import (
    ChannelBarred,
    ChannelUnavailable,
    Misshapen,
    RateLimited,
    Uncertain,
    Undeliverable,
)
from tradeassist_desktop.runtime.breakers.outcomes import Outcome
from tradeassist_desktop.services.delivery.channel_breakers import judge


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Undeliverable("server said 503", retry=True), Outcome.FAILURE),
        (Uncertain("cut off"), Outcome.FAILURE),
        (TimeoutError(), Outcome.FAILURE),
        (RateLimited("slow down", retry_after_s=30), Outcome.NEUTRAL),
        (ChannelBarred("token refused"), Outcome.NEUTRAL),
        (ChannelUnavailable("no token"), Outcome.NEUTRAL),
        (Misshapen("too long"), Outcome.NEUTRAL),
        (Undeliverable("no such channel", retry=False), Outcome.NEUTRAL),
        (ValueError("cannot be drawn"), Outcome.NEUTRAL),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.value,
)
def test_only_what_may_pass_speaks_against_a_receiver(error: Exception, outcome: Outcome) -> None:
    assert judge(error) is outcome
