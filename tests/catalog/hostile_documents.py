"""Two hundred SVG and PDF files that mean harm: what they would fetch, open or run is named by a tripwire that the test watches."""

from __future__ import annotations

import io
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf

from tests.factories.artwork_files import pdf, svg

SEED = 20261129
Hostile = tuple[str, bytes]
RECT = '<rect width="40" height="90" fill="#c1272d"/>'


@dataclass(frozen=True, slots=True)
class Bait:
    """What a file would reach for: an address that listens on this machine, and a file that nobody may open."""

    address: str
    file: str


def hostile_documents(bait: Bait) -> list[Hostile]:
    """Return (name, content) of each; names are unique."""
    chance = random.Random(SEED)  # noqa: S311 - the same files every time, no secret
    made = [
        *_entities(bait),
        *_scripts(),
        *_foreign(bait),
        *_references(bait),
        *_circles(),
        *_odd_svg(chance),
        *_pdf_actions(bait),
        *_pdf_structure(chance),
    ]
    assert len({name for name, _content in made}) == len(made)
    return made


# --- SVG --------------------------------------------------------------------------------------------------------------
def _entities(bait: Bait) -> Iterator[Hostile]:
    """External entities, and small ones that grow."""
    for number, target in enumerate((f"file://{bait.file}", bait.file, f"{bait.address}/xxe", "file:///etc/passwd", "php://filter/read=/etc/passwd")):
        for kind in ("SYSTEM", 'PUBLIC "x"'):
            for where in ("text", "attribute", "image"):
                inside = {
                    "text": "<text y='9'>&e;</text>",
                    "attribute": '<rect width="9" height="&e;"/>',
                    "image": '<image href="&e;" width="9" height="9"/>',
                }
                head = f'<!DOCTYPE svg [<!ENTITY e {kind} "{target}">]>'
                yield f"entity-{number}-{kind[:3]}-{where}", svg(inside[where] + RECT, head=head)
    yield "entity-parameter", svg(RECT, head=f'<!DOCTYPE svg [<!ENTITY % p SYSTEM "{bait.address}/p.dtd"> %p;]>')
    yield "entity-external-dtd", svg(RECT, head=f'<!DOCTYPE svg SYSTEM "{bait.address}/svg.dtd">')
    yield "entity-external-dtd-file", svg(RECT, head=f'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "file://{bait.file}">')
    for depth, fan in ((9, 10), (30, 2), (4, 200)):
        grown = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * fan}">' for level in range(1, depth + 1))
        yield f"entity-laughs-{depth}-{fan}", svg(f"<desc>&l{depth};</desc>{RECT}", head=f'<!DOCTYPE svg [<!ENTITY l0 "lol">{grown}]>')
    yield "entity-quadratic", svg(f"<desc>{'&a;' * 20_000}</desc>", head=f'<!DOCTYPE svg [<!ENTITY a "{"a" * 20_000}">]>')
    yield "entity-itself", svg("<desc>&a;</desc>", head='<!DOCTYPE svg [<!ENTITY a "&b;"><!ENTITY b "&a;">]>')


def _scripts() -> Iterator[Hostile]:
    """Whatever a browser would run."""
    run = "document.title='owned'"
    for number, inside in enumerate(
        (
            f"<script>{run}</script>",
            f"<script type='text/ecmascript'><![CDATA[{run}]]></script>",
            "<script href='data:text/javascript,alert(1)'/>",
            f"<SCRIPT>{run}</SCRIPT>",
            f'<x:script xmlns:x="http://www.w3.org/2000/svg">{run}</x:script>',
            f'<x:script xmlns:x="http://www.w3.org/1999/xhtml">{run}</x:script>',
            f"<g onload=\"{run}\">{RECT}</g>",
            f"<rect width='9' height='9' onclick=\"{run}\"/>",
            f"<rect width='9' height='9' ONMOUSEOVER=\"{run}\"/>",
            f"<animate onbegin=\"{run}\" attributeName='x' dur='1s'/>",
            f"<set attributeName='onmouseover' to=\"{run}\"/>",
            "<a href='javascript:alert(1)'><rect width='9' height='9'/></a>",
            "<use href='javascript:alert(1)'/>",
            "<image href='javascript:alert(1)' width='9' height='9'/>",
            "<handler type='application/ecmascript'>alert(1)</handler>",
            "<style>@import 'javascript:alert(1)';</style>",
            "<style>rect{behavior:url(x.htc)}</style>",
            "<listener event='load' handler='#x'/>",
        )
    ):  # fmt: skip
        yield f"script-{number}", svg(inside + RECT)
    yield "script-root", svg(RECT, attributes='viewBox="0 0 9 9" onload="alert(1)"')
    yield "script-stylesheet", svg(RECT, head='<?xml-stylesheet type="text/xsl" href="#x"?>')


