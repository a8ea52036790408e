"""What the past suggests about the trader's rules."""
