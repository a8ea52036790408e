"""The parts of the live market: what feeds bring, what is asked of them, what is kept and seen."""
