"""Rules over history, in processes of their own."""
