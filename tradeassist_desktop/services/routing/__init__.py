"""Where an alert goes, what keeps it from going there, and what follows while nobody answers."""
