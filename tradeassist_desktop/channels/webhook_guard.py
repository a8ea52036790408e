"""Where a webhook may go: never into this machine or its network, unless its address is allowed to.

An address is looked up once. What is found is checked, and the connection goes to what was checked:
a name whose answer changes in between gains nothing.
"""

import asyncio
import re
import socket
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

import httpx

from tradeassist_desktop.domain.channels import ChannelBarred, Undeliverable
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import Limit

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Coroutine[Any, Any, Sequence[str]]]
"""Returns the addresses of a host's name."""

_RESOLVE_S: Final = 5.0
_LONGEST_URL: Final = 2_000
_MOST_ADDRESSES: Final = 4
_PORTS: Final = {"https": 443, "http": 80}

# What an allowed address may be; the rest of what is not public (link-local with the clouds'
# metadata, multicast, broadcast, reserved) never is.
_PRIVATE: Final = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10")
) + tuple(ip_network(text) for text in ("::1/128", "fc00::/7"))
_METADATA: Final = frozenset(
    ip_address(text) for text in ("100.100.100.200", "fd00:ec2::254", "168.63.129.16")
)
# Of the protocols themselves, with a cloud's metadata at .192; in part global to Python 3.11.
_PROTOCOLS: Final = ip_network("192.0.0.0/24")
_NAT64: Final = ip_network("64:ff9b::/96")
_NAT64_LOCAL: Final = ip_network("64:ff9b:1::/48")
_SITE_LOCAL: Final = ip_network("fec0::/10")  # deprecated, and global to the library
_COMPATIBLE: Final = ip_network("::/96")
_ISATAP: Final = (0x0000_5EFE, 0x0200_5EFE)

