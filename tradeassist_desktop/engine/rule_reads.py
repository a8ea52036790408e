"""What rules at work read: which symbols, and which of their prices they compare with a constant."""

from collections import Counter

from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.engine.instance import Instance
from tradeassist_desktop.engine.phase import is_armed
from tradeassist_desktop.engine.rulefiles.price_levels import price_levels


class RuleReads:
    """By symbol, of the instances that were added and not removed since."""

    def __init__(self) -> None:
        self._symbols: Counter[str] = Counter()
        self._levels: dict[str, dict[Instance, tuple[float, ...]]] = {}

    def add(self, instance: Instance) -> None:
        """Take in what an instance reads."""
        self._symbols.update(book.symbol for book in instance.books)
        for symbol, price in price_levels(instance.meaning.condition, instance.symbol):
            prices = self._levels.setdefault(symbol, {})
            prices[instance] = (*prices.get(instance, ()), price)

    def remove(self, instance: Instance) -> None:
        """Forget what an instance read that was added once."""
        self._symbols.subtract(book.symbol for book in instance.books)
        for book in instance.books:
            if not self._symbols[book.symbol]:
                del self._symbols[book.symbol]
            levels = self._levels.get(book.symbol)
            if levels is not None:
                levels.pop(instance, None)
                if not levels:
                    del self._levels[book.symbol]

    def symbols(self) -> frozenset[str]:
        """Return all symbols that are read."""
        return frozenset(self._symbols)

    def levels(self, symbol: str, now_ns: int) -> tuple[PriceLevel, ...]:
        """Return the constants compared with a price of this symbol."""
        return tuple(
            PriceLevel(
                uid=instance.rule.uid,
                rule_name=instance.rule.name,
                symbol=symbol,
                price=price,
                is_armed=is_armed(instance, now_ns),
            )
            for instance, prices in self._levels.get(symbol, {}).items()
            for price in prices
        )