def _foreign(bait: Bait) -> Iterator[Hostile]:
    """Other languages inside."""
    for number, inside in enumerate(
        (
            "<body xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></body>",
            f"<iframe xmlns='http://www.w3.org/1999/xhtml' src='{bait.address}/frame'></iframe>",
            f"<img xmlns='http://www.w3.org/1999/xhtml' src='{bait.address}/img'/>",
            f"<object xmlns='http://www.w3.org/1999/xhtml' data='file://{bait.file}'></object>",
            "<p>words</p>",
        )
    ):
        yield f"foreign-{number}", svg(f"<foreignObject width='90' height='90'>{inside}</foreignObject>{RECT}")
        yield f"foreign-bare-{number}", svg(inside + RECT)


def _references(bait: Bait) -> Iterator[Hostile]:
    """Pictures, styles, fonts, patterns and parts that lie elsewhere."""
    for number, target in enumerate(
        (
            f"{bait.address}/x.png",
            f"file://{bait.file}",
            bait.file,
            f"//{bait.address.partition('//')[2]}/x",
            "../../../../etc/passwd",
            "\\\\server\\share\\x",
        )
    ):
        yield f"reference-image-{number}", svg(f'<image xlink:href="{target}" width="90" height="90"/>')
        yield f"reference-image-plain-{number}", svg(f'<image href="{target}" width="90" height="90"/>')
        yield f"reference-use-{number}", svg(f'<use href="{target}#a"/>')
        yield f"reference-fill-{number}", svg(f'<rect width="90" height="90" fill="url({target}#p)"/>')
        yield f"reference-style-{number}", svg(f"<style>rect{{fill:url('{target}')}}</style>{RECT}")
    at = bait.address
    for number, inside in enumerate(
        (
            f"<style>@import url({at}/a.css);</style>{RECT}",
            f"<style>@font-face{{font-family:x;src:url({at}/a.woff)}}</style>{RECT}",
            f'<rect width="9" height="9" style="fill:url( &quot;{at}/a.svg#p&quot; )"/>',
            f'<filter id="f"><feImage href="{at}/a.png"/></filter><rect width="9" height="9" filter="url(#f)"/>',
            f'<linearGradient id="g" href="{at}/a.svg#g"/><rect width="9" height="9" fill="url(#g)"/>',
            f'<g xml:base="{at}/"><image href="a.png" width="9" height="9"/></g>',
            '<image href="data:image/svg+xml;base64,PHN2Zy8+" width="9" height="9"/>',
            '<image href="data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;" width="9" height="9"/>',
            '<image href="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="9" height="9"/>',
            f'<tref xlink:href="{at}/a.svg#t"/>{RECT}',
            f'<cursor href="{at}/a.cur"/>{RECT}',
            f'<video href="{at}/a.mp4"/><audio src="{at}/a.mp3"/>{RECT}',
        )
    ):
        yield f"reference-other-{number}", svg(inside)


def _circles() -> Iterator[Hostile]:
    """Parts that contain themselves, and parts that double with each level."""
    yield "circle-use", svg('<g id="a"><use href="#a"/></g>')
    yield "circle-two", svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>')
    for kind in ("pattern", "mask", "clipPath", "marker", "filter", "linearGradient"):
        reference = {
            "pattern": "fill",
            "mask": "mask",
            "clipPath": "clip-path",
            "marker": "marker-start",
            "filter": "filter",
            "linearGradient": "fill",
        }[kind]
        box = f'<{kind} id="a" width="9" height="9"><rect width="9" height="9" {reference}="url(#a)"/></{kind}>'
        yield f"circle-{kind}", svg(f'{box}<rect width="9" height="9" {reference}="url(#a)"/>')
    for fan, depth in ((10, 10), (2, 40), (100, 4)):
        parts = "".join(f'<g id="g{level}">{f"""<use href="#g{level - 1}"/>""" * fan}</g>' for level in range(1, depth))
        yield f"circle-doubling-{fan}-{depth}", svg(f'<defs><rect id="g0" width="1" height="1"/>{parts}</defs><use href="#g{depth - 1}"/>')
    yield "circle-chain", svg("".join(f'<g id="c{n}"><use href="#c{n + 1}"/></g>' for n in range(5_000)) + '<rect id="c5000" width="1" height="1"/>')
    yield "circle-deep", svg("<g>" * 20_000 + RECT + "</g>" * 20_000)


def _odd_svg(chance: random.Random) -> Iterator[Hostile]:
    """Sizes, numbers and markup that nobody means."""
    sizes = (
        'viewBox="0 0 1e30 1e30"',
        'width="1e9" height="1"',
        'viewBox="0 0 0 0"',
        'viewBox="0 0 -9 9"',
        'width="100%" height="100%"',
        'viewBox="a b c d"',
        "",
    )
    for number, attributes in enumerate(sizes):
        yield f"odd-size-{number}", svg(RECT, attributes=attributes)
    for number, inside in enumerate(
        (
            '<rect width="1e308" height="1e308" transform="scale(1e308)"/>',
            '<path d="M0 0' + " l1 1" * 200_000 + '"/>',
            '<path d="M' + "9" * 5_000 + ' 0z"/>',
            '<rect width="9" height="9" stroke="#000" stroke-dasharray="0.00001" stroke-width="1e6"/>',
            '<filter id="f" width="1e6" height="1e6"><feGaussianBlur stdDeviation="1e6"/></filter><rect width="9" height="9" filter="url(#f)"/>',
            '<filter id="f"><feTurbulence numOctaves="100000" baseFrequency="9"/></filter><rect width="90" height="90" filter="url(#f)"/>',
            '<filter id="f"><feMorphology radius="9000"/></filter><rect width="90" height="90" filter="url(#f)"/>',
            '<pattern id="p" width=".0001" height=".0001" patternUnits="userSpaceOnUse"><rect width="1" height="1"/></pattern><rect width="90" height="90" fill="url(#p)"/>',
        )
    ):
        yield f"odd-drawing-{number}", svg(inside)
    yield "odd-many", svg('<rect width="1" height="1"/>' * 150_000)
    yield "odd-broken", svg(RECT)[:-12]
    yield "odd-large", svg("<desc>" + "x" * 9_000_000 + "</desc>")
    yield "odd-utf16", svg(RECT).decode().encode("utf-16")
    yield "odd-attributes", svg("<rect " + " ".join(f'a{n}="1"' for n in range(20_000)) + "/>")
    for number in range(4):
        harmed = bytearray(svg(RECT))
        for _byte in range(6):
            harmed[chance.randrange(len(harmed))] = chance.randrange(256)
        yield f"odd-scrambled-{number}", bytes(harmed)


# --- PDF --------------------------------------------------------------------------------------------------------------
def _saved(made: pikepdf.Pdf, **options: object) -> bytes:
    sheet = io.BytesIO()
    made.save(sheet, **options)  # type: ignore[arg-type]
    return sheet.getvalue()


def _page() -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf()))


def _pdf_actions(bait: Bait) -> Iterator[Hostile]:
    """Actions of every kind, at every place where one can hang."""
    name, text = pikepdf.Name, pikepdf.String

    def action(kind: str) -> pikepdf.Dictionary:
        return {
            "script": pikepdf.Dictionary(S=name.JavaScript, JS=text("app.alert(1)")),
            "launch": pikepdf.Dictionary(S=name.Launch, F=text("/bin/sh"), Win=pikepdf.Dictionary(F=text("cmd.exe"))),
            "submit": pikepdf.Dictionary(S=name.SubmitForm, F=text(f"{bait.address}/form")),
            "import": pikepdf.Dictionary(S=name.ImportData, F=text(bait.file)),
            "elsewhere": pikepdf.Dictionary(S=name.GoToR, F=text(f"file://{bait.file}"), D=pikepdf.Array([0, name.Fit])),
            "embedded": pikepdf.Dictionary(S=name.GoToE, D=pikepdf.Array([0, name.Fit])),
            "movie": pikepdf.Dictionary(S=name.Rendition, OP=0),
        }[kind]

    for kind in ("script", "launch", "submit", "import", "elsewhere", "embedded", "movie"):
        made = _page()
        made.Root.OpenAction = made.make_indirect(action(kind))
        yield f"pdf-{kind}-open", _saved(made)
        made = _page()
        made.pages[0].AA = pikepdf.Dictionary(O=action(kind))
        yield f"pdf-{kind}-page", _saved(made)
        made = _page()
        link = pikepdf.Dictionary(Type=name.Annot, Subtype=name.Link, Rect=[0, 0, 90, 90], A=action(kind))
        made.pages[0].Annots = pikepdf.Array([made.make_indirect(link)])
        yield f"pdf-{kind}-link", _saved(made)
        made = _page()
        made.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=[text("x"), action(kind)]))
        yield f"pdf-{kind}-names", _saved(made)
    made = _page()
    made.attachments["virus.exe"] = b"MZ" + bytes(400)
    yield "pdf-attachment", _saved(made)
    made = _page()
    made.Root.AcroForm = pikepdf.Dictionary(XFA=made.make_stream(b"<xdp:xdp/>"), Fields=[])
    yield "pdf-xfa", _saved(made)
    for kind in ("RichMedia", "Screen", "Movie", "Sound", "3D", "FileAttachment"):
        made = _page()
        made.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Type=name.Annot, Subtype=pikepdf.Name(f"/{kind}"), Rect=[0, 0, 90, 90])])
        yield f"pdf-annotation-{kind}", _saved(made)
    made = _page()
    away = made.make_stream(b"")
    away.F = text(bait.file)
    made.pages[0].Contents = away
    yield "pdf-external-stream", _saved(made)
    made = _page()
    picture = made.make_stream(b"\0" * 3, Type=name.XObject, Subtype=name.Image, Width=1, Height=1, ColorSpace=name.DeviceRGB, BitsPerComponent=8)
    picture.F = pikepdf.Dictionary(Type=name.Filespec, FS=name.URL, F=text(f"{bait.address}/x.png"))
    made.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
    yield "pdf-external-image", _saved(made)
    made = _page()
    form = made.make_stream(b"", Type=name.XObject, Subtype=name.Form, BBox=[0, 0, 9, 9], Ref=pikepdf.Dictionary(F=text(bait.file), Page=0))
    made.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(R=form))
    made.pages[0].Contents = made.make_stream(b"/R Do")
    yield "pdf-reference-form", _saved(made)


