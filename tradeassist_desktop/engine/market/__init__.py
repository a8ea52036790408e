"""What is known of the market now: fields, bars, histories, and who must hear of which change."""
