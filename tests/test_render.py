from dataclasses import dataclass
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from generator.domain.absence import Absence
from generator.site.pages import Page
from generator.site.render import Renderer
from generator.site.row_markup import checked_url

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
HOSTILE = "</title><script>alert(1)</script>{{7*7}}{%x%}\\\u202e\"'"


@dataclass(frozen=True)
class Probe:
    text: object


def render(tmp_path: Path, template: str, text: object) -> str:
    (tmp_path / "pages").mkdir(exist_ok=True)
    (tmp_path / "absence.html.jinja").write_text(
        (TEMPLATES / "absence.html.jinja").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (tmp_path / "pages/probe.html.jinja").write_text(template, encoding="utf-8")
    page = Page("project/x.html", "probe", "", "", Probe(text))
    return Renderer(tmp_path).render_body(page)


def test_a_hostile_cell_is_text_in_elements_and_attributes(tmp_path: Path) -> None:
    html = render(tmp_path, '<p title="{{ view.text }}">{{ view.text }}</p>', HOSTILE)
    assert "<script" not in html
    assert "{{7*7}}" in html
    assert html.count('"') == 2


def test_a_name_the_view_does_not_have_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError):
        render(tmp_path, "{{ view.txet }}", "x")


def test_the_way_to_the_root_is_given(tmp_path: Path) -> None:
    assert render(tmp_path, "{{ root }}index.html", "") == "../index.html"


@pytest.mark.parametrize("absence", list(Absence))
def test_each_absence_has_its_own_word_and_mark(tmp_path: Path, absence: Absence) -> None:
    html = render(tmp_path, "{{ view.text }}", absence)
    assert f">{absence.value}</abbr>" in html
    assert html.count("data-absence") == 1


def test_zero_is_printed_as_zero(tmp_path: Path) -> None:
    assert render(tmp_path, "{{ view.text }}", "0") == "0"


@pytest.mark.parametrize(
    "url", ["https://example.org/a?b=1", "http://example.org", "HTTPS://Example.org/路径"]
)
def test_plain_web_addresses_pass(url: str) -> None:
    assert checked_url(f" {url} ") == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
        "vbscript:x", "//example.org", "/etc", "x.html", "", "http://", "https:///x",
        "https://a@b.org", "https://example.org/\"onclick=\"x", "https://exa mple.org", "http://[::1",
        "\x01javascript:alert(1)",
    ],
)  # fmt: skip
def test_anything_else_is_no_link(url: str) -> None:
    assert checked_url(url) == ""
