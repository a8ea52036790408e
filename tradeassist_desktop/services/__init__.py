"""Joins the engine to the world: market data, rules, alerting, delivery, health."""
