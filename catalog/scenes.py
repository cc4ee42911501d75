"""What a design puts on one print area: the scene, as the editor saves it and the workers print it.

A scene is plain JSON (docs/catalog.md, "Scenes"). Lengths are millimetres; the origin is the top left corner of the *print area* as it is cut, so
the bleed lies at negative coordinates and beyond width and height. Layers stand bottom first. A layer's ``x`` and ``y`` are its centre; it is
flipped, then turned clockwise by ``rotation`` degrees about its centre.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.translation import gettext as _

VERSION = 1
MOST_LAYERS = 60
MOST_CHARACTERS = 2_000
MOST_MM = 20_000.0
COLOUR = re.compile(r"#[0-9a-f]{6}")


class BadScene(ValueError):
    """The scene cannot be read; the message names layer and value."""


@dataclass(frozen=True, slots=True)
class ImageLayer:
    """A picture. ``artwork`` is the public id of a customer's artwork; ``width`` and ``height`` are its size on the area before turning."""

    id: str
    artwork: str
    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0
    flip_x: bool = False
    flip_y: bool = False
    opacity: float = 1.0
    visible: bool = True
    locked: bool = False
    name: str = ""
    kind: Literal["image"] = "image"


@dataclass(frozen=True, slots=True)
class TextLayer:
    """Lines of text. ``size`` is the font's em; ``font`` a key of ``catalog.fonts``.

    Lines break where the text has a line break and nowhere else; their baselines are ``size`` x ``line_height`` apart. The block is as high as the
    font's ascent above the first baseline and its descent below the last, as wide as the widest line, and (x, y) is its centre. ``letter_spacing``
    stands between characters, not after the last one of a line; where it is not zero no ligatures are formed. Kerning is always on.
    """

    id: str
    text: str
    font: str
    size: float
    colour: str
    x: float
    y: float
    rotation: float = 0.0
    align: str = "center"
    line_height: float = 1.2
    letter_spacing: float = 0.0  # in em
    opacity: float = 1.0
    visible: bool = True
    locked: bool = False
    name: str = ""
    kind: Literal["text"] = "text"


Layer = ImageLayer | TextLayer


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything on one print area. ``background`` is a colour that covers area and bleed; empty leaves them transparent."""

    layers: tuple[Layer, ...] = ()
    background: str = ""
    version: int = field(default=VERSION)

    @property
    def artwork_ids(self) -> frozenset[str]:
        """The public ids of the artwork that the scene places."""
        return frozenset(layer.artwork for layer in self.layers if isinstance(layer, ImageLayer))


def read_scene(told: Mapping[str, Any]) -> Scene:
    """Read a scene from JSON; an empty object is an empty scene. Raises ``BadScene``, also for numbers that no area has."""
    if not isinstance(told, Mapping):
        raise BadScene(_("The design is not in the form that the editor saves. Reload the editor and try again."))
    if not told:
        return Scene()
    if told.get("version") != VERSION:
        raise BadScene(_("The design is of version %(version)s, which this hub does not know.") % {"version": told.get("version")})
    layers = told.get("layers", [])
    if not isinstance(layers, list) or len(layers) > MOST_LAYERS:
        raise BadScene(_("A design has at most %(n)s layers. Remove some, or upload them as one picture.") % {"n": MOST_LAYERS})
    background = _colour(told, "background", "") if told.get("background") else ""
    found = tuple(_layer(number, one) for number, one in enumerate(layers, 1))
    if len({layer.id for layer in found}) != len(found):
        raise BadScene(_("Two layers have the same id. Reload the editor and try again."))
    return Scene(found, background)


def write_scene(scene: Scene) -> dict[str, Any]:
    """Return the scene as JSON, the way ``read_scene`` reads it."""
    return {"version": scene.version, "background": scene.background, "layers": [dict(_fields(layer)) for layer in scene.layers]}


def _fields(layer: Layer) -> Iterator[tuple[str, Any]]:
    for name in layer.__slots__:
        yield name, getattr(layer, name)


def _layer(number: int, told: Any) -> Layer:
    if not isinstance(told, Mapping):
        raise BadScene(_("Layer %(n)s is not in the form that the editor saves. Reload the editor and try again.") % {"n": number})
    place = f"layer {number}"
    common: dict[str, Any] = {
        "id": _text(told, "id", place, most=40),
        "x": _number(told, "x", place),
        "y": _number(told, "y", place),
        "rotation": _number(told, "rotation", place, default=0.0) % 360,
        "opacity": _number(told, "opacity", place, default=1.0, least=0, most=1),
        "visible": told.get("visible", True) is True,
        "locked": told.get("locked", False) is True,
        "name": _text(told, "name", place, most=120, default=""),
    }
    if told.get("kind") == "image":
        return ImageLayer(
            artwork=_text(told, "artwork", place, most=40),
            width=_number(told, "width", place, least=0.01),
            height=_number(told, "height", place, least=0.01),
            flip_x=told.get("flip_x", False) is True,
            flip_y=told.get("flip_y", False) is True,
            **common,
        )
    if told.get("kind") == "text":
        align = _text(told, "align", place, most=6, default="center")
        if align not in {"left", "center", "right"}:
            raise BadScene(_("%(place)s is aligned “%(value)s”; it can be left, center or right.") % {"place": place, "value": align})
        return TextLayer(
            text=_text(told, "text", place, most=MOST_CHARACTERS),
            font=_text(told, "font", place, most=60),
            size=_number(told, "size", place, least=0.1),
            colour=_colour(told, "colour", place),
            align=align,
            line_height=_number(told, "line_height", place, default=1.2, least=0.5, most=5),
            letter_spacing=_number(told, "letter_spacing", place, default=0.0, least=-0.5, most=5),
            **common,
        )
    raise BadScene(_("%(place)s is a “%(value)s”; a layer is an image or a text.") % {"place": place, "value": told.get("kind")})


def _text(told: Mapping[str, Any], name: str, place: str, *, most: int, default: str | None = None) -> str:
    value = told.get(name, default)
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        raise BadScene(_("“%(name)s” of %(place)s is not a text of at most %(n)s characters.") % {"name": name, "place": place, "n": most})
    return value


def _number(told: Mapping[str, Any], name: str, place: str, *, default: float | None = None, least: float = -MOST_MM, most: float = MOST_MM) -> float:
    value = told.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadScene(
            _("“%(name)s” of %(place)s is not a number from %(least)s to %(most)s.") % {"name": name, "place": place, "least": least, "most": most}
        )
    return float(value)


def _colour(told: Mapping[str, Any], name: str, place: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not COLOUR.fullmatch(value):
        raise BadScene(_("“%(name)s” of %(place)s is not a colour such as #1f6f54.") % {"name": name, "place": place or "the design"})
    return value
