"""The page of one site: what it is, how completely it reports, what it did, who answers for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from generator.data.load import Dataset
from generator.domain.absence import read_absence
from generator.domain.disclosure import SiteDisclosure, TableState
from generator.domain.enterprise import (
    Enterprise,
    cut_dataset,
    cut_registers,
    iter_enterprises,
)
from generator.domain.enterprise_links import Registers
from generator.domain.monitoring import MonitoringSummary
from generator.domain.place import UNPLACED, UNPLACED_COUNTY, Gazetteer
from generator.site import routes
from generator.site.charts.matrix import StateMarks, mark_states
from generator.site.pages import Page
from generator.site.row_markup import Cell
from generator.site.views.absence_words import AbsenceWords, explain_cells
from generator.site.views.answer import (
    AnswerCard,
    AnswerPart,
    EnterpriseRecord,
    answer_for_enterprise,
)
from generator.site.views.change import ChangeLine, show_changes
from generator.site.views.enterprise_monitoring import MonitoringWording, SeriesView
from generator.site.views.enterprise_records import (
    BodyRow,
    CaseRow,
    CorrectionRow,
    PenaltyRow,
    ProjectRow,
    SisterRow,
    TextLink,
    read_penalties,
    show_body,
    show_case,
    show_correction,
    show_penalty,
    show_project,
    sum_fines,
)
from generator.site.views.enterprise_tables import CategoryView, TableWording
from generator.site.views.matrix_charts import MatrixFrame, make_frame
from generator.site.views.text import format_count
from generator.site.views.visible import reveal_controls

ABSENCE_PAGE: Final = "absence.html"
"""Hand-written page on what the four states mean."""
_QUIET_STATES: Final = frozenset({"停产", "长期停产", "关闭"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One headline of the page: a number and the section that has its records."""

    value: str
    unit: str
    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many tables stand in one of the four states."""

    key: str
    word: str
    count: int
    meaning: str


@dataclass(frozen=True, slots=True)
class EnterpriseView:
    """What `pages/enterprise.html.jinja` sees."""

    crumbs: tuple[tuple[str, str], ...]
    name: str
    status: str
    tone: str
    answer: AnswerCard
    long_suspended: bool
    table_count: int
    missing: tuple[tuple[str, str], ...]
    """(title, anchor) of the missing tables."""
    answers: tuple[Answer, ...]
    facts: tuple[tuple[str, Cell], ...]
    words: AbsenceWords | None
    """What the words for missing values among the facts mean."""
    states: tuple[StateCount, ...]
    matrix: StateMarks
    frame: MatrixFrame
    categories: tuple[CategoryView, ...]
    series: tuple[SeriesView, ...]
    projects: tuple[ProjectRow, ...]
    penalties: tuple[PenaltyRow, ...]
    fines: str
    """Sum of the fines, in 万元."""
    cases: tuple[CaseRow, ...]
    corrections: tuple[CorrectionRow, ...]
    changes: tuple[ChangeLine, ...]
    county: str
    county_route: str
    bodies: tuple[BodyRow, ...]
    special_bodies: tuple[BodyRow, ...]
    """Those that matter because of the violations on the firm's record."""
    sisters: tuple[SisterRow, ...]
    owner_page: str
    """Credit record of an owner with several records; empty where it has none."""
    pack_route: str
    feed_route: str
    """What happens in its district, to subscribe to."""
    prefecture: str
    """Empty where it is not known."""
    prefecture_feed_route: str
    table_files: tuple[TextLink, ...]
    site_code: str
    absence_page: str
    downloads_page: str
    corrections_page: str
    duties_page: str


_STATE_MEANINGS: Final = (
    (TableState.GIVEN, "given", "表里有企业报送的内容"),
    (TableState.NOT_APPLICABLE, "not-applicable", "企业声明没有这类情形"),
    (TableState.WITHHELD, "withheld", "依法不予公开"),
    (TableState.MISSING, "missing", "企业应当报送而没有报送"),
)


class EnterpriseWording:
    """What all enterprise pages of a dataset share: table heads, words behind codes, places."""

    def __init__(self, dataset: Dataset, gazetteer: Gazetteer) -> None:
        self.tables = TableWording(dataset)
        self.monitoring = MonitoringWording(dataset)
        self.frame = make_frame(dataset.catalog)
        self.gazetteer = gazetteer
        self.table_titles: Mapping[str, str] = {
            table.name: table.title for table in dataset.catalog.tables
        }


@dataclass(frozen=True, slots=True)
class EnterpriseSources:
    """All that the pages of enterprises are made of; as for `iter_enterprises`."""

    dataset: Dataset
    disclosures: Mapping[str, SiteDisclosure]
    monitoring: MonitoringSummary
    registers: Registers
    as_of: dt.date


