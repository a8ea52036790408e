"""The keys of the program: listed, and changed."""
