"""The audit log: takes entries at once, writes them soon, and proves that nobody has changed it since."""
