"""Parts of what shows a rule on the past."""
