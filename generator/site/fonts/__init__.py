"""The Chinese font that pictures and documents are set in: WenQuanYi Micro Hei, unaltered.

Carried in the package, because output must not depend on what a machine has installed. TrueType
outlines, embeddable (fsType 8), Apache License 2.0 (LICENSE.txt beside it).

Source: Debian package fonts-wqy-microhei 0.2.0-beta-3.1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

CHINESE_FONT: Final = Path(__file__).parent / "wqy-microhei.ttc"
"""A collection; its first font is proportional, its second has Latin letters of one width."""
CHINESE_FONT_SHA256: Final = "2420e8078af796b19a3f6ef13de527a1a91c1e7171eea115926c614ced1009b3"
"""Stands for the font in keys of what is made with it."""
