"""The parts of the window: its docks, how they stand, its menus."""
