"""A rule typed as one line, from anywhere in the window."""
