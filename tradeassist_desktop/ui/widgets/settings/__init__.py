"""The pages of the Settings dock."""
