"""Rules and symbols from files: what is shown before they are taken in."""
