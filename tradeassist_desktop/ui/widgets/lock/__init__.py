"""What the app lock shows: the curtain, the door, and the sheets that set it up."""
