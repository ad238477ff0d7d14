"""What can be found: every record of the province as the search index wants it.

One function for each kind; docs/search.md says what each carries and why.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import yaml

from generator.config import Config
from generator.domain.absence import read_absence
from generator.domain.bulletin import group_by_week, sum_rows
from generator.domain.disclosure import TableState
from generator.domain.library import Library
from generator.domain.place import Gazetteer
from generator.domain.pool import Pool
from generator.domain.project import Project, read_decimal
from generator.domain.weeks import parse_week
from generator.site import routes
from generator.site.search.records import SearchRecord
from generator.site.views.supervision import list_supervision_links
from generator.site.views.text import format_count

YUAN_PER_WAN = 10_000
_STANDING = (
    (routes.SUPERVISION, "监督", "信息公开督查、台账督查、排名和考核"),
    (routes.CASES, "曝光案件一览", "各期曝光的案件"),
    (routes.FOLLOW_UPS, "四个不放过：未办结事项", "曝光案件的后续跟踪"),
    (routes.WEEKS, "一周一曝光", "各期的目录"),
    (routes.BULLETINS, "一周一通报", "各期的目录"),
    (routes.DUTIES, "环境保护责任清单", "各部门的职责"),
    (routes.FIGURES, "数据口径", "每个数字怎样得出"),
    (routes.DICTIONARY, "数据字典", "各表和字段的含义"),
    (routes.DOWNLOADS, "数据下载", "各表和各地的数据文件"),
    (routes.CORRECTIONS, "更正、说明与撤回", "改过和撤回的记录"),
    (routes.CHANGES, "数据变更记录", "每周改动了哪些记录"),
    (routes.KNOWN_PROBLEMS, "已知数据问题", "检查规则提醒的记录"),
)
"""Pages that people look for by name: address, title, what they tell."""

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_MARKDOWN_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKDOWN_SIGNS = re.compile(r"^\s*(?:#+|[-*>]|\d+\.|\|?[\s|:-]+\|?$)\s*|[*`|]+", re.MULTILINE)


def search_records(library: Library, config: Config) -> tuple[SearchRecord, ...]:
    """Every findable record, kinds in no particular order; the index sorts them."""
    return (
        *_enterprises(library),
        *_projects(library),
        *_cases(library),
        *_places(library),
        *_bodies(library),
        *_weeks(library),
        *_fields(library),
        *_hand_written(config.project / "site_src"),
        *_standing_pages(config),
        *_owners(library),
    )


def district_names(library: Library) -> Mapping[str, str]:
    """Names of all divisions that records may carry, counties with their prefecture's name."""
    gazetteer = library.gazetteer
    return {code: gazetteer.full_name(code) for code in sorted(gazetteer.names)}


def _record(
    kind: str,
    record_id: str,
    url: str,
    title: str,
    *,
    subtitle: str = "",
    district: str = "",
    township: str = "",
    fields: tuple[tuple[str, str], ...] = (),
    facets: Mapping[str, str] | None = None,
    date: str = "",
    fine: int | None = None,
    rate: int | None = None,
    codes: tuple[str, ...] = (),
) -> SearchRecord:
    """A record without the fields and codes that hold no value."""
    return SearchRecord(
        id=record_id,
        kind=kind,
        url=url,
        title=title,
        subtitle=subtitle,
        district=district,
        township=township,
        fields=tuple((name, text) for name, text in fields if _says(text)),
        facets=facets or {},
        date=date,
        fine=fine,
        rate=rate,
        codes=tuple(code for code in codes if _says(code)),
    )


def _says(text: str) -> bool:
    """Whether a cell holds a value: “不适用” is no former name to be found by."""
    return bool(text) and read_absence(text) is None


