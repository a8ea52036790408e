"""When instruments trade: sessions, holidays, half-days, ranges of the clock."""
