"""The live market: what feeds bring to the engine, what is asked of them, and what there is to see."""
