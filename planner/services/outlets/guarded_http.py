"""One POST to a checked address: the host's name is resolved once, every answer is checked, that address is called."""

import http.client
import ipaddress
import socket
import ssl
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from planner.services.outlets.parcel import NotNow, Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
SECONDS = 15
MOST_ANSWER_BYTES = 65_536
# Prefixes of IPv6 that carry an IPv4 address which a gateway would call.
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer; redirects are not followed and no proxy is used. Raises NotNow or Refused."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    target = checked_address(host, port)
    connection = _Pinned(host, port, target, secure)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read(MOST_ANSWER_BYTES)
        return answer.status
    except (OSError, http.client.HTTPException) as error:
        raise NotNow(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


def checked_address(host: str, port: int) -> str:
    """An address of the host to call; Refused where any of its addresses is not public and not allowed by setting."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotNow(_("%(host)s cannot be resolved: %(error)s") % {"host": host, "error": error}) from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for text in addresses:
        if not may_call(ipaddress.ip_address(text)):
            raise Refused(
                _("%(host)s leads to %(address)s, which is not a public address (setting REPORT_WEBHOOK_NETWORKS).")
                % {"host": host, "address": text}
            )
    if not addresses:
        raise NotNow(_("%(host)s has no address.") % {"host": host})
    return addresses[0]


def may_call(address: Address) -> bool:
    """Public, or in a network that the operator allows; addresses within addresses are judged too."""
    return all(
        (one.is_global and not one.is_multicast and not one.is_reserved)
        or any(one in ipaddress.ip_network(network) for network in settings.REPORT_WEBHOOK_NETWORKS)
        for one in _meant(address)
    )


def _meant(address: Address) -> list[Address]:
    """The IPv4 address that an IPv6 address carries, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inner is None and address in NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return [inner] if inner is not None else [address]


class _Pinned(http.client.HTTPConnection):
    """Connects to the checked address; the name serves for the Host header and the certificate only."""

    def __init__(self, host: str, port: int, address: str, secure: bool) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self._address, self._secure = address, secure
        if secure:
            self.default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        """To the address itself: a name that resolves to something else by now changes nothing."""
        plain = socket.create_connection((self._address, self.port), SECONDS)
        if not self._secure:
            self.sock = plain
            return
        context = ssl.create_default_context()
        try:
            self.sock = context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
