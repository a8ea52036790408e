"""Every setting there is, and how to find one."""

from collections.abc import Mapping
from typing import Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.setting import Setting
from tradeassist_desktop.domain.setting_tables.channels import CHANNELS
from tradeassist_desktop.domain.setting_tables.keeping import KEEPING
from tradeassist_desktop.domain.setting_tables.market_data import MARKET_DATA
from tradeassist_desktop.domain.setting_tables.notifications import NOTIFICATIONS
from tradeassist_desktop.domain.setting_tables.secrets import SECRETS
from tradeassist_desktop.domain.setting_tables.window import WINDOW

SETTINGS: Final[tuple[Setting, ...]] = (
    *MARKET_DATA,
    *CHANNELS,
    *SECRETS,
    *KEEPING,
    *NOTIFICATIONS,
    *WINDOW,
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
