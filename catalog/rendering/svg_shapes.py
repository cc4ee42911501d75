"""SVG: read by our own reader of foreign XML, refused when it does or fetches anything, then drawn once by resvg. It is never shown to a browser."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, tostring

import resvg_py

from catalog.rendering.refusals import Refused
from pod_hub.core.foreign_xml import BadXml, read_xml

MOST_ELEMENTS = 100_000
MOST_DRAWN = 200_000
MOST_SIDE_RATIO = 50
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+svg\s[^>\[]*>", re.IGNORECASE)
MOST_FOLLOWED = 400
_NAMESPACE, _XLINK, _XML = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/XML/1998/namespace"
_ACTIVE = frozenset({"script", "foreignobject", "iframe", "embed", "object", "audio", "video", "canvas", "handler", "listener"})
_MOVING = frozenset({"animate", "animatetransform", "animatemotion", "animatecolor", "set"})
_TEXT = frozenset({"text", "tspan", "textpath", "tref", "font", "font-face", "glyph", "altglyph"})
_PICTURE = re.compile(r"data:image/(?:png|jpe?g);base64,[A-Za-z0-9+/=\s]+")
_URL = re.compile(r"""url\(\s*["']?\s*([^"')\s]*)""", re.IGNORECASE)


def drawn(content: bytes, *, longest: int) -> bytes:
    """Return the drawing as a PNG whose longer side is ``longest`` pixels. Raises ``Refused``."""
    try:
        root = read_xml(_DOCTYPE.sub(b"", content, count=1))
    except BadXml:
        raise Refused("svg_unreadable") from None
    if root.tag.lower() != "svg":
        raise Refused("svg_unreadable")
    elements = list(root.iter())
    if len(elements) > MOST_ELEMENTS:
        raise Refused("too_demanding")
    for element in elements:
        _plain(element)
        _refuse_active(element)
    root.set("xmlns", _NAMESPACE)
    _refuse_growth(root)
    width, height = _proportions(root)
    wide = width >= height
    text = tostring(root, encoding="unicode")
    try:
        return resvg_py.svg_to_bytes(svg_string=text, skip_system_fonts=True, width=longest if wide else None, height=None if wide else longest)
    except ValueError:
        raise Refused("svg_unreadable") from None


def _plain(element: Element) -> None:
    """Leave an element the attributes of SVG itself, without their namespaces; other programs' notes go, and where a link leads to."""
    kept = {}
    for key, value in element.attrib.items():
        namespace, _space, name = key.rpartition(" ")
        if namespace in {"", _XLINK, _XML} and not (element.tag.lower() == "a" and name == "href"):
            kept[name] = value
    element.attrib.clear()
    element.attrib.update(kept)


def _refuse_active(element: Element) -> None:
    name = element.tag.lower()
    if name in _ACTIVE:
        raise Refused("svg_active", what=element.tag[:40])
    if name in _MOVING:
        raise Refused("animated")
    if name in _TEXT:
        raise Refused("svg_text")
    if name == "style" and "@" in (element.text or ""):
        raise Refused("svg_external")
    for key, value in element.attrib.items():
        local = key.lower()
        if local.startswith("on"):
            raise Refused("svg_active", what=key[:40])
        if local in {"href", "src"} and not _is_inside(name, value.strip()):
            raise Refused("svg_external")
        if local == "base":
            raise Refused("svg_external")
        _refuse_outside(value)
    if name == "style":
        _refuse_outside(element.text or "")


def _is_inside(name: str, address: str) -> bool:
    """Return whether an address is a part of this file, or a picture that stands in it."""
    if address.startswith("#") or not address:
        return True
    return name in {"image", "feimage"} and _PICTURE.fullmatch(address) is not None


def _refuse_outside(text: str) -> None:
    if any(not address.startswith("#") for address in _URL.findall(text)):
        raise Refused("svg_external")


def _refuse_growth(root: Element) -> None:
    """Count what is drawn when every reference is followed, and refuse what grows beyond all bounds or turns in a circle."""
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
    known: dict[int, int] = {}
    open_now: set[int] = set()

    def weight(element: Element, followed: int = 0) -> int:
        mark = id(element)
        if mark in known:
            return known[mark]
        if mark in open_now:
            raise Refused("svg_circle")
        if followed > MOST_FOLLOWED:
            raise Refused("too_demanding")
        open_now.add(mark)
        total = 1 + sum(weight(child, followed + 1) for child in element)
        for key, value in element.attrib.items():
            named = [value.strip()[1:]] if key == "href" and value.strip().startswith("#") else []
            named += [address[1:] for address in _URL.findall(value)]
            total += sum(weight(by_id[name], followed + 1) for name in named if name in by_id)
        open_now.discard(mark)
        if total > MOST_DRAWN:
            raise Refused("too_demanding")
        known[mark] = total
        return total

    weight(root)


def _proportions(root: Element) -> tuple[float, float]:
    """Return width and height, from the view box or the sizes that the file names. Raises ``Refused`` for none and for a thread."""
    box = [float(part) for part in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", root.get("viewBox", ""))][2:4]
    named = [_length(root.get("width", "")), _length(root.get("height", ""))]
    width, height = (named if all(named) else box) or (0.0, 0.0)
    if not (width > 0 and height > 0):
        raise Refused("svg_size")
    if max(width / height, height / width) > MOST_SIDE_RATIO:
        raise Refused("svg_size")
    return width, height


def _length(text: str) -> float:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(?:px|pt|pc|mm|cm|in)?\s*", text)
    return float(found.group(1)) if found else 0.0
