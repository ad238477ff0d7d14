"""Share cards: what they show, how large they are, and whom they leave out."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from public_package import CASES, load_tables, make_case

from generator.domain.exposure import read_cases, read_issues
from generator.domain.place import read_gazetteer
from generator.site.cards import HEIGHT, WIDTH, Card, draw_card
from generator.site.views.share import share_cards

CARD = Card(
    route="card/BG2016W26-001.png",
    site_name="环镜 · 示例省环境信息公开",
    demo=True,
    kicker="一周一曝光 第2期",
    title="临川恒诚化工有限公司",
    line="临川市江北区 · 超标排放",
    badges=("限制生产", "移送行政拘留"),
    foot="罚款 5 万元",
)
WITHDRAWN = make_case(
    "BG2016W24-001", ent_name="旧名化工厂", withdraw_reason="处罚决定经复议撤销。"
)


def show(card: Card) -> Image.Image:
    return Image.open(io.BytesIO(draw_card(card))).convert("RGB")


def differs(one: Card, other: Card) -> bool:
    return ImageChops.difference(show(one), show(other)).getbbox() is not None


def list_cards(root: Path, *rows: dict[str, str], demo: bool = True) -> dict[str, Card]:
    dataset = load_tables(root, exposure_case=rows)
    issues = read_issues(read_cases(dataset))
    cards = share_cards(issues, read_gazetteer(dataset), "环镜", demo)
    return {card.route: card for card in cards}


def test_a_card_has_the_shape_of_link_previews_and_is_light():
    content = draw_card(CARD)
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, picture.size) == ("PNG", (WIDTH, HEIGHT))
    assert len(content) < 60_000
    assert picture.info == {}


def test_the_same_card_gives_the_same_bytes():
    assert draw_card(CARD) == draw_card(replace(CARD))


@pytest.mark.parametrize("field", ["site_name", "kicker", "title", "line", "foot"])
def test_every_word_of_a_card_can_be_seen(field: str):
    assert differs(CARD, replace(CARD, **{field: "另外的话"}))


def test_the_demo_mark_and_the_badges_can_be_seen():
    assert differs(CARD, replace(CARD, demo=False))
    assert differs(CARD, replace(CARD, badges=CARD.badges[:1]))


def test_text_of_any_length_stays_inside_the_margins():
    long = replace(
        CARD,
        kicker="长" * 90, title="长" * 90, line="长" * 90, foot="长" * 90,
        badges=("责令停业关闭",) * 14,
    )  # fmt: skip
    edge = show(long).crop((WIDTH - 40, 110, WIDTH, HEIGHT))
    assert edge.getcolors() == [(40 * (HEIGHT - 110), (255, 255, 255))]
    assert len(draw_card(long)) < 60_000


def test_control_characters_are_shown_and_nothing_fails_on_emptiness():
    hostile = replace(CARD, title="临川\u202e恒诚\n\0</title>", badges=("",), line="", foot="")
    assert draw_card(hostile)


def test_issues_and_standing_cases_have_cards_and_withdrawn_ones_none(tmp_path: Path):
    cards = list_cards(tmp_path / "set", *CASES, WITHDRAWN)
    assert sorted(cards) == [
        "card/2016-W25.png", "card/2016-W26.png", "card/BG2016W25-001.png",
        "card/BG2016W26-001.png", "card/BG2016W26-002.png", "card/BG2016W26-003.png",
    ]  # fmt: skip
    assert "旧名" not in str(cards)


def test_a_card_says_what_its_case_says(tmp_path: Path):
    card = list_cards(tmp_path / "set", *CASES, demo=False)["card/BG2016W26-002.png"]
    assert not card.demo
    assert card.title == "临川恒诚化工有限公司"
    assert card.line.endswith("河东县 · 超标排放")
    assert card.badges == ("移送涉嫌犯罪",)
    assert card.foot == "罚款：尚未决定 · 案件编号 BG2016W26-002"
    assert "第2期（2016年第26周，6月27日—7月3日）" in card.kicker


def test_the_card_of_an_issue_adds_up_its_cases(tmp_path: Path):
    card = list_cards(tmp_path / "set", *CASES)["card/2016-W26.png"]
    assert card.title == "本期曝光 3 起环境违法典型案件"
    assert card.line == "涉及 3 个县（市、区），已决定罚款 5 万元"
    assert card.badges == ("限产停产 1", "移送行政拘留 1", "移送涉嫌犯罪 1")
