"""Parts of the Delivery dock."""
