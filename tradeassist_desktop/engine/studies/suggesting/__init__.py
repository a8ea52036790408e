"""What the past suggests about a rule: found on one part of it, judged on another."""
