"""Rules over recorded data: what fired, what it was worth, what other numbers would have done."""