_HEADER: Final = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}):[ \t]*([\x20-\x7e]{0,4000})", re.ASCII)
_MOST_HEADERS: Final = 10
_OURS: Final = frozenset(
    (
        "host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect",
        "content-length", "content-type", "content-encoding", "accept-encoding", "idempotency-key",
        "cookie", "forwarded", "via", "metadata", "metadata-flavor",
    )
)  # fmt: skip
_OUR_BEGINNINGS: Final = ("proxy-", "webhook-", "x-forwarded-", "x-aws-", "x-google-", "sec-")


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook's address, taken apart. Without a ``repr`` of the URL: its path is a secret."""

    url: httpx.URL = field(repr=False)
    host: str
    port: int

    @property
    def origin(self) -> str:
        """The address without what comes after the port, as the settings name it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.url.scheme}://{host}:{self.port}"

    @property
    def is_literal(self) -> bool:
        """Whether it names an IP address, in whatever spelling, and no name."""
        try:
            ip_address(self.host)
        except ValueError:
            # 127.1, 2130706433, 0x7f.1 and 017700000001 are addresses to the C library.
            return all(re.fullmatch(r"0x[0-9a-f]*|[0-9]+", part) for part in self.host.split("."))
        return True


def target_of(text: str) -> Target:
    """Return where a URL goes.

    Raises:
        ChannelBarred: it is none a webhook can have; the text never repeats it.
    """
    text = text.strip()
    if not text.isascii() or not text.isprintable() or any(letter in text for letter in ' \\"<>^`{|}'):
        raise ChannelBarred("the webhook's address has characters that no address has: enter it anew")
    if len(text) > _LONGEST_URL:
        raise ChannelBarred(f"the webhook's address is longer than {_LONGEST_URL} characters")
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise ChannelBarred("the webhook's address cannot be read: enter it anew") from None
    if url.scheme not in _PORTS or not url.host:
        raise ChannelBarred("the webhook's address must begin with https:// and name a host")
    if url.userinfo:
        raise ChannelBarred("the webhook's address must not hold a user name or password")
    port = _PORTS[url.scheme] if url.port is None else url.port
    if not 1 <= port <= 65_535:
        raise ChannelBarred("the webhook's address names a port there cannot be")
    return Target(url=url, host=url.raw_host.decode("ascii").rstrip(".").lower(), port=port)


def is_allowed(target: Target, allowed: Collection[str]) -> bool:
    """Return whether the trader allowed exactly this scheme, host and port to be private.

    What is no address of a webhook allows nothing.
    """
    return any(target.origin == _origin_of(text) for text in allowed)


def _origin_of(text: str) -> str | None:
    try:
        return target_of(text).origin
    except ChannelBarred:  # it would read as if the webhook's own address were wrong
        return None


async def addresses_of(
    target: Target, *, may_be_private: bool, resolve: Resolve, clock: Clock
) -> tuple[Address, ...]:
    """Return the addresses the target may be reached at, checked; at least one.

    Raises:
        Undeliverable: its name is not known, or it leads where a webhook may not go.
    """
    in_clear = ChannelBarred(
        f"{target.host}: without https anybody on the way could read the alerts; for a receiver in "
        f"your own network {_allow(target)}"
    )
    if target.url.scheme != "https" and not may_be_private:
        raise in_clear
    try:
        async with Limit(clock, _RESOLVE_S):
            answers = await resolve(target.host, target.port)
        found = tuple(dict.fromkeys(ip_address(answer.partition("%")[0]) for answer in answers))
    except (OSError, UnicodeError, ValueError):  # a TimeoutError is an OSError
        found = ()
    if not found:
        raise Undeliverable(f"{target.host} cannot be found: no such name, or no network", retry=True)
    for address in found:
        if why := why_not(address, may_be_private=may_be_private):
            hint = f"; to allow it, {_allow(target)}"
            words = f"{target.host} is {why}: a webhook does not go there"
            words += hint if is_private(address) and not may_be_private else ""
            # A hotel's network answers every name with an address of its own until one has signed in.
            raise ChannelBarred(words) if target.is_literal else Undeliverable(words, retry=True)
        if target.url.scheme != "https" and not is_private(address):
            raise in_clear
    return found[:_MOST_ADDRESSES]


def _allow(target: Target) -> str:
    return f"add {target.origin} to Private addresses (webhook.allow_private)"


def why_not(address: Address, *, may_be_private: bool) -> str:
    """Return in words why a webhook may not go to an address; empty where it may."""
    for inner in unwrapped(address):
        if inner in _METADATA or inner in _PROTOCOLS:
            return "an address for other purposes"
        if inner.is_multicast or inner.is_unspecified or inner.is_link_local:
            return "an address for other purposes"
        if is_private(inner):
            if not may_be_private:
                return "on this computer" if inner.is_loopback else "in a private network"
        elif inner.is_reserved or not inner.is_global or inner in _NAT64_LOCAL or inner in _SITE_LOCAL:
            return "an address for other purposes"
    return ""


def is_private(address: Address) -> bool:
    """Return whether it is of this machine, or of a network an owner may hold receivers in."""
    return any(
        inner in network
        for inner in unwrapped(address)
        for network in _PRIVATE
        if network.version == inner.version
    )


def unwrapped(address: Address) -> tuple[Address, ...]:
    """Return the addresses packets would go to: those within a wrapping one, else itself."""
    if isinstance(address, IPv4Address):
        return (address,)
    low = IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in _NAT64:
        return (low,)
    if address in _COMPATIBLE and int(address) > 1:
        return (low,)
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return (address, low)
    return (address,)


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """Ask this machine; an address needs no asking, which takes a thread."""
    with suppress(ValueError):
        return [str(ip_address(host))]
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def further_headers(lines: str) -> dict[str, str]:
    """Return headers given as ``Name: value`` lines.

    Raises:
        ChannelBarred: one is malformed, or is not the trader's to set.
    """
    headers: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in lines.splitlines())):
        found = _HEADER.fullmatch(line)
        if found is None:
            raise ChannelBarred("a header of the webhook is not of the form Name: value")
        name = found.group(1)
        if name.lower() in _OURS or name.lower().startswith(_OUR_BEGINNINGS):
            raise ChannelBarred(f"the header {name} of the webhook is not yours to set: take it out")
        headers[name] = found.group(2)
    if len(headers) > _MOST_HEADERS:
        raise ChannelBarred(f"the webhook has more than {_MOST_HEADERS} headers of yours")
    return headers
