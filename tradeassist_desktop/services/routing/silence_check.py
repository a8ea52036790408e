"""What is wrong with a silence that somebody wants."""

from tradeassist_desktop.domain.channel_names import CHANNEL_NAMES
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.routing import Silence, SilenceScope


def check_silence(silence: Silence, now_ns: int) -> None:
    """Say what is wrong with a silence, each fault by the name of its field.

    Raises:
        BadInput: its end is past or not after its begin, there is no channel of that name, or nothing
            it is about.
    """
    faults: list[Fault] = []
    if silence.until_ns is not None and silence.until_ns <= now_ns:
        faults.append(Fault(place="until", message="expected a time to come"))
    elif silence.until_ns is not None and silence.until_ns <= silence.from_ns:
        faults.append(Fault(place="until", message="expected a time after its begin"))
    for channel in silence.channels:
        if channel not in CHANNEL_NAMES:
            message = f"expected one of {', '.join(CHANNEL_NAMES)}, found {channel[:40]!r}"
            faults.append(Fault(place="channels", message=message))
    needed: dict[SilenceScope, dict[str, str]] = {
        SilenceScope.ALL: {},
        SilenceScope.RULE: {"rule": silence.rule_uid},
        SilenceScope.TAG: {"tag": silence.tag},
        SilenceScope.SYMBOL: {"symbol": silence.symbol},
        SilenceScope.RULE_SYMBOL: {"rule": silence.rule_uid},
    }
    faults += [
        Fault(place=name, message="expected one")
        for name, value in needed[silence.scope].items()
        if not value
    ]
    if faults:
        raise BadInput(faults)
