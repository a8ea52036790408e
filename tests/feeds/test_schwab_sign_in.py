from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.feeds.schwab.sign_in import (
    CallbackAddress,
    SignInDenied,
    SignInVisit,
    WrongAnswer,
)

CALLBACK = CallbackAddress("https://127.0.0.1:8182")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def visit(clock: ManualClock) -> SignInVisit:
    return new_visit(clock)


def new_visit(clock: ManualClock, callback: CallbackAddress = CALLBACK) -> SignInVisit:
    return SignInVisit(
        base_url="https://api.schwabapi.com", app_key="the-app-key", callback=callback, clock=clock
    )


def state_of(visit: SignInVisit) -> str:
    return parse_qs(urlsplit(visit.address).query)["state"][0]


def answer(visit: SignInVisit, **changes: str) -> str:
    return urlencode({"code": "C0.code@", "session": "s", "state": state_of(visit), **changes})


def test_the_address_asks_for_a_code_for_this_app_and_callback(visit: SignInVisit) -> None:
    parts = urlsplit(visit.address)

    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://api.schwabapi.com/v1/oauth/authorize"
    assert {name: values for name, values in parse_qs(parts.query).items() if name != "state"} == {
        "client_id": ["the-app-key"],
        "redirect_uri": ["https://127.0.0.1:8182"],
        "response_type": ["code"],
    }
    assert len(state_of(visit)) >= 43  # 32 random bytes


def test_each_visit_has_a_state_of_its_own(clock: ManualClock) -> None:
    assert state_of(new_visit(clock)) != state_of(new_visit(clock))


def test_the_answer_gives_its_code_decoded_once(visit: SignInVisit) -> None:
    assert visit.code_in(f"code=C0.a%252Bb%40&session=s&state={state_of(visit)}") == "C0.a%2Bb@"


def test_row_97_an_answer_is_good_once(visit: SignInVisit) -> None:
    query = answer(visit)
    visit.code_in(query)

    with pytest.raises(WrongAnswer, match="used before"):
        visit.code_in(query)


async def test_row_97_an_answer_is_good_for_ten_minutes(visit: SignInVisit, clock: ManualClock) -> None:
    await clock.advance(600)

    with pytest.raises(WrongAnswer, match="longer than ten minutes"):
        visit.code_in(answer(visit))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("code=C0.code%40&session=s", "no “state”"),
        ("code=C0.code%40&state=", "another sign-in"),
        ("code=C0.code%40&state=nonsense", "another sign-in"),
        ("code=C0.code%40&state={state}x", "another sign-in"),
        ("code=C0.code%40&state={state}&state=other", "another sign-in"),
        ("code=C0.code%40&state=%C3%A9", "another sign-in"),
        ("code=one&code=two&state={state}", "two codes"),
        ("code=C0.code%40&state=%FF", "cannot be read"),
        ("&".join(f"n{n}=1" for n in range(50)), "cannot be read"),
        ("", "no “state”"),
    ],
    ids=[
        "no state",
        "empty state",
        "wrong state",
        "longer state",
        "two states",
        "state beyond ASCII",
        "two codes",
        "broken UTF-8",
        "fifty fields",
        "nothing",
    ],
)
def test_row_97_a_wrong_answer_is_refused_and_the_right_one_still_taken(
    visit: SignInVisit, query: str, words: str
) -> None:
    with pytest.raises(WrongAnswer, match=words):
        visit.code_in(query.format(state=state_of(visit)))

    assert visit.code_in(answer(visit)) == "C0.code@"


def test_row_97_the_answer_to_another_visit_is_refused(clock: ManualClock, visit: SignInVisit) -> None:
    other = new_visit(clock)

    with pytest.raises(WrongAnswer, match="another sign-in"):
        visit.code_in(answer(other))


@pytest.mark.parametrize("query", ["error=access_denied&state={state}", "code=&state={state}"])
def test_a_no_of_schwab_ends_the_visit(visit: SignInVisit, query: str) -> None:
    with pytest.raises(SignInDenied):
        visit.code_in(query.format(state=state_of(visit)))
    with pytest.raises(WrongAnswer):
        visit.code_in(answer(visit))


@pytest.mark.parametrize(
    "pasted",
    [
        "https://127.0.0.1:8182/?{query}",
        "https://127.0.0.1:8182?{query}",
        "  <https://127.0.0.1:8182/?{query}>\n",
        "https://127.0.0.1:8182/?\n{query}",
    ],
    ids=["as browsers show it", "without a slash", "in brackets", "broken over two lines"],
)
def test_a_pasted_address_gives_its_code(visit: SignInVisit, pasted: str) -> None:
    assert visit.code_in_address(pasted.format(query=answer(visit))) == "C0.code@"


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("", "Paste the address"),
        ("C0.code@", "leads elsewhere"),
        ("http://127.0.0.1:8182/?{query}", "leads elsewhere"),
        ("https://127.0.0.1:9999/?{query}", "leads elsewhere"),
        ("https://evil.example/?{query}", "leads elsewhere"),
        ("https://127.0.0.1:8182@evil.example/?{query}", "leads elsewhere"),
        ("https://127.0.0.1:8182/other?{query}", "another path"),
        ("https://api.schwabapi.com/v1/oauth/authorize?client_id=k", "Sign in there first"),
        ("https://127.0.0.1:8182/", "no “state”"),
        ("https://[", "not an address"),
    ],
    ids=[
        "nothing",
        "the code alone",
        "http",
        "another port",
        "another host",
        "another host in disguise",
        "another path",
        "the sign-in page",
        "no query",
        "no address",
    ],
)
def test_what_is_wrong_with_a_pasted_address_is_said(visit: SignInVisit, pasted: str, words: str) -> None:
    with pytest.raises(WrongAnswer, match=words):
        visit.code_in_address(pasted.format(query=answer(visit)))

    assert visit.code_in(answer(visit)) == "C0.code@"


@pytest.mark.parametrize(
    ("text", "port", "path", "hosts"),
    [
        ("https://127.0.0.1:8182", 8182, "/", ("127.0.0.1:8182",)),
        ("https://127.0.0.1:8182/", 8182, "/", ("127.0.0.1:8182",)),
        ("https://127.0.0.1:8182/back", 8182, "/back", ("127.0.0.1:8182",)),
        ("https://127.0.0.1", 443, "/", ("127.0.0.1:443", "127.0.0.1")),
    ],
)
def test_a_callback_names_port_path_and_host(text: str, port: int, path: str, hosts: tuple[str, ...]) -> None:
    address = CallbackAddress(text)

    assert (address.port, address.path, address.hosts) == (port, path, hosts)


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8182",
        "https://localhost:8182",
        "https://0.0.0.0:8182",
        "https://127.0.0.1:0",
        "https://127.0.0.1:65536",
        "https://127.0.0.1:8182?x=1",
        "https://user@127.0.0.1:8182",
        "HTTPS://127.0.0.1:8182",
        "",
    ],
)
def test_a_callback_is_https_on_this_machine(text: str) -> None:
    with pytest.raises(ValueError, match="a callback must be"):
        CallbackAddress(text)
