"""Links that shall make the hub ask what it must not ask: more than 500, each named after its trick."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from tests.core.tripwire import PUBLIC_IP

Link = tuple[str, str]

# What lives at such addresses: this machine, the cloud's metadata, neighbours, the carrier's network.
TARGETS = ("127.0.0.1", "169.254.169.254", "10.0.0.5", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0")  # noqa: S104 - not listened on
REDIRECTS = (301, 302, 303, 307, 308)


def _numbers(ip: str) -> tuple[int, int, int, int]:
    a, b, c, d = (int(part) for part in ip.split("."))
    return a, b, c, d


def spellings(ip: str) -> Iterator[Link]:
    """One IPv4 address in every way that some library reads."""
    a, b, c, d = _numbers(ip)
    whole = (a << 24) + (b << 16) + (c << 8) + d
    yield "dotted", ip
    yield "decimal", str(whole)
    yield "hex", f"0x{whole:08x}"
    yield "HEX", f"0X{whole:08X}"
    yield "octal", f"0{whole:o}"
    yield "dotted hex", ".".join(f"0x{part:02x}" for part in (a, b, c, d))
    yield "dotted octal", ".".join(f"0{part:o}" for part in (a, b, c, d))
    yield "long octal", ".".join(f"00000{part:o}" for part in (a, b, c, d))
    yield "mixed", f"0x{a:x}.0{b:o}.{c}.{d}"
    yield "three parts", f"{a}.{b}.{(c << 8) + d}"
    yield "two parts", f"{a}.{(b << 16) + (c << 8) + d}"
    yield "two parts, hex", f"0x{a:x}.0x{(b << 16) + (c << 8) + d:x}"
    yield "overflow", f"{a + 256}.{b}.{c}.{d}"
    yield "trailing dot", f"{ip}."
    yield "percent signs", "".join(f"%{ord(sign):02x}" for sign in ip)
    yield "full width", "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else "。" for sign in ip)
    yield "circled digits", "".join(chr(0x2460 + int(sign) - 1) if sign in "123456789" else sign for sign in ip)


def _ipv6() -> Iterator[Link]:
    for target in TARGETS:
        a, b, c, d = _numbers(target)
        high, low = f"{(a << 8) + b:x}", f"{(c << 8) + d:x}"
        yield "IPv4-mapped", f"http://[::ffff:{target}]/"
        yield "IPv4-mapped, hex", f"http://[::ffff:{high}:{low}]/"
        yield "IPv4-mapped, long", f"http://[0:0:0:0:0:ffff:{high}:{low}]/"
        yield "IPv4-compatible", f"http://[::{target}]/"
        yield "NAT64", f"http://[64:ff9b::{target}]/"
        yield "NAT64, local", f"http://[64:ff9b:1::{target}]/"
        yield "6to4", f"http://[2002:{high}:{low}::1]/"
        yield "Teredo", f"http://[2001:0:{high}:{low}::1]/"
        yield "SIIT", f"http://[::ffff:0:{target}]/"
    for text in (
        "::1", "::", "fd00::1", "fd00:ec2::254", "fc00::1", "fe80::1", "fe80::1%25eth0", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1", "100::1",
        "5f00::1", "3fff::1", "2001:20::1", "2001:10::1", "0:0:0:0:0:0:0:1", "0000:0000:0000:0000:0000:0000:0000:0001", "::127.0.0.1",
        "::ffff:7f00:1", "[::1]", "::1]@[2606:4700::1", "v1.fe80::1",
    ):  # fmt: skip
        yield f"IPv6 {text}", f"http://[{text}]/"
    yield "IPv6 without brackets", "http://::1/"


def _networks() -> Iterator[Link]:
    for ip in (
        "0.0.0.1", "0.255.255.255", "10.255.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255", "127.0.0.2", "127.255.255.254", "169.254.0.1",
        "169.254.170.2", "169.254.255.254", "172.16.255.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1",
        "192.88.99.1", "192.168.255.255", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "224.0.1.1",
        "233.252.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    ):  # fmt: skip
        yield f"network of {ip}", f"http://{ip}/"
        yield f"name for {ip}", f"https://{ip.replace('.', '-')}.rebind.example/"


def names() -> dict[str, list[list[str]]]:
    """What the hostile name server answers."""
    told = {
        f"{host}.rebind.example": [[ip]]
        for ip in [link[1][7:-1] for link in _networks() if link[0].startswith("network")]
        for host in [ip.replace(".", "-")]
    }
    told |= {
        "both.example": [[PUBLIC_IP, "10.0.0.1"]],
        "both-turned.example": [["127.0.0.1", PUBLIC_IP]],
        "mapped.example": [["::ffff:10.0.0.1"]],
        "nat64.example": [["64:ff9b::7f00:1"]],
        "six.example": [["::1"]],
        "local-six.example": [["fe80::1%eth0"]],
        "metadata.example": [["169.254.169.254"]],
        "nothing.example": [[]],
        "localhost": [["127.0.0.1"]],
        "www.localhost": [["127.0.0.1"]],
        "metadata.google.internal": [["169.254.169.254"]],
        "db.internal": [["10.0.0.7"]],
        # A time-to-live of nought: public when it is checked, private when it is asked again.
        "rebinding.example": [[PUBLIC_IP], ["127.0.0.1"], ["169.254.169.254"]],
        "files.example": [[PUBLIC_IP]],
    }
    return told


def _tricks() -> Iterator[Link]:
    for target in ("127.0.0.1", "169.254.169.254", "localhost", "[::1]"):
        for text in (
            f"http://files.example@{target}/", f"http://files.example:80@{target}/", f"http://files.example%40{target}/", f"http://{target}#@files.example/",
            f"http://{target}?@files.example/", f"http://{target}/#files.example", f"http://{target}\\@files.example/", f"http://files.example\\@{target}/",
            f"http://files.example#@{target}:80\\/", f"http://@{target}/", f"http://:@{target}/", f"http://user:password@{target}/",
            f"http://files.example:80#@{target}@/", f"http://files.example&@{target}#/", f"http:///{target}/", f"http:/{target}/",
            f"http:\\\\{target}/", f"http://files.example\t@{target}/", f"http://{target}\n.files.example/", f"http://{target}\0.files.example/",
            f"http://{target}%00.files.example/", f"http://{target} .files.example/", f"http://\u200b{target}/", f"http://files.example\r\nHost: {target}/",
            f"HTTP://{target.upper()}/", f"http://{target}:80/", f"https://{target}:443/", f"http://user@files.example@{target}/", f"//{target}/", target,
        ):  # fmt: skip
            yield "userinfo and fragments", text
    for host in (
        "localhost", "LOCALHOST", "localhost.", "www.localhost", "metadata", "metadata.google.internal", "db.internal", "db", "intranet", "ⓛocalhost",
        "both.example", "both-turned.example", "mapped.example", "nat64.example", "six.example", "local-six.example", "metadata.example",
        "nothing.example", "unknown.example", "", ".", "..", "-", "*", "files.example.", "a" * 300 + ".example",
    ):  # fmt: skip
        if host != "files.example.":
            yield f"name {host[:40]}", f"http://{host}/"


def _schemes() -> Iterator[Link]:
    for scheme in (
        "file", "ftp", "ftps", "sftp", "gopher", "dict", "data", "javascript", "ldap", "ldaps", "tftp", "jar", "netdoc", "smb", "ssh", "ws", "wss",
        "telnet", "imap", "pop3", "smtp", "redis", "php", "phar", "view-source", "blob", "about", "unix", "http+unix", "s3", "gs", "httpx", "https+x",
    ):  # fmt: skip
        yield f"scheme {scheme}", f"{scheme}://files.example/etc/passwd"
    yield "scheme file", "file:///etc/passwd"
    yield "scheme data", "data:image/png;base64,iVBORw0KGgo="
    yield "scheme gopher", "gopher://127.0.0.1:6379/_FLUSHALL"
    yield "scheme javascript", "javascript:alert(1)"


def _ports() -> Iterator[Link]:
    for port in (
        0, 1, 7, 9, 21, 22, 23, 25, 53, 79, 81, 110, 111, 135, 139, 143, 389, 445, 465, 587, 593, 873, 993, 1025, 1433, 2049, 2375, 2379, 3000, 3306, 3389,
        4444, 5000, 5432, 5672, 5900, 5984, 6379, 6443, 8000, 8081, 8500, 9000, 9092, 9200, 10250, 11211, 15672, 27017, 65535, 65536, 99999999,
    ):  # fmt: skip
        yield f"port {port}", f"http://files.example:{port}/"
    for text in ("-1", "80a", "0x50", "８０"):
        yield f"port {text}", f"http://files.example:{text}/" if text != "８０" else "http://127.0.0.1:８０/"


def redirects() -> Iterator[Link]:
    """Links of a public host that sends on to a forbidden place, by every status and after several hops."""
    places = [
        *(f"http://{text}/" for ip in ("127.0.0.1", "169.254.169.254") for _trick, text in spellings(ip)),
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::127.0.0.1]/", "file:///etc/passwd", "gopher://files.example/", "//127.0.0.1/",
        "http://localhost/", "http://files.example:6379/", "http://metadata.example/latest/meta-data/", "http://user@127.0.0.1/", "http://both.example/",
        "\\\\127.0.0.1\\x", "http://127.0.0.1", "", "http://[", "https://db.internal/",
    ]  # fmt: skip
    for status in REDIRECTS:
        for place in places:
            yield f"{status} to {place}", f"http://files.example/to/{status}?place={quote(place, safe='')}"
        yield f"{status}, two hops", f"http://files.example/hops/{status}/2?place={quote('http://127.0.0.1/', safe='')}"
        yield f"{status}, four hops", f"http://files.example/hops/{status}/4?place={quote('http://files.example/good.png', safe='')}"
        yield f"{status}, for ever", f"http://files.example/loop/{status}"


def all_links() -> list[Link]:
    """Every link, in a fixed order."""
    found = [(f"{trick} of {ip}", f"http://{text}/") for ip in TARGETS for trick, text in spellings(ip)]
    for group in (_ipv6(), _networks(), _tricks(), _schemes(), _ports(), redirects()):
        found += list(group)
    return found
