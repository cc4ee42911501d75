"""Reading XML from outside (pod_hub/core/foreign_xml.py)."""

from __future__ import annotations

import pytest

from pod_hub.core.foreign_xml import BadXml, read_xml, text_of


def test_elements_are_read_without_their_namespaces() -> None:
    root = read_xml(b'<a xmlns="urn:x"><b> text </b></a>')
    assert (root.tag, text_of(root, "b"), text_of(root, "c")) == ("a", "text", "")


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><l>&b;</l>',
        b"<a>" * 60 + b"</a>" * 60,
        b"<a>" + b"x" * (8 * 1024 * 1024) + b"</a>",
        b"<a>&unknown;</a>",
        b"<a>",
        b"",
        b"nothing",
    ],
)
def test_hostile_or_broken_documents_are_refused(hostile: bytes) -> None:
    with pytest.raises(BadXml):
        read_xml(hostile)
