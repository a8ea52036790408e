from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import Bar, InstrumentKind, Tick
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.telling.studies import Place, StudyValues, studies_of

MINUTE_NS = 60_000_000_000


def bars(count: int) -> list[Bar]:
    made, price = [], 100.0
    for number in range(count):
        close = price + (number * 7 % 11) - 5
        start_ns = number * MINUTE_NS
        made.append(
            Bar(
                "SPY",
                "1m",
                start_ns,
                start_ns + MINUTE_NS,
                price,
                max(price, close),
                min(price, close),
                close,
                9.0,
            )
        )
        price = close
    return made


def rule(when: str) -> Rule:
    return Rule(uid="one", name="One", symbols=("SPY",), when=when)


def test_each_indicator_of_a_rule_is_a_line_in_its_place() -> None:
    read = rule(
        "last > ema(20) and ema(20) > sma(50)[5m] and rsi(14) < 30 and rsi(14) > 10"
        " and volume[1m] > 3 * avg(volume, 20) and close[1m] > 5 and $VIX.sma(5) > 20"
        " and change(last, 5m) > 1% and change(last, 90s) > 2% and change(bid, 5m) > 3% and last > vwap"
    )

    found = [(each.text, each.place, each.thresholds) for each in studies_of(read, "SPY", "1m")]

    assert found == [
        ("ema(20)", Place.PRICES, ()),
        ("sma(50)[5m]", Place.PRICES, ()),
        ("rsi(14)", Place.OWN, (10.0, 30.0)),
        ("avg(volume, 20)", Place.VOLUMES, ()),
        ("$VIX.sma(5)", Place.OWN, (20.0,)),
        ("change(last, 5m) (of bars)", Place.OWN, (1.0,)),
        ("change(last, 90s) (of bars)", Place.OWN, (2.0,)),
        ("vwap (of bars)", Place.PRICES, ()),
    ]
    of_updates = studies_of(read, "SPY", "1m")[-3:]
    assert [(each.timeframe, each.is_percent) for each in of_updates] == [
        ("1m", True),
        ("30s", True),
        ("1m", False),
    ]


def test_a_line_says_at_each_bar_what_the_engine_decides_with() -> None:
    market = bars(60)
    (study,) = studies_of(rule("ema(20) 2 ago > 1"), "SPY", "1m")
    line = StudyValues(study=study, kind=InstrumentKind.ETF)
    line.take_anew(market[:50])
    engine = Engine(instruments=instrument_of)
    engine.set_rules((rule("ema(20) 2 ago > 1"),))

    for bar in market[50:]:
        line.take(bar)
    engine.backfill(market)

    (leg,) = engine.legs("one", "SPY")
    assert line.values()[-1] == line.last() == leg.left
    assert len(line.values()) == 60


def test_the_forming_bar_has_the_value_it_would_close_with_and_changes_nothing() -> None:
    market = bars(40)
    (study,) = studies_of(rule("rsi(14) > 1"), "SPY", "1m")
    line = StudyValues(study=study, kind=InstrumentKind.ETF)
    line.take_anew(market[:39])

    foretold = [line.forming(market[39]), line.forming(market[39])]
    line.take(market[39])

    assert foretold == [line.last()] * 2


def test_a_change_over_time_is_drawn_as_the_engine_reads_it_when_a_bar_closes() -> None:
    market = bars(12)
    read = rule("change(last, 5m) > 1%")
    (study,) = studies_of(read, "SPY", "1m")
    line = StudyValues(study=study, kind=InstrumentKind.ETF)
    engine = Engine(instruments=instrument_of)
    engine.set_rules((read,))

    decided = []
    for bar in market:
        engine.on_tick(Tick("SPY", bar.end_ns - 1, bar.end_ns - 1, last=bar.close, last_size=1.0))
        engine.on_time(bar.end_ns)
        decided.append(engine.legs("one", "SPY")[0].left)
    line.take_anew(market[:11])
    foretold = line.forming(market[11])
    line.take(market[11])

    assert decided[:5] == [None] * 5
    assert line.values() == decided
    assert foretold == decided[-1]
