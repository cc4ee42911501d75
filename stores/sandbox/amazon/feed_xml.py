"""Reading a feed's XML as the imitation takes it: elements and texts, no document type. Its own code, because the imitation shares none with the hub."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, XMLParser


class BadXml(ValueError):
    """The document cannot be read."""


def read_xml(content: bytes) -> Element:
    """Return the root element, with tags freed from their namespaces. Raises ``BadXml``, also for any document type."""
    if b"<!DOCTYPE" in content.upper():
        raise BadXml("it declares a document type")
    parser = XMLParser()  # noqa: S314 - without a document type there are no entities to expand
    try:
        parser.feed(content)
        root: Element = parser.close()
    except ParseError:
        raise BadXml("it is not well-formed XML") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def text_of(element: Element, path: str) -> str:
    """Return the text at a path below an element, without white space around it; empty where there is none."""
    return (element.findtext(path) or "").strip()
