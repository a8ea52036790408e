"""The sections of the Notifications dock: one file for each."""
