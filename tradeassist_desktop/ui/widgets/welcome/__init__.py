"""The welcome sheet: where data comes from, what is watched, where alerts go."""
