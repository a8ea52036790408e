"""Templates of rules that the trader made."""
