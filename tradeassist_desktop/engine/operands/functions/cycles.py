"""TA-Lib's cycle indicators."""

from typing import Final

from tradeassist_desktop.engine.operands.functions.row import ONE, Function

CYCLES: Final = (
    Function("HT_DCPERIOD", ONE, "Length of the dominant cycle in bars, by the Hilbert transform"),
    Function("HT_DCPHASE", ONE, "Phase of the dominant cycle in degrees, by the Hilbert transform"),
    Function(
        "HT_PHASOR",
        ONE,
        "In-phase and quadrature parts of the dominant cycle",
        outputs=("inphase", "quadrature"),
    ),
    Function(
        "HT_SINE",
        ONE,
        "Sine of the dominant cycle's phase, and of 45 degrees ahead",
        outputs=("sine", "leadsine"),
    ),
    Function("HT_TRENDMODE", ONE, "1 while the market trends, 0 while it cycles"),
)
