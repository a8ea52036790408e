"""What the simulator does wrong on request: by name, by scenario, by its control endpoint."""
