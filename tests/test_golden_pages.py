"""Every kind of page looks as it did when somebody last looked at it (`make golden`)."""

from __future__ import annotations

from pathlib import Path

from golden_pages import FOLDER, TOLERATED, compare, save, take_pictures
from PIL import Image, ImageDraw


def test_every_kind_of_page_looks_like_its_golden_picture(site: Path, tmp_path: Path) -> None:
    taken = dict(take_pictures(site))
    kept = {path.stem: path for path in FOLDER.glob("*.webp")}
    assert sorted(taken) == sorted(kept)
    unlike = {}
    for name, picture in taken.items():
        share = compare(Image.open(kept[name]), picture)
        if share > TOLERATED:
            save(picture, tmp_path / f"{name}.webp")
            unlike[name] = f"{share:.1%}"
    assert unlike == {}, f"see {tmp_path}; renew with make golden"


def test_the_golden_pictures_stay_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.webp")) < 3_000_000


def test_a_moved_box_is_seen_and_a_softer_edge_is_not() -> None:
    golden = Image.new("RGB", (180, 800), "#fffefb")
    ImageDraw.Draw(golden).rectangle((20, 100, 160, 300), fill="#0b5d4e")
    softer = golden.resize((90, 400)).resize((180, 800))
    assert compare(golden, softer) <= TOLERATED
    moved = Image.new("RGB", (180, 800), "#fffefb")
    ImageDraw.Draw(moved).rectangle((20, 132, 160, 332), fill="#0b5d4e")
    assert compare(golden, moved) > TOLERATED
    longer = Image.new("RGB", (180, 900), "#fffefb")
    longer.paste(golden)
    assert compare(golden, longer) > TOLERATED
