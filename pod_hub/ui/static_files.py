"""How browser files are named in production: by their content, so that browsers may keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS = "catalog/editor/*.js"  # other packages' scripts mention imports in comments, which would be taken for ours


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # published without types
    """WhiteNoise's storage; our modules import each other by their hashed names, too, or a new page would run old modules."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        (OURS, CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )
