"""Parts of the Suggestions dock."""
