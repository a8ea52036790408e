"""What was traded before: minutes that were, and a made-up past before them."""
