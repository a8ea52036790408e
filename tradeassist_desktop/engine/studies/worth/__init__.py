"""How likely an alert is worth its trader's time, as learned from those before."""
