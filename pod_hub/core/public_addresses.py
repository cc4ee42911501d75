"""Which IP addresses are hosts of the public internet: the one answer for every address that came from outside."""

from __future__ import annotations

import ipaddress

# Beyond what ``is_global`` leaves out, which also differs between Python's versions. IPv6 is spoken with 2000::/3 alone, and there not with what
# carries an IPv4 address or is no host: so mapped addresses and NAT64 never reach a private IPv4 host by a detour.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/3", "168.63.129.16/32", "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip
_IPV6_HOSTS = ipaddress.ip_network("2000::/3")


def is_public(address: str) -> bool:
    """Return whether an IP address is a host of the public internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or any(ip in network for network in _NOT_PUBLIC if network.version == ip.version):
        return False
    return isinstance(ip, ipaddress.IPv4Address) or ip in _IPV6_HOSTS
