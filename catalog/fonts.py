"""The typefaces that designs may use: open-licensed, vendored, and the same file for the browser that shows and the worker that prints.

A key stands in scenes for ever, so none is renamed or removed; a newer version of a face that moves its outlines gets a key of its own. How lines are
set is said at ``catalog.scenes.TextLayer``; ``ascent`` and ``descent`` are those of the file's ``hhea`` table, in em, written down so that both sides
take the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.templatetags.static import static

from pod_hub.ui.vendored import VENDOR, vendored


@dataclass(frozen=True, slots=True)
class Font:
    """One typeface. ``file`` is its name in ``VENDOR.json``; ``weight`` and ``italic`` tell people and PDF writers what it is, nothing is synthesised."""

    key: str
    name: str
    family: str
    file: str
    ascent: float
    descent: float
    weight: int = 400
    italic: bool = False
    licence: str = "OFL-1.1"

    @property
    def path(self) -> Path:
        """Where the file is on this machine."""
        return VENDOR.parent / vendored(self.file)

    @property
    def address(self) -> str:
        """Where browsers find it."""
        return static(vendored(self.file))


def _by_key(fonts: Iterable[Font]) -> dict[str, Font]:
    return {font.key: font for font in fonts}


FONTS = _by_key(
    (
        Font("inter", "Inter", "Inter", "@expo-google-fonts/inter/Inter_400Regular.ttf", 0.96875, 0.2412109375),
        Font("inter-bold", "Inter Bold", "Inter", "@expo-google-fonts/inter/Inter_700Bold.ttf", 0.96875, 0.2412109375, weight=700),
        Font("montserrat", "Montserrat", "Montserrat", "@expo-google-fonts/montserrat/Montserrat_600SemiBold.ttf", 0.968, 0.251, weight=600),
        Font("oswald", "Oswald", "Oswald", "@expo-google-fonts/oswald/Oswald_500Medium.ttf", 1.193, 0.289, weight=500),
        Font("bebas-neue", "Bebas Neue", "Bebas Neue", "@expo-google-fonts/bebas-neue/BebasNeue_400Regular.ttf", 0.9, 0.3),
        Font("lora", "Lora", "Lora", "@expo-google-fonts/lora/Lora_400Regular.ttf", 1.006, 0.274),
        Font("lora-italic", "Lora Italic", "Lora", "@expo-google-fonts/lora/Lora_400Regular_Italic.ttf", 1.006, 0.274, italic=True),
        Font(
            "playfair-display",
            "Playfair Display",
            "Playfair Display",
            "@expo-google-fonts/playfair-display/PlayfairDisplay_700Bold.ttf",
            1.082,
            0.251,
            weight=700,
        ),
        Font("pacifico", "Pacifico", "Pacifico", "@expo-google-fonts/pacifico/Pacifico_400Regular.ttf", 1.303, 0.453),
        Font(
            "dancing-script",
            "Dancing Script",
            "Dancing Script",
            "@expo-google-fonts/dancing-script/DancingScript_600SemiBold.ttf",
            0.92,
            0.28,
            weight=600,
        ),
        Font("caveat", "Caveat", "Caveat", "@expo-google-fonts/caveat/Caveat_700Bold.ttf", 0.96, 0.3, weight=700),
        Font(
            "roboto-mono",
            "Roboto Mono",
            "Roboto Mono",
            "@expo-google-fonts/roboto-mono/RobotoMono_500Medium.ttf",
            1.0478515625,
            0.27099609375,
            weight=500,
        ),
    )
)
