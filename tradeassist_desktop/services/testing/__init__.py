"""A rule tried on the past: where it would have fired, and what other numbers would have done."""
