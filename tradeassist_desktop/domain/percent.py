"""Parts of a whole as a trader reads them."""


def in_percent(share: float) -> str:
    """Return a part of a whole, 0 to 1, in whole percent: ``81 %``."""
    return f"{100 * share:.0f} %"
