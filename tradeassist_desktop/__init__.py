"""TradeAssist Desktop: streams the market, evaluates alert rules, interrupts its trader."""

__version__ = "0.1.0"
