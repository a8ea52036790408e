"""The price chart: candles by number, painted by pixel."""
