"""TA-Lib's candle patterns: above 0 for bullish, below for bearish, 0 where there is none."""

from typing import Final

from tradeassist_desktop.engine.operands.functions.row import OPEN_HIGH_LOW_CLOSE, Function, factor


def _pattern(name: str, title: str, *, penetration: float | None = None) -> Function:
    settings = () if penetration is None else (factor("penetration", penetration),)
    doc = f"{title}: above 0 bullish, below 0 bearish, 0 none"
    return Function(name, OPEN_HIGH_LOW_CLOSE, doc, settings)


PATTERNS: Final = (
    _pattern("CDL2CROWS", "Two Crows"),
    _pattern("CDL3BLACKCROWS", "Three Black Crows"),
    _pattern("CDL3INSIDE", "Three Inside Up/Down"),
    _pattern("CDL3LINESTRIKE", "Three-Line Strike"),
    _pattern("CDL3OUTSIDE", "Three Outside Up/Down"),
    _pattern("CDL3STARSINSOUTH", "Three Stars In The South"),
    _pattern("CDL3WHITESOLDIERS", "Three Advancing White Soldiers"),
    _pattern("CDLABANDONEDBABY", "Abandoned Baby", penetration=0.3),
    _pattern("CDLADVANCEBLOCK", "Advance Block"),
    _pattern("CDLBELTHOLD", "Belt-hold"),
    _pattern("CDLBREAKAWAY", "Breakaway"),
    _pattern("CDLCLOSINGMARUBOZU", "Closing Marubozu"),
    _pattern("CDLCONCEALBABYSWALL", "Concealing Baby Swallow"),
    _pattern("CDLCOUNTERATTACK", "Counterattack"),
    _pattern("CDLDARKCLOUDCOVER", "Dark Cloud Cover", penetration=0.5),
    _pattern("CDLDOJI", "Doji"),
    _pattern("CDLDOJISTAR", "Doji Star"),
    _pattern("CDLDRAGONFLYDOJI", "Dragonfly Doji"),
    _pattern("CDLENGULFING", "Engulfing Pattern"),
    _pattern("CDLEVENINGDOJISTAR", "Evening Doji Star", penetration=0.3),
    _pattern("CDLEVENINGSTAR", "Evening Star", penetration=0.3),
    _pattern("CDLGAPSIDESIDEWHITE", "Up/Down-gap side-by-side white lines"),
    _pattern("CDLGRAVESTONEDOJI", "Gravestone Doji"),
    _pattern("CDLHAMMER", "Hammer"),
    _pattern("CDLHANGINGMAN", "Hanging Man"),
    _pattern("CDLHARAMI", "Harami Pattern"),
    _pattern("CDLHARAMICROSS", "Harami Cross Pattern"),
    _pattern("CDLHIGHWAVE", "High-Wave Candle"),
    _pattern("CDLHIKKAKE", "Hikkake Pattern"),
    _pattern("CDLHIKKAKEMOD", "Modified Hikkake Pattern"),
    _pattern("CDLHOMINGPIGEON", "Homing Pigeon"),
    _pattern("CDLIDENTICAL3CROWS", "Identical Three Crows"),
    _pattern("CDLINNECK", "In-Neck Pattern"),
    _pattern("CDLINVERTEDHAMMER", "Inverted Hammer"),
    _pattern("CDLKICKING", "Kicking"),
    _pattern("CDLKICKINGBYLENGTH", "Kicking - bull/bear determined by the longer marubozu"),
    _pattern("CDLLADDERBOTTOM", "Ladder Bottom"),
    _pattern("CDLLONGLEGGEDDOJI", "Long Legged Doji"),
    _pattern("CDLLONGLINE", "Long Line Candle"),
    _pattern("CDLMARUBOZU", "Marubozu"),
    _pattern("CDLMATCHINGLOW", "Matching Low"),
    _pattern("CDLMATHOLD", "Mat Hold", penetration=0.5),
    _pattern("CDLMORNINGDOJISTAR", "Morning Doji Star", penetration=0.3),
    _pattern("CDLMORNINGSTAR", "Morning Star", penetration=0.3),
    _pattern("CDLONNECK", "On-Neck Pattern"),
    _pattern("CDLPIERCING", "Piercing Pattern"),
    _pattern("CDLRICKSHAWMAN", "Rickshaw Man"),
    _pattern("CDLRISEFALL3METHODS", "Rising/Falling Three Methods"),
    _pattern("CDLSEPARATINGLINES", "Separating Lines"),
    _pattern("CDLSHOOTINGSTAR", "Shooting Star"),
    _pattern("CDLSHORTLINE", "Short Line Candle"),
    _pattern("CDLSPINNINGTOP", "Spinning Top"),
    _pattern("CDLSTALLEDPATTERN", "Stalled Pattern"),
    _pattern("CDLSTICKSANDWICH", "Stick Sandwich"),
    _pattern("CDLTAKURI", "Takuri (Dragonfly Doji with very long lower shadow)"),
    _pattern("CDLTASUKIGAP", "Tasuki Gap"),
    _pattern("CDLTHRUSTING", "Thrusting Pattern"),
    _pattern("CDLTRISTAR", "Tristar Pattern"),
    _pattern("CDLUNIQUE3RIVER", "Unique 3 River"),
    _pattern("CDLUPSIDEGAP2CROWS", "Upside Gap Two Crows"),
    _pattern("CDLXSIDEGAP3METHODS", "Upside/Downside Gap Three Methods"),
)
