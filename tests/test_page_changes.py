"""Pages of two plans, paired by address whatever their order."""

import random
from collections.abc import Iterator
from pathlib import Path

from generator.site.page_changes import compare_pages
from generator.site.pages import Page
from generator.site.render import Renderer

ABSENCE = "{{ absence.value }}"


def make_renderer(folder: Path) -> Renderer:
    """Templates of one kind, which shows only the first part of its view."""
    (folder / "pages").mkdir(parents=True)
    (folder / "absence.html.jinja").write_text(ABSENCE, encoding="utf-8")
    (folder / "pages/plain.html.jinja").write_text("<p>{{ view[0] }}</p>", encoding="utf-8")
    return Renderer(folder)


def page(number: int, shown: str = "甲", hidden: str = "", title: str = "题") -> Page:
    return Page(f"case/{number:03d}.html", "plain", title, "述", (shown, hidden))


def test_pages_are_added_removed_and_changed_by_address(tmp_path: Path) -> None:
    renderer = make_renderer(tmp_path)
    old = [page(number) for number in range(50)]
    new = [page(99), *(page(n, "乙" if n == 7 else "甲") for n in range(3, 50)), page(100)]
    found = compare_pages(old, new, renderer)
    assert found.added == ("case/099.html", "case/100.html")
    assert found.removed == ("case/000.html", "case/001.html", "case/002.html")
    assert found.changed == ("case/007.html",)


def test_the_order_of_the_plans_does_not_matter(tmp_path: Path) -> None:
    renderer = make_renderer(tmp_path)
    old = [page(number) for number in range(40)]
    new = [page(number, title="新" if number % 9 == 0 else "题") for number in range(5, 45)]
    expected = compare_pages(old, new, renderer)
    assert len(expected.changed) == 4
    for seed in range(5):
        mixed = random.Random(f"{seed}:pages")
        mixed.shuffle(old)
        mixed.shuffle(new)
        assert compare_pages(old, new, renderer) == expected


def test_a_title_alone_changes_a_page_and_an_unseen_part_of_its_view_does_not(
    tmp_path: Path,
) -> None:
    renderer = make_renderer(tmp_path)
    old = [page(1), page(2), page(3)]
    new = [page(1, title="另题"), page(2, hidden="不见"), page(3)]
    for render_all in (False, True):
        found = compare_pages(old, new, renderer, render_all=render_all)
        assert found.changed == ("case/001.html",)


class CountedView:
    """A view that knows how many of its kind are alive."""

    alive = 0
    most = 0

    def __init__(self, text: str) -> None:
        self.text = text
        CountedView.alive += 1
        CountedView.most = max(CountedView.most, CountedView.alive)

    def __del__(self) -> None:
        CountedView.alive -= 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CountedView) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


def test_views_do_not_pile_up_while_the_plans_are_in_step(tmp_path: Path) -> None:
    def plan(first: int) -> Iterator[Page]:
        for number in range(first, 500):
            yield Page(f"case/{number}.html", "plain", "题", "述", CountedView(str(number)))

    found = compare_pages(plan(0), plan(3), make_renderer(tmp_path))
    assert len(found.removed) == 3
    assert found.changed == ()
    assert CountedView.most < 20