def _pdf_structure(chance: random.Random) -> Iterator[Hostile]:
    """Locked, circular, swollen and broken files."""
    for owner, user in (("o", "u"), ("o", ""), ("", "u")):
        yield f"pdf-locked-{owner}-{user}", _saved(_page(), encryption=pikepdf.Encryption(owner=owner, user=user))
    good = pdf()
    table = good.rindex(b"startxref")
    yield "pdf-no-table", good[:table]
    yield "pdf-table-at-itself", good[:table] + b"startxref\n%d\n%%%%EOF" % table
    yield "pdf-table-nowhere", good[:table] + b"startxref\n999999999999\n%%EOF"
    at = good.rindex(b"xref", 0, table) if b"xref" in good[:table] else table
    for number, more in enumerate((b"/Prev %d " % at, b"/Prev 0 ", b"/XRefStm %d " % at, b"/Size 2147483647 ", b"/Root 1 0 R /Root 2 0 R ")):
        yield f"pdf-trailer-{number}", good.replace(b"trailer <<", b"trailer << " + more, 1)
    yield "pdf-loop-pages", good.replace(b"/Kids [", b"/Kids [ 2 0 R 1 0 R ", 1)
    yield (
        "pdf-no-pages",
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
    )
    for levels, fan in ((40, 2), (12, 10)):
        made = _page()
        inner = made.make_stream(b"0 0 9 9 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 400, 300])
        for _level in range(levels):
            body = b"/X Do " * fan
            resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner))
            inner = made.make_stream(body, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 400, 300], Resources=resources)
        made.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner))
        made.pages[0].Contents = made.make_stream(b"/X Do")
        yield f"pdf-doubling-{levels}-{fan}", _saved(made)
    made = _page()
    itself = made.make_stream(b"/X Do", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 9, 9])
    itself.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=itself))
    made.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=itself))
    made.pages[0].Contents = made.make_stream(b"/X Do")
    yield "pdf-form-in-itself", _saved(made)
    for times in (1, 2):
        made, packed = _page(), b"0 0 9 9 re f " * 5_000_000
        for _layer in range(times):
            packed = zlib.compress(packed, 1)
        stream = made.make_stream(b"")
        stream.write(packed, filter=pikepdf.Array([pikepdf.Name.FlateDecode] * times))
        made.pages[0].Contents = stream
        yield f"pdf-bomb-{times}", _saved(made, compress_streams=False)
    made = _page()
    picture = made.make_stream(
        b"",
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=100_000,
        Height=100_000,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
    )
    picture.write(zlib.compress(bytes(1_000_000)), filter=pikepdf.Name.FlateDecode)
    made.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
    made.pages[0].Contents = made.make_stream(b"400 0 0 300 0 0 cm /I Do")
    yield "pdf-image-flood", _saved(made)
    for number, size in enumerate(((0.001, 0.001), (200_000, 200_000), (14_000, 1), (-400, 300))):
        yield f"pdf-size-{number}", good.replace(b"[ 0 0 400 300 ]", b"[ 0 0 %f %f ]" % size)
    for number in range(10):
        harmed = bytearray(good)
        for _byte in range(chance.randint(1, 20)):
            harmed[chance.randrange(9, len(harmed))] = chance.randrange(256)
        yield f"pdf-scrambled-{number}", bytes(harmed)
    for number, cut in enumerate((9, 60, len(good) // 2, len(good) - 30)):
        yield f"pdf-short-{number}", good[:cut]
    yield "pdf-nested-arrays", good.replace(b"/Kids [", b"/Odd " + b"[" * 50_000 + b"]" * 50_000 + b" /Kids [", 1)
    yield "pdf-late-head", b" " * 900 + good
    yield "pdf-html", b"<html><body>" + good
