"""Every setting there is, by what it is about: one line each, with its type, limits and meaning."""
