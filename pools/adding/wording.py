"""What names, addresses and URLs may look like, before anybody is asked anything."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from pools.adding.wrong import Wrong

LONGEST_NAME = 64
LONGEST_URL = 300
HOST_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?\Z")
URL_SAYS = (
    "This is not such a URL as https://cloud.example.org:8443/client/api, with nothing before or behind."
)


def check_name(name: str) -> None:
    """Raises Wrong when the name is longer than the database and the pages' addresses take."""
    if len(name) > LONGEST_NAME:
        raise Wrong(
            "name", f"This name has {len(name)} characters: choose one of at most {LONGEST_NAME} characters."
        )


def check_address(address: str) -> None:
    """Raises Wrong unless it is a bare IP address or host name: the port has a field of its own."""
    if not is_ip(address) and not HOST_NAME.match(address):
        says = (
            f"{address!r} is no address: give an IP address or a host name alone, without https:// and port."
        )
        raise Wrong("addresses", says)


def check_url(text: str) -> None:
    """Raises Wrong unless it is a bare http(s) URL: with a query, a user or a fragment it is not the API's."""
    try:
        url = urlsplit(text)
        fits = url.scheme in ("http", "https") and url.port != 0
        host = url.hostname or ""
    except ValueError:
        raise Wrong("url", URL_SAYS) from None
    bare = not (url.query or url.fragment or url.username or url.password)
    whole = text.isascii() and text.isprintable() and " " not in text and len(text) <= LONGEST_URL
    if not (fits and bare and whole and (is_ip(host) or HOST_NAME.match(host))):
        raise Wrong("url", URL_SAYS)


def is_ip(text: str) -> bool:
    """Whether it is an IPv4 or IPv6 address, as opposed to a name."""
    try:
        return bool(ip_address(text))
    except ValueError:
        return False
