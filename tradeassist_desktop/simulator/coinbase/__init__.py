"""A local Coinbase Exchange: products, candles, tickers and heartbeats, on a loopback port."""