def _enterprises(library: Library) -> Iterator[SearchRecord]:
    dataset, gazetteer = library.dataset, library.gazetteer
    keep = Pool()  # few products and pollutants, at very many sites
    products = _texts_by_site(library, "product_capacity", "product_name")
    pollutants: dict[str, dict[str, None]] = defaultdict(dict)
    for table in ("wastewater_concentration", "exhaust_concentration", "annual_emission"):
        for site, names in _texts_by_site(library, table, "pollutant_name").items():
            pollutants[site].update(dict.fromkeys(names))
    penalties = dataset["penalty_rectification"].text
    fines: dict[str, Decimal] = defaultdict(Decimal)
    for site, fine in penalties.select("site_code", "fine").iter_rows():
        fines[site] += read_decimal(fine) or 0
    columns = (
        "site_code", "uscc", "ent_name", "former_name", "address", "division_code",
        "industry_code", "operating_status",
    )  # fmt: skip
    for row in dataset["enterprise_profile"].text.select(columns).iter_rows():
        site, uscc, name, former, address, county, industry, status = row
        disclosure = library.disclosures[site]
        dealt_with = len(disclosure.states) - disclosure.count_state(TableState.MISSING)
        yield _record(
            "enterprise",
            site,
            routes.enterprise_route(site),
            name,
            district=_listed_under(gazetteer, county),
            fields=(
                ("former_name", former),
                ("address", address.removeprefix(gazetteer.name(county))),
                ("industry", library.industries.get(industry, "")),
                *(keep(("product", product)) for product in products.get(site, ())),
                *(keep(("pollutant", pollutant)) for pollutant in pollutants.get(site, ())),
            ),
            facets={"completeness": _completeness(status, disclosure.disclosed)},
            fine=int(fines[site] * YUAN_PER_WAN) if site in fines else None,
            rate=dealt_with * 100 // len(disclosure.states),
            codes=(site, uscc),
        )


def _listed_under(gazetteer: Gazetteer, division_code: str) -> str:
    """The county whose lists show the record, empty where no list does."""
    code = gazetteer.place_code(division_code)
    return code if code in gazetteer.names else ""


def _completeness(status: str, disclosed: bool) -> str:
    if status == "长期停产":
        return "长期停产（单列）"
    return "已公开" if disclosed else "有缺项"