class EnterprisePart:
    """Some of the enterprises; only what their pages are made of is copied to another process."""

    def __init__(self, sources: EnterpriseSources, sites: Sequence[str]) -> None:
        self._sources = sources
        self._sites = sites

    def __reduce__(self) -> tuple[object, ...]:
        return EnterprisePart, (self._cut(), self._sites)

    def pages(self) -> Iterator[Page]:
        """The pages of these enterprises."""
        return enterprise_pages(self._cut(), self._sites)

    def _cut(self) -> EnterpriseSources:
        whole, sites = self._sources, self._sites
        registers = cut_registers(whole.dataset, whole.registers, sites)
        return EnterpriseSources(
            cut_dataset(whole.dataset, registers, sites),
            {site: whole.disclosures[site] for site in sites},
            whole.monitoring.cut(sites),
            registers,
            whole.as_of,
        )


def enterprise_pages(
    sources: EnterpriseSources, wanted: Collection[str] | None = None
) -> Iterator[Page]:
    """One page for each site, or for those in `wanted`, in code order."""
    wording = EnterpriseWording(sources.dataset, sources.registers.gazetteer)
    for enterprise in iter_enterprises(
        sources.dataset,
        sources.disclosures,
        sources.monitoring,
        sources.registers,
        sources.as_of,
        wanted,
    ):
        yield enterprise_page(enterprise, wording, sources.as_of)


def enterprise_page(enterprise: Enterprise, wording: EnterpriseWording, as_of: dt.date) -> Page:
    """The page of one site; overdue projects are meant as of `as_of`."""
    name = reveal_controls(enterprise.ent_name)
    place = reveal_controls(enterprise.prefecture + enterprise.county)
    return Page(
        routes.enterprise_route(enterprise.site_code),
        "enterprise",
        name,
        f"{name}（{place}）的环境信息：{len(enterprise.disclosure.states)} 张公开表、自动监测、"
        "违法建设项目、行政处罚和曝光记录。",
        _view(enterprise, wording, as_of),
    )


def _view(enterprise: Enterprise, wording: EnterpriseWording, as_of: dt.date) -> EnterpriseView:
    categories = wording.tables.show_categories(enterprise)
    facts = _facts(enterprise)
    tables = [table for category in categories for table in category.tables]
    penalties = read_penalties(enterprise)
    disclosure = enterprise.disclosure
    settled = len(disclosure.states) - disclosure.count_state(TableState.MISSING)
    return EnterpriseView(
        crumbs=_crumbs(enterprise),
        name=reveal_controls(enterprise.ent_name),
        status=_word(enterprise.operating_status),
        tone="warn" if enterprise.operating_status in _QUIET_STATES else "plain",
        answer=_conclude(enterprise, penalties, len(disclosure.states) - settled),
        long_suspended=enterprise.long_suspended,
        table_count=len(tables),
        missing=tuple(
            (table.head.title, table.head.anchor) for table in tables if table.state == "missing"
        ),
        answers=_answer(enterprise, len(penalties), settled, len(tables)),
        facts=facts,
        words=explain_cells(value for _, value in facts),
        states=tuple(
            StateCount(key, state.value, disclosure.count_state(state), meaning)
            for state, key, meaning in _STATE_MEANINGS
        ),
        matrix=mark_states(disclosure.states, wording.frame.sizes),
        frame=wording.frame,
        categories=categories,
        series=wording.monitoring.show_series(enterprise),
        projects=tuple(show_project(owned, as_of) for owned in enterprise.projects),
        penalties=tuple(show_penalty(row) for row in penalties),
        fines=sum_fines(penalties),
        cases=tuple(show_case(case) for case in enterprise.cases),
        corrections=tuple(
            show_correction(correction, wording.table_titles)
            for correction in enterprise.corrections
        ),
        changes=show_changes(enterprise.changes),
        county=reveal_controls(enterprise.county),
        county_route=routes.district_route(enterprise.division_code),
        bodies=tuple(show_body(body) for body in enterprise.bodies if body.general),
        special_bodies=tuple(show_body(body) for body in enterprise.bodies if not body.general),
        sisters=tuple(
            SisterRow(
                reveal_controls(sister.ent_name),
                routes.enterprise_route(sister.site_code),
                reveal_controls(wording.gazetteer.full_name(sister.division_code)),
            )
            for sister in enterprise.sisters
        ),
        owner_page=routes.owner_route(enterprise.owner_key) if enterprise.owner_key else "",
        pack_route=routes.district_pack_route(
            wording.gazetteer.parents.get(enterprise.division_code, UNPLACED)
        ),
        feed_route=routes.district_feed_route(enterprise.division_code),
        prefecture=reveal_controls(enterprise.prefecture if enterprise.prefecture_code else ""),
        prefecture_feed_route=routes.district_feed_route(enterprise.prefecture_code)
        if enterprise.prefecture_code
        else "",
        table_files=tuple(
            TextLink(table.head.title, routes.table_route(table.head.anchor))
            for table in tables
            if table.count
        ),
        site_code=enterprise.site_code,
        absence_page=ABSENCE_PAGE,
        downloads_page=routes.DOWNLOADS,
        corrections_page=routes.CORRECTIONS,
        duties_page=routes.DUTIES,
    )


