"""Circuit breakers: what fails again and again is left alone for a while."""
