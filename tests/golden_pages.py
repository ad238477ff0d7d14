"""Golden pictures: the head of one page of every kind, on a phone and on a desk.

`python tests/golden_pages.py` (`make golden`) builds the committed datasets and renews
`tests/golden/`; `--site` takes a built site. Look at them before you commit.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from click.testing import CliRunner
from page_kinds import one_of_each
from PIL import Image
from served_site import ROOT, open_chromium

from generator.cli import main as huanjing

FOLDER: Final = ROOT / "tests/golden"
WIDTHS: Final = (360, 1280)
DEPTH: Final = 1600
"""Pixels from the top: two screens of a phone; below it rows repeat."""
REDUCTION: Final = 2
BLOCK: Final = 16
"""Pixels of a reduced picture that are compared as one: about a character wide on the page, so
that hinting and smoothing of glyphs vanish in the mean."""
DIFFERENT: Final = 12
"""Of 255, by which a block's mean must differ to count."""
SETTLED: Final = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    for (let n = 0; n < 3; n += 1) await frame();
}"""
"""Tables say that they scroll a frame after the page was laid out."""
TOLERATED: Final = 0.02
"""Share of blocks that may differ: another version of a font, not a moved box."""


def take_pictures(site: Path) -> Iterator[tuple[str, Image.Image]]:
    """Name and reduced picture of each kind of page at each width."""
    with open_chromium() as browser:
        for width in WIDTHS:
            page = browser.new_page(
                viewport={"width": width, "height": 800}, reduced_motion="reduce"
            )
            for kind, route in one_of_each(site).items():
                page.goto((site / route).as_uri())
                if page.locator("[data-huanjing-list]").count():
                    page.locator(".hj-summary").first.wait_for()
                page.evaluate(SETTLED)
                height = min(page.evaluate("document.documentElement.scrollHeight"), DEPTH)
                shot = page.screenshot(
                    full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height}
                )
                yield f"{kind}-{width}", _reduce(Image.open(io.BytesIO(shot)).convert("RGB"))
            page.close()


def _reduce(picture: Image.Image) -> Image.Image:
    size = (picture.width // REDUCTION, picture.height // REDUCTION)
    return picture.resize(size, Image.Resampling.BOX)


def compare(golden: Image.Image, taken: Image.Image) -> float:
    """The share of blocks that differ; what only one picture has differs."""
    width, height = max(golden.width, taken.width), max(golden.height, taken.height)
    grid = (-(-width // BLOCK), -(-height // BLOCK))
    means = []
    for picture in (golden, taken):
        canvas = Image.new("RGB", (grid[0] * BLOCK, grid[1] * BLOCK), "#808080")
        canvas.paste(picture.convert("RGB"))
        means.append(canvas.resize(grid, Image.Resampling.BOX).tobytes())
    differing = 0
    for at in range(0, len(means[0]), 3):
        pairs = zip(means[0][at : at + 3], means[1][at : at + 3], strict=True)
        differing += max(abs(one - other) for one, other in pairs) > DIFFERENT
    return differing / (grid[0] * grid[1])


def save(picture: Image.Image, path: Path) -> None:
    """As a small WebP."""
    picture.save(path, "WEBP", quality=50, method=6)


def main() -> None:
    """Renew all golden pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path)
    site: Path | None = parser.parse_args().site
    with tempfile.TemporaryDirectory(prefix="huanjing-golden-") as folder:
        if site is None:
            site = Path(folder) / "site"
            built = CliRunner().invoke(
                huanjing, ["build", "--config", str(ROOT / "mkdocs.yml"), "--out", str(site)]
            )
            if built.exit_code:
                raise SystemExit(built.output)
        FOLDER.mkdir(exist_ok=True)
        for old in FOLDER.glob("*.webp"):
            old.unlink()
        for name, picture in take_pictures(site):
            save(picture, FOLDER / f"{name}.webp")


if __name__ == "__main__":
    main()