def _crumbs(enterprise: Enterprise) -> tuple[tuple[str, str], ...]:
    above: list[tuple[str, str]] = []
    if enterprise.prefecture_code:
        route = routes.district_route(enterprise.prefecture_code)
        above.append((reveal_controls(enterprise.prefecture), route))
    county = enterprise.division_code
    return (
        ("各地", routes.DISTRICTS),
        *above,
        (reveal_controls(enterprise.county), routes.district_route(county)),
        ("企业名单", routes.district_enterprises_route(county)),
        (reveal_controls(enterprise.ent_name), ""),
    )


def _conclude(enterprise: Enterprise, penalties: list[dict[str, str]], missing: int) -> AnswerCard:
    """The card at the top: what the firm is and what is open against it."""
    place = f"{enterprise.prefecture}{enterprise.county}"
    if enterprise.division_code == UNPLACED_COUNTY:
        place = "所在区县未明"
    county = routes.district_route(enterprise.division_code)
    return answer_for_enterprise(
        EnterpriseRecord(
            what=_introduce(enterprise),
            place=AnswerPart(reveal_controls(place), county),
            suspended=enterprise.long_suspended,
            missing=missing,
            exceedances=len(enterprise.tables["exceedance"])
            + sum(series.exceedances for series in enterprise.monitoring),
            penalties=[row["rectify_status"] for row in penalties],
            projects=enterprise.projects,
            cases=len(enterprise.cases),
        )
    )


def _introduce(enterprise: Enterprise) -> str:
    """What this firm is, in some words."""
    scale = "" if read_absence(enterprise.ent_scale) is not None else enterprise.ent_scale
    trade = f"从事{enterprise.industry}的" if enterprise.industry else ""
    kind = f"{scale}企业" if scale else "单位"
    status = _word(enterprise.operating_status)
    return reveal_controls(f"{trade}{kind}，{_listing(enterprise.key_class)}生产状态：{status}")


def _word(text: str) -> str:
    """The cell's text, or the word for why there is none."""
    absence = read_absence(text)
    return text if absence is None else absence.value


def _listing(key_class: str) -> str:
    """In which register of key polluters it is; nothing where that was not reported."""
    if read_absence(key_class) is not None:
        return ""
    return f"列入{key_class}重点排污单位名录，"


def _answer(
    enterprise: Enterprise, penalties: int, settled: int, table_count: int
) -> tuple[Answer, ...]:
    """The headlines, each leading to the rows that make it."""
    readings = sum(series.exceedances for series in enterprise.monitoring)
    monitored = (
        (Answer(format_count(readings), "个", "自动监测超标读数", "monitoring"),)
        if enterprise.monitoring
        else ()
    )
    return (
        Answer(f"{settled}/{table_count}", "张", "公开表已公开或已说明", "matrix"),
        _answer_from_table(
            enterprise, "exceedance", len(enterprise.tables["exceedance"]), "起", "报送的超标排放"
        ),
        *monitored,
        _answer_from_table(
            enterprise, "penalty_rectification", penalties, "件", "行政处罚", "penalties"
        ),
        Answer(format_count(len(enterprise.projects)), "个", "违法建设项目", "projects"),
        Answer(format_count(len(enterprise.cases)), "次", "每周曝光", "cases"),
    )


def _answer_from_table(
    enterprise: Enterprise, table: str, count: int, unit: str, title: str, anchor: str = ""
) -> Answer:
    """The number of rows, or the table's state in words: not reported is not zero."""
    state = dict(zip(enterprise.tables, enterprise.disclosure.states, strict=True))[table]
    if count == 0 and state is not TableState.GIVEN:
        return Answer(state.value, "", title, anchor or table)
    return Answer(format_count(count), unit, title, anchor or table)


def _facts(enterprise: Enterprise) -> tuple[tuple[str, Cell], ...]:
    phones = enterprise.tables["enterprise_contact"].column("public_phone")
    industry = f"{enterprise.industry}（{enterprise.industry_code}）".removeprefix("（")
    return (
        ("生产地址", _show(enterprise.address)),
        ("法定代表人", _show(enterprise.legal_rep)),
        ("行业", _show(industry if enterprise.industry else enterprise.industry_code)),
        ("重点排污单位类别", _show(enterprise.key_class)),
        ("投产日期", _show(enterprise.start_date)),
        ("公开电话", _show(phones[0] if phones else "")),
        ("统一社会信用代码", _show(enterprise.uscc)),
        ("固定污染源代码", _show(enterprise.site_code)),
    )


def _show(text: str) -> Cell:
    return read_absence(text) or reveal_controls(text)
