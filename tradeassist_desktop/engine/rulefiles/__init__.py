"""Rule files: read whole or refused whole, written back the same."""
