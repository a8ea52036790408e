"""What is said of a rule: alerts, messages, why it fires or not."""