def _texts_by_site(library: Library, table: str, column: str) -> Mapping[str, tuple[str, ...]]:
    """Distinct texts of a column by site, in file order."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    rows = library.dataset[table].select_text("site_code", column)
    for site, text in rows.unique(maintain_order=True).iter_rows():
        if text:
            found[site][text] = None
    return {site: tuple(texts) for site, texts in found.items()}


def _projects(library: Library) -> Iterator[SearchRecord]:
    gazetteer = library.gazetteer
    for project in library.projects:
        if project.withdrawn:
            continue
        county = gazetteer.name(project.division_code)
        yield _record(
            "project",
            project.ledger_no,
            routes.project_route(project.ledger_no),
            project.name,
            subtitle=project.owner_name,
            district=_listed_under(gazetteer, project.division_code),
            township=gazetteer.name(project.township_code) if project.township_code else "",
            fields=(
                ("owner", project.owner_name),
                ("address", project.address.removeprefix(county)),
                ("sector", project.sector),
            ),
            facets={
                "sector": project.sector,
                "violation_type": project.violation_type,
                "batch": project.batch,
                "stage": project.stage,
                "overdue": "已逾期" if project.overdue(library.data_date) else "未逾期",
            },
            date=_first_step(project),
            fine=int(project.fine * YUAN_PER_WAN) if project.fine is not None else None,
            codes=(project.ledger_no, project.uscc),
        )


def _first_step(project: Project) -> str:
    """The day a project entered the ledger: its later steps then change no list of the index."""
    return project.events[0].event_date.isoformat() if project.events else ""


def _cases(library: Library) -> Iterator[SearchRecord]:
    gazetteer = library.gazetteer
    for case in library.cases:
        published = parse_week(case.iso_week).end.isoformat()
        if case.withdrawal is not None:
            yield _record(
                "case",
                case.case_no,
                routes.case_route(case.case_no),
                f"案件已撤回（{case.case_no}）",
                date=published,
                codes=(case.case_no,),
            )
            continue
        yield _record(
            "case",
            case.case_no,
            routes.case_route(case.case_no),
            f"{case.ent_name}（{case.violation_type}）",
            subtitle=f"{case.iso_week} 期曝光",
            district=_listed_under(gazetteer, case.division_code),
            fields=(("owner", case.ent_name), ("narrative", case.facts)),
            facets={"violation_type": case.violation_type},
            date=published,
            fine=int(case.fine * YUAN_PER_WAN) if isinstance(case.fine, Decimal) else None,
            codes=(case.case_no,),
        )


def _places(library: Library) -> Iterator[SearchRecord]:
    gazetteer = library.gazetteer
    for prefecture in gazetteer.prefectures:
        yield _record(
            "district",
            prefecture.code,
            routes.district_route(prefecture.code),
            prefecture.name,
            subtitle=gazetteer.province_name,
            district=prefecture.code,
            codes=(prefecture.code,),
        )
        for county in prefecture.counties:
            yield _record(
                "district",
                county.code,
                routes.district_route(county.code),
                county.name,
                district=county.code,
                codes=(county.code,),
            )
            for township in county.townships:
                yield _record(
                    "township",
                    township.code,
                    routes.district_route(county.code) + "#townships",
                    township.name,
                    district=county.code,
                    township=township.name,
                    codes=(township.code,),
                )


def _bodies(library: Library) -> Iterator[SearchRecord]:
    for body in library.bodies:
        yield _record(
            "body",
            body.code,
            routes.duty_route(body.code),
            body.name,
            subtitle=f"{body.part}，{len(body.duties)} 项职责",
        )
        for duty in body.duties:
            yield _record(
                "duty",
                duty.number,
                f"{routes.duty_route(body.code)}#{duty.number}",
                duty.text,
                subtitle=body.name,
                fields=(("owner", body.name), ("duty_role", duty.role)),
                date=duty.valid_from.isoformat(),
                codes=(duty.number,),
            )


def _weeks(library: Library) -> Iterator[SearchRecord]:
    for issue in library.issues:
        week = parse_week(issue.iso_week)
        yield _record(
            "week",
            issue.iso_week,
            routes.week_route(issue.iso_week),
            f"一周一曝光第 {issue.number} 期（{week.start.isoformat()} 至 {week.end.isoformat()}）",
            subtitle=f"{len(issue.cases)} 起案件",
            date=week.end.isoformat(),
            codes=(issue.iso_week,),
        )
    for code, rows in group_by_week(library.bulletin).items():
        week = parse_week(code)
        yield _record(
            "bulletin",
            code,
            routes.bulletin_route(code),
            f"{week.year} 年第 {week.number} 周一周一通报"
            f"（{week.start.isoformat()} 至 {week.end.isoformat()}）",
            subtitle=f"立案 {format_count(sum_rows(rows).cases_opened)} 件",
            date=week.end.isoformat(),
        )


def _fields(library: Library) -> Iterator[SearchRecord]:
    for table in library.dataset.catalog.tables:
        for field in table.fields:
            yield _record(
                "field",
                f"{table.name}.{field.name}",
                f"{routes.dictionary_route(table.name)}#{field.name}",
                field.title,
                subtitle=f"数据字典：{table.title}",
                fields=(("description", field.description), ("owner", field.name)),
            )


def _hand_written(folder: Path) -> Iterator[SearchRecord]:
    for path in sorted(folder.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        front = _FRONT_MATTER.match(text)
        meta = yaml.safe_load(front[1]) if front else {}
        body = text[front.end() :] if front else text
        plain = _MARKDOWN_SIGNS.sub(" ", _MARKDOWN_LINK.sub(r"\1", body))
        yield _record(
            "page",
            path.stem,
            f"{path.stem}.html",
            str(meta.get("title") or path.stem),
            subtitle=str(meta.get("description") or ""),
            fields=(("body", " ".join(plain.split())),),
        )


def _standing_pages(config: Config) -> Iterator[SearchRecord]:
    """Lists, reference and supervision pages."""
    supervision = list_supervision_links(config.profile.table_count)
    links = ((link.route, link.title, link.meaning) for link in supervision)
    for url, title, note in (*_STANDING, *links):
        yield _record(
            "page",
            url.removesuffix(".html").replace("/", "-"),
            url,
            title,
            subtitle=note,
            fields=(("description", note),),
        )


def _owners(library: Library) -> Iterator[SearchRecord]:
    """Pages of owners; their titles say so, since the firm's own page bears its name alone."""
    for owner in library.supervision.owners.owners:
        yield _record(
            "page",
            f"owner-{owner.key}",
            routes.owner_route(owner.key),
            f"{owner.name}（信用记录）",
            subtitle=f"登记厂区 {len(owner.sites)} 个，台账项目 {len(owner.projects)} 个",
            fields=(("description", "一次违法，处处受限"),),
        )
