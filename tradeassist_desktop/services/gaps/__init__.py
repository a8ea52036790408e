"""What was not seen: the ledger of it, its repair, and how rules are told of it."""
