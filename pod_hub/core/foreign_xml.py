"""Reading XML that came from outside: elements and texts only.

A document type is refused before anything in it is read, and with it every entity, external or nested; what is left grows no larger in memory
than a small multiple of the file.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

LARGEST_BYTES = 8 * 1024 * 1024
DEEPEST = 50


class BadXml(ValueError):
    """The document cannot be read; the message says why and quotes nothing of it."""


def read_xml(content: bytes) -> Element:
    """Return the root element, with tags freed from their namespaces. Raises ``BadXml``."""
    if len(content) > LARGEST_BYTES:
        raise BadXml("it is larger than 8 MiB")
    builder, depth = TreeBuilder(), 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise BadXml("it is nested too deeply")
        builder.start(_local(name), attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(name))

    def refuse(*_declaration: object) -> None:
        raise BadXml("it declares a document type")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        raise BadXml("it is not well-formed XML") from None
    root: Element = builder.close()
    return root


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def text_of(element: Element, path: str) -> str:
    """Return the text at a path below an element, without white space around it; empty where there is none."""
    return (element.findtext(path) or "").strip()
