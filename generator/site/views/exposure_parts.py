"""Pieces that pages of the exposure share: links, pictures, steps and withdrawn lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.domain.exposure import Case, FollowUp, Issue
from generator.domain.place import Gazetteer
from generator.site import routes
from generator.site.pictures import PictureFiles
from generator.site.views.week_labels import NO_DAY, OPEN, label_days, label_issue, label_week

MEASURE_TITLES: Mapping[str, str] = {
    "daily_penalty": "按日连续处罚",
    "seizure": "查封扣押",
    "limit_stop": "限产停产",
    "detention": "移送行政拘留",
    "crime_transfer": "移送涉嫌犯罪",
}
_DEFAULT_ALT = "案件示意图，没有文字说明"
_COUNTY_DIGITS = 6
_LINE_LENGTH = 80  # characters of a facts line in the gallery, about four lines on a phone


@dataclass(frozen=True, slots=True)
class Link:
    """Words and where they lead, relative to the site root; without a route plain words."""

    text: str
    route: str


@dataclass(frozen=True, slots=True)
class Source:
    """A picture's file in a newer format, and how many pixels wide it is."""

    route: str
    width: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with what a person who cannot see it is told."""

    route: str
    alt: str
    width: int
    """Pixels, like the height; 0 where the file was not read."""
    height: int
    sources: tuple[Source, ...]
    """WebP, narrow before wide; empty where the one file is small."""
    full_route: str
    """The picture at its largest; empty where the page shows it so."""


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four 不放过 as shown: a date, or 进行中."""

    title: str
    text: str
    done: bool


@dataclass(frozen=True, slots=True)
class WithdrawnLine:
    """What is left of a withdrawn case in a list."""

    case_no: str
    route: str
    week: str
    reason: str
    day: str


def tally_anchor(division_code: str, column: str = "") -> str:
    """The id on a week's page where the cases behind a number stand, e.g. `c-990101-seizure`."""
    return f"c-{division_code}-{column}" if column else f"c-{division_code}"


def title_issue(issue: Issue) -> str:
    """第10期（2016年第26周，6月27日—7月3日）."""
    week = issue.iso_week
    return f"{label_issue(issue.number)}（{label_week(week)}，{label_days(week)}）"


def shorten_facts(facts: str) -> str:
    """The first sentence of the facts where it is short enough, else cut at a pause in it."""
    line = " ".join(facts.split())
    sentence, stop, _ = line.partition("。")
    if stop and len(sentence) < _LINE_LENGTH:
        return sentence + stop
    if len(line) <= _LINE_LENGTH:
        return line
    start = line[: _LINE_LENGTH - 2]
    pause = max(start.rfind(mark) for mark in "，；：。")
    return (start[:pause] if pause >= _LINE_LENGTH // 2 else start) + "……"


def make_withdrawn_line(case: Case) -> WithdrawnLine:
    """What a list keeps of a withdrawn case; empty words for one that stands."""
    day = case.withdrawal.date if case.withdrawal else None
    return WithdrawnLine(
        case_no=case.case_no,
        route=routes.case_route(case.case_no),
        week=label_week(case.iso_week),
        reason=case.withdrawal.reason if case.withdrawal else "",
        day=day.isoformat() if day else NO_DAY,
    )


def make_step(follow_up: FollowUp) -> Step:
    """A follow-up in words: its date, or 进行中."""
    done = follow_up.done
    return Step(follow_up.title, done.isoformat() if done else OPEN, done is not None)


def make_picture(case: Case, pictures: Mapping[str, PictureFiles]) -> Picture | None:
    """The case's picture, or None where it has none.

    One that `pictures` does not know is shown from its own address, of unknown size.
    """
    if not case.photo:
        return None
    alt = case.photo_alt or _DEFAULT_ALT
    files = pictures.get(case.photo)
    if files is None:
        return Picture(case.photo, alt, 0, 0, (), "")
    return Picture(
        files.shown.route,
        alt,
        files.shown.width,
        files.shown.height,
        tuple(Source(size.route, size.width) for size in files.webp),
        files.full.route if files.full.width > files.shown.width else "",
    )


def link_place(code: str, gazetteer: Gazetteer) -> Link:
    """A division's full name, leading to its page, or to its county's for a township.

    Abolished divisions have no page; their names stay plain words.
    """
    county = code[:_COUNTY_DIGITS]
    known = any(
        prefecture.code == county or any(own.code == county for own in prefecture.counties)
        for prefecture in gazetteer.prefectures
    )
    name = gazetteer.full_name(code)
    if len(code) > _COUNTY_DIGITS and known:
        name = gazetteer.full_name(county) + gazetteer.name(code)
    return Link(name, routes.district_route(county) if known else "")


def link_firm(case: Case) -> Link:
    """The firm's name, leading to the case."""
    return Link(case.ent_name, routes.case_route(case.case_no))


def link_case(case: Case) -> Link:
    """The case number, leading to the case."""
    return Link(case.case_no, routes.case_route(case.case_no))


def link_neighbour(case: Case) -> Link:
    """The case before or after, by its firm; a withdrawn one only by its number."""
    name = case.ent_name if case.withdrawal is None else f"{case.case_no}（已撤回）"
    return Link(name, routes.case_route(case.case_no))


def link_issue(issue: Issue | None) -> Link | None:
    """An issue's title, leading to its page."""
    return Link(title_issue(issue), routes.week_route(issue.iso_week)) if issue else None
