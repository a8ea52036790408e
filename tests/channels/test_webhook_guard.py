"""Row 107 of the faults: where a webhook may go, and where it never does."""

from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.channels.webhook_guard import (
    addresses_of,
    further_headers,
    is_allowed,
    system_resolve,
    target_of,
    why_not,
)
from tradeassist_desktop.domain.channels import ChannelBarred, Undeliverable


def answering(*addresses: str):
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


INNER = [
    "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.20", "100.64.0.1",
    "::1", "fc00::1", "fd12:3456::1",
    "::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::7f00:1", "64:ff9b::c0a8:114", "2002:7f00:1::",
    "2002:c0a8:0114::1", "::127.0.0.1", "2600::5efe:7f00:1",
]  # fmt: skip
NEVER = [
    "169.254.169.254", "169.254.0.1", "fe80::1", "fd00:ec2::254", "100.100.100.200", "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe", "224.0.0.1", "239.1.1.1", "ff02::1", "0.0.0.0", "::", "255.255.255.255",
    "240.0.0.1", "192.0.2.1", "198.18.0.1", "2001:db8::1", "64:ff9b:1::1", "fec0::1", "::ffff:224.0.0.1",
    "2002:e000:1::", "192.0.0.192", "192.0.0.1", "64:ff9b::c000:c0", "168.63.129.16",
]  # fmt: skip


@pytest.mark.parametrize("text", INNER)
def test_row_107_what_is_inside_needs_leave(text: str) -> None:
    address = ip_address(text)

    assert why_not(address, may_be_private=False) in ("on this computer", "in a private network")
    assert why_not(address, may_be_private=True) == ""


@pytest.mark.parametrize("text", NEVER)
def test_row_107_what_is_for_other_purposes_is_never_gone_to(text: str) -> None:
    address = ip_address(text)

    assert why_not(address, may_be_private=False) != ""
    assert why_not(address, may_be_private=True) == "an address for other purposes"


