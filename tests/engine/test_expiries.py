"""Last trading days by CME's and Cboe's calendars; days looked up, not computed."""

from datetime import date

import pytest

from tradeassist_desktop.engine.calendars.expiries import expiry_day, next_contract


@pytest.mark.parametrize(
    ("symbol", "following"),
    [
        ("/ESU24", "/ESZ24"),
        ("/ESZ24", "/ESH25"),
        ("/ESZ9", "/ESH0"),
        ("/ESZ99", "/ESH00"),
        ("/MNQM24:XCME", "/MNQU24:XCME"),
        ("/6EH25", "/6EM25"),
        ("/CLZ24", "/CLF25"),
        ("/GCG25", "/GCJ25"),
        ("/GCZ24", "/GCG25"),
        ("/SIK25", "/SIN25"),
        ("/ZSX24", "/ZSF25"),
        ("/ZCZ24", "/ZCH25"),
        ("/PLV24", "/PLF25"),
        ("/ESQ24", "/ESU24"),
        ("/ES", None),
        ("AAPL", None),
        ("/XYZH25", None),
        ("$SPX", None),
    ],
)
def test_the_next_contract_is_spelled_like_the_present_one(symbol, following):
    assert next_contract(symbol) == following


@pytest.mark.parametrize(
    ("symbol", "last_day"),
    [
        pytest.param("/ESU24", date(2024, 9, 20), id="an index: the third Friday"),
        pytest.param("/ESM26", date(2026, 6, 18), id="the day before, as that Friday is Juneteenth"),
        pytest.param(
            "/6EU24", date(2024, 9, 16), id="the euro: two business days before the third Wednesday"
        ),
        pytest.param("/6CU24", date(2024, 9, 17), id="the Canadian dollar: one"),
        pytest.param("/CLV24", date(2024, 9, 20), id="crude oil: three business days before the 25th"),
        pytest.param("/CLF25", date(2024, 12, 19), id="crude oil over Christmas"),
        pytest.param("/CLN24", date(2024, 6, 20), id="crude oil with Juneteenth before it"),
        pytest.param("/MCLV24", date(2024, 9, 19), id="its micro: the day before"),
        pytest.param("/NGV24", date(2024, 9, 26), id="gas: three business days before the month"),
        pytest.param("/RBV24", date(2024, 9, 30), id="gasoline: the last business day before the month"),
        pytest.param("/GCZ24", date(2024, 12, 27), id="gold: the third last business day"),
        pytest.param("/ZNU24", date(2024, 9, 19), id="notes: seven business days before the last"),
        pytest.param("/ZTU24", date(2024, 9, 30), id="short notes: the last business day"),
        pytest.param("/ZCU24", date(2024, 9, 13), id="corn: the business day before the 15th"),
        pytest.param("/BTCU24", date(2024, 9, 27), id="bitcoin: the last Friday"),
        pytest.param(
            "/VXU24", date(2024, 9, 18), id="VIX: 30 days before the third Friday of the next month"
        ),
        pytest.param("/ESU4", date(2024, 9, 20), id="a year of one digit"),
        pytest.param("/ES", None, id="a root never ends"),
        pytest.param("/XYZU24", None, id="a product nobody knows"),
        pytest.param("AAPL", None, id="a share"),
    ],
)
def test_a_contract_ends_on_its_products_day(symbol, last_day):
    assert expiry_day(symbol, date(2024, 9, 1)) == last_day


@pytest.mark.parametrize(
    ("today", "year"), [(date(2024, 9, 1), 2029), (date(2028, 1, 1), 2029), (date(2019, 12, 30), 2019)]
)
def test_a_year_of_one_digit_is_of_the_decade_that_is_near(today, year):
    assert expiry_day("/ESZ9", today).year == year
