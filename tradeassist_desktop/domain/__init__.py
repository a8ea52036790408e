"""The words of the program: frozen values and protocols. Standard library only."""