@pytest.mark.parametrize(
    "text",
    ["93.184.215.14", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_what_is_public_needs_no_leave(text: str) -> None:
    assert why_not(ip_address(text), may_be_private=False) == ""


@pytest.mark.parametrize(
    "host",
    [
        "127.1", "2130706433", "0x7f.1", "017700000001", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "169.254.169.254", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "0.0.0.0",
        "localhost", "LOCALHOST.", "0",
    ],
)  # fmt: skip
async def test_row_107_no_spelling_of_this_machine_gets_through(host: str) -> None:
    target = target_of(f"https://{host}/hook")

    with pytest.raises(Undeliverable, match="does not go there"):
        await addresses_of(target, may_be_private=False, resolve=system_resolve, clock=ManualClock())


@pytest.mark.parametrize(
    "text",
    [
        "file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "//example.com/x", "example.com",
        "javascript:alert(1)", "https:///x", "https://", "",
        "https://user@example.com/", "https://user:word@example.com/", "https://example.com@127.0.0.1/",
        "https://example.com\r\nHost: other/", "https://example.com/a b", "https://example.com/\x00",
        "https://example.com\\@127.0.0.1/", "https://exa\u202emple.com/", "https://127。0。0。1/",
        "https://example.com:0/", "https://example.com:99999/", "https://" + "a" * 3000,
    ],
)  # fmt: skip
def test_row_107_what_is_no_address_of_a_webhook_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ChannelBarred, match=r"^the webhook's address") as raised:
        target_of(text)

    assert len(text) < 9 or text not in raised.value.reason


async def test_row_107_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    target = target_of("https://hook.example/x")

    with pytest.raises(Undeliverable, match=r"hook\.example is in a private network") as raised:
        await addresses_of(
            target, may_be_private=False, resolve=answering("8.8.8.8", "10.0.0.1"), clock=ManualClock()
        )

    assert raised.value.retry  # it may be the hotel's network


async def test_an_address_that_is_refused_says_how_to_allow_it() -> None:
    with pytest.raises(ChannelBarred, match=r"add https://192\.168\.1\.20:443 to Private addresses"):
        await addresses_of(
            target_of("https://192.168.1.20/x"),
            may_be_private=False,
            resolve=system_resolve,
            clock=ManualClock(),
        )


async def test_without_https_nothing_goes_out_unless_its_address_is_allowed() -> None:
    target = target_of("http://192.168.1.20:8123/api")
    resolve, clock = answering("192.168.1.20"), ManualClock()

    with pytest.raises(ChannelBarred, match="without https anybody on the way could read"):
        await addresses_of(target, may_be_private=False, resolve=resolve, clock=clock)
    found = await addresses_of(target, may_be_private=True, resolve=resolve, clock=clock)

    assert [str(address) for address in found] == ["192.168.1.20"]


async def test_without_https_a_public_address_is_refused_though_its_name_is_allowed() -> None:
    target = target_of("http://receiver.lan/api")

    with pytest.raises(Undeliverable, match="without https"):
        await addresses_of(target, may_be_private=True, resolve=answering("8.8.8.8"), clock=ManualClock())


@pytest.mark.parametrize(
    ("allowed", "answer"),
    [
        ("https://192.168.1.20:8443", True),
        ("https://192.168.1.20", False),
        ("http://192.168.1.20:8443", False),
        ("https://192.168.1.21:8443", False),
        ("https://192.168.1.200:8443", False),
    ],
    ids=["itself", "another port", "another scheme", "another host", "a longer host"],
)
def test_leave_is_for_one_address_alone(allowed: str, answer: bool) -> None:
    assert is_allowed(target_of("https://192.168.1.20:8443/hook"), (allowed,)) is answer


@pytest.mark.parametrize("unreadable", ["https://192.168.1.20:99999", "https://-:80", "http://[1:2]"])
def test_an_allowed_address_that_cannot_be_takes_nothing_from_the_others(unreadable: str) -> None:
    target = target_of("https://192.168.1.20:8443/hook")

    assert is_allowed(target, (unreadable, "https://192.168.1.20:8443"))
    assert not is_allowed(target, (unreadable,))


@pytest.mark.parametrize("answers", [(), ("no address",)], ids=["none", "nonsense"])
async def test_a_name_without_an_answer_is_tried_again(answers: tuple[str, ...]) -> None:
    with pytest.raises(Undeliverable, match=r"hook\.example cannot be found") as raised:
        await addresses_of(
            target_of("https://hook.example/"),
            may_be_private=False,
            resolve=answering(*answers),
            clock=ManualClock(),
        )

    assert raised.value.retry


@pytest.mark.parametrize(
    "line",
    [
        "Host: other.example", "content-length: 0", "Transfer-Encoding: chunked", "Connection: close",
        "Metadata-Flavor: Google", "X-aws-ec2-metadata-token: x", "X-Forwarded-For: 127.0.0.1",
        "Proxy-Authorization: x", "webhook-signature: v1,x", "Idempotency-Key: x", "Cookie: a=b",
    ],
)  # fmt: skip
def test_row_107_headers_that_are_not_the_traders_are_refused(line: str) -> None:
    with pytest.raises(ChannelBarred, match="is not yours to set"):
        further_headers(f"Authorization: Bearer right\n{line}")


@pytest.mark.parametrize("line", ["no colon", "a b: c", ": x", "x: \x00", "x: é", "x:\x0by"])
def test_what_is_no_header_is_refused_without_repeating_it(line: str) -> None:
    with pytest.raises(ChannelBarred) as raised:
        further_headers(line)

    assert line not in raised.value.reason


def test_headers_of_the_trader_are_taken_one_a_line() -> None:
    assert further_headers("Authorization: Bearer a:b\n\n X-Room:12 \r\n") == {
        "Authorization": "Bearer a:b",
        "X-Room": "12",
    }
