"""The generator's settings, read once from `mkdocs.yml` and checked as a whole.

Everything the generator itself wants stands under `extra.huanjing`; the rest of the file
belongs to MkDocs and is read by `site.shell` alone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from generator.errors import ConfigError
from generator.mirror.host import find_identity_fault
from generator.profiles.profile import DEFAULT, Profile, list_profiles, read_profile

LATEST = "latest"
_SQUARE = re.compile(r"\.|[0-9]{6}")
_MOST_COLUMNS = 10
"""More squares in a row would be too small to touch on a phone."""
_WEB_FOLDER = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/(?:[A-Za-z0-9._~-]+/)*")

_CONTACT = re.compile(r"(?:mailto:[^\s@]+@[A-Za-z0-9.-]+|tel:\+?[0-9-]+|https://[^\s<>\"]+)")


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the header menu: its words and the site-relative address it leads to."""

    title: str
    route: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """A named run of weeks that the bulletin adds up (浙江 百日专项行动)."""

    title: str
    start: dt.date
    end: dt.date


@dataclass(frozen=True, slots=True)
class LedgerThresholds:
    """When a district is warned (预警) or supervised (督办); whole per cents and points."""

    warning_overdue: int
    """Overdue projects in per cent of the ledger, from which on a district is warned."""
    supervision_overdue: int
    """The same, from which on it is supervised."""
    supervision_gap: int
    """Points under the month's closure target, from which on it is supervised."""


@dataclass(frozen=True, slots=True)
class AssessmentWeights:
    """Marks that the parts of the disclosure assessment (考核表) can give, 100 together."""

    disclosure: int
    timely: int
    regular: int


@dataclass(frozen=True, slots=True)
class SecurityContact:
    """Whom to tell of a fault in the site, as security.txt says."""

    address: str
    """`mailto:`, `tel:` or `https:`; empty where nobody is named."""
    days: int
    """Days after the data date for which the word holds."""


@dataclass(frozen=True, slots=True)
class TileMap:
    """Where the squares of the tile maps stand: rows of division codes, `.` for an empty place.

    Both are empty where the province has drawn nothing.
    """

    prefectures: tuple[tuple[str, ...], ...] = ()
    counties: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """What a build is told by people; every path absolute."""

    project: Path
    """Folder of `mkdocs.yml`."""
    datasets: Path
    templates: tuple[Path, ...]
    """Folders of templates and assets: the province's own, if it has one, before ours."""
    site_name: str
    province: str
    profile: Profile
    """The law under which the province discloses."""
    demo: bool
    """True prints 演示数据 on every page."""
    data_date: dt.date | None
    """The day the figures speak of; None takes the latest date in the data."""
    disclosure_floor: int
    """Per cent; a district below it gets a supervision notice (河南: 90)."""
    notice_reply_days: int
    """Days that a supervision notice gives."""
    thresholds: LedgerThresholds
    assessment: AssessmentWeights
    campaign: Campaign
    tile_map: TileMap
    menu: tuple[MenuItem, ...]
    canonical: str
    """The province's own web address, ending in `/`; empty where not given."""
    security: SecurityContact
    host: Mapping[str, str]
    """What the province's own server says of itself in the footer; mirrors have their own."""


def find_resource(name: str, project: Path) -> Path:
    """Where `templates`, `datasets` or `site_src` of this generator lie.

    A project's own folder comes first, then the copy that the wheel carries.

    Raises:
        ConfigError: Neither exists.

    """
    own = project / name
    if own.is_dir():
        return own
    packaged = Path(str(resources.files("generator"))) / "_resources" / name
    if packaged.is_dir():
        return packaged
    checkout = Path(str(resources.files("generator"))).parent / name
    if checkout.is_dir():
        return checkout
    raise ConfigError(
        f"找不到 {name}/ 文件夹：应当在 {own}。请在项目文件夹里运行，或重新安装 huanjing。"
    )


def find_templates(project: Path) -> tuple[Path, ...]:
    """The project's own templates, which may be few, and then those that come with the generator.

    Raises:
        ConfigError: The generator's own are not there.

    """
    own = project / "templates"
    packaged = find_resource("templates", Path(str(resources.files("generator"))))
    return (own, packaged) if own.is_dir() and not own.samefile(packaged) else (packaged,)


def read_config(path: Path) -> Config:
    """The settings of the project whose `mkdocs.yml` is `path`.

    Raises:
        ConfigError: The file is missing or not YAML, or settings under `extra.huanjing` are
            missing, unknown, or of the wrong form; every fault is named in one message.

    """
    if not path.is_file():
        raise ConfigError(f"找不到配置文件 {path.name}（在 {path.parent}）。请在项目文件夹里运行。")
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise ConfigError(f"{path.name} 不是正确的 YAML：{fault}") from fault
    settings = ((document or {}).get("extra") or {}).get("huanjing")
    if not isinstance(settings, dict):
        raise ConfigError(f"{path.name} 缺少 extra.huanjing 一节；见 docs/settings.md。")
    reader = _Reader(settings, path.name)
    project = path.parent.resolve()
    province = reader.text("province")
    profile = reader.profile("profile")
    demo = reader.flag("demo")
    data_date = reader.date_or_latest("data_date")
    floor = reader.per_cent("disclosure_floor")
    reply_days = reader.days("notice_reply_days")
    thresholds = reader.thresholds("ledger_thresholds")
    assessment = reader.assessment("assessment")
    campaign = reader.campaign("campaign")
    tile_map = reader.tile_map("tile_map")
    menu = reader.menu("menu")
    canonical = reader.web_address("canonical")
    security = reader.security("security")
    host = reader.identity("host")
    datasets = reader.text("datasets")
    reader.finish()
    return Config(
        project=project,
        datasets=project / datasets,
        templates=find_templates(project),
        site_name=str(document.get("site_name") or "环镜"),
        province=province,
        profile=profile,
        demo=demo,
        data_date=data_date,
        disclosure_floor=floor,
        notice_reply_days=reply_days,
        thresholds=thresholds,
        assessment=assessment,
        campaign=campaign,
        tile_map=tile_map,
        menu=menu,
        canonical=canonical,
        security=security,
        host=host,
    )


class _Reader:
    """Takes settings one by one, keeps every fault, and reports them together."""

    def __init__(self, settings: Mapping[str, Any], file: str) -> None:
        self._settings = settings
        self._file = file
        self._taken: set[str] = set()
        self._faults: list[str] = []

    def _take(self, key: str, expected: str, example: str) -> Any:
        self._taken.add(key)
        if key not in self._settings:
            self._faults.append(f"缺少 {key}（应为{expected}，例如 {key}: {example}）")
            return None
        return self._settings[key]

    def _wrong(self, key: str, found: object, expected: str) -> None:
        self._faults.append(f"{key} 写的是 {found!r}，应为{expected}")

    def text(self, key: str) -> str:
        found = self._take(key, "文字", "示例省")
        if found is None:
            return ""
        if not isinstance(found, str) or not found.strip():
            self._wrong(key, found, "文字")
            return ""
        return found

    def profile(self, key: str) -> Profile:
        """The law that the setting names; the default where it is left out."""
        self._taken.add(key)
        found = self._settings.get(key, DEFAULT)
        if found not in list_profiles():
            self._wrong(key, found, f" {'、'.join(list_profiles())} 之一")
            return read_profile()
        return read_profile(found)

    def flag(self, key: str) -> bool:
        found = self._take(key, " true 或 false", "true")
        if found is not None and not isinstance(found, bool):
            self._wrong(key, found, " true 或 false")
        return bool(found)

    def per_cent(self, key: str) -> int:
        found = self._take(key, " 0 到 100 的整数", "90")
        if found is None:
            return 0
        if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= 100:
            self._wrong(key, found, " 0 到 100 的整数")
            return 0
        return found

    def date_or_latest(self, key: str) -> dt.date | None:
        found = self._take(key, f"日期或 {LATEST}", "2016-07-03")
        if found is None or found == LATEST:
            return None
        if not isinstance(found, dt.date) or isinstance(found, dt.datetime):
            self._wrong(key, found, f"日期（2016-07-03 的形式）或 {LATEST}")
            return None
        return found

    def days(self, key: str) -> int:
        found = self._take(key, "天数", "15")
        if found is None:
            return 0
        if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= 366:
            self._wrong(key, found, " 1 到 366 的整数（天）")
            return 0
        return found

    def thresholds(self, key: str) -> LedgerThresholds:
        warning, supervision, gap = self._whole_numbers(
            key, ("warning_overdue", "supervision_overdue", "supervision_gap")
        )
        if warning > supervision:
            self._wrong(key, f"{warning} 大于 {supervision}", "预警线不高于督办线")
        return LedgerThresholds(warning, supervision, gap)

    def assessment(self, key: str) -> AssessmentWeights:
        marks = self._whole_numbers(key, ("disclosure", "timely", "regular"))
        if any(marks) and sum(marks) != 100:
            self._wrong(key, f"合计 {sum(marks)}", "合计 100 分")
        return AssessmentWeights(*marks)

    def _whole_numbers(self, key: str, names: tuple[str, str, str]) -> tuple[int, int, int]:
        """A section of three whole numbers from 0 to 100; zeros where it is wrong."""
        listed = "、".join(names)
        found = self._take(key, f"一节：{listed}", "{" + f"{names[0]}: 10, …" + "}")
        if found is None:
            return 0, 0, 0
        if not isinstance(found, dict) or set(found) != set(names):
            self._wrong(key, found, f"一节，恰有 {listed} 三项")
            return 0, 0, 0
        numbers = [found[name] for name in names]
        for name, number in zip(names, numbers, strict=True):
            if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= 100:
                self._wrong(f"{key}.{name}", number, " 0 到 100 的整数")
                return 0, 0, 0
        return numbers[0], numbers[1], numbers[2]

    def campaign(self, key: str) -> Campaign:
        found = self._take(key, "一节：title、start、end", "{title: 百日专项行动, …}")
        nothing = Campaign("", dt.date.min, dt.date.min)
        if found is None:
            return nothing
        if not isinstance(found, dict) or set(found) != {"title", "start", "end"}:
            self._wrong(key, found, "一节，恰有 title、start、end 三项")
            return nothing
        start, end = found["start"], found["end"]
        if not (isinstance(start, dt.date) and isinstance(end, dt.date) and start <= end):
            self._wrong(key, f"{start} 至 {end}", "先后两个日期")
            return nothing
        if start.isoweekday() != 1 or end.isoweekday() != 7:
            self._wrong(key, f"{start} 至 {end}", "从周一到周日的整周（通报按周汇总）")
        return Campaign(str(found["title"]), start, end)

    def tile_map(self, key: str) -> TileMap:
        """Rows of codes for prefectures and counties; empty where the setting is left out."""
        self._taken.add(key)
        found = self._settings.get(key)
        if found is None:
            return TileMap()
        if not isinstance(found, dict) or not set(found) <= {"prefectures", "counties"}:
            self._wrong(
                key, found, "一节，有 prefectures（各市）、counties（各区县）中的一项或两项"
            )
            return TileMap()
        return TileMap(
            self._squares(f"{key}.prefectures", found.get("prefectures") or []),
            self._squares(f"{key}.counties", found.get("counties") or []),
        )

    def _squares(self, key: str, rows: object) -> tuple[tuple[str, ...], ...]:
        expected = f"一列文字，每行至多 {_MOST_COLUMNS} 个以空格分开的 6 位区划代码，空位写 ."
        if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
            self._wrong(key, rows, expected)
            return ()
        grid = tuple(tuple(row.split()) for row in rows)
        seen: set[str] = set()
        for number, row in enumerate(grid, start=1):
            if len(row) > _MOST_COLUMNS:
                self._wrong(f"{key} 第 {number} 行", f"{len(row)} 个", expected)
            for code in row:
                if not _SQUARE.fullmatch(code):
                    self._wrong(f"{key} 第 {number} 行", code, expected)
                elif code != "." and code in seen:
                    self._wrong(f"{key} 第 {number} 行", code, "没有写过的代码（每个地方只有一格）")
                seen.add(code)
        return grid

    def menu(self, key: str) -> tuple[MenuItem, ...]:
        found = self._take(key, "一列 名称: 地址", "[{企业: enterprise/index.html}]")
        items: list[MenuItem] = []
        for entry in found or []:
            if not (isinstance(entry, dict) and len(entry) == 1):
                self._wrong(key, entry, "“名称: 地址”的形式")
                continue
            ((title, route),) = entry.items()
            if not isinstance(route, str) or route.startswith(("/", "http:", "https:", "..")):
                self._wrong(f"{key}.{title}", route, "站内相对地址，例如 enterprise/index.html")
                continue
            items.append(MenuItem(str(title), route))
        return tuple(items)

    def web_address(self, key: str) -> str:
        """A folder on the web, with its last slash; empty where the setting is left out."""
        self._taken.add(key)
        found = self._settings.get(key)
        if found is None:
            return ""
        if not isinstance(found, str) or not _WEB_FOLDER.fullmatch(found):
            self._wrong(key, found, "以 / 结尾的网址，例如 https://huanjing.example.gov.cn/")
            return ""
        return found

    def security(self, key: str) -> SecurityContact:
        """Whom to tell; nobody where the setting is left out."""
        self._taken.add(key)
        found = self._settings.get(key)
        if found is None:
            return SecurityContact("", 0)
        if not isinstance(found, dict) or set(found) != {"contact", "days"}:
            self._wrong(key, found, "一节，恰有 contact、days 两项")
            return SecurityContact("", 0)
        contact, days = found["contact"], found["days"]
        if not isinstance(contact, str) or not _CONTACT.fullmatch(contact):
            expected = "mailto:、tel: 或 https: 开头的地址，例如 mailto:security@example.gov.cn"
            self._wrong(f"{key}.contact", contact, expected)
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 366:
            self._wrong(f"{key}.days", days, " 1 到 366 的整数（天）")
            return SecurityContact("", 0)
        return SecurityContact(str(contact), days)

    def identity(self, key: str) -> dict[str, str]:
        self._taken.add(key)
        found = self._settings.get(key) or {}
        fault = find_identity_fault(found)
        if fault:
            self._faults.append(f"{key} {fault}")
            return {}
        return {str(name): str(text) for name, text in found.items()}

    def finish(self) -> None:
        """Report all faults, and settings nobody reads (a misspelt key must not pass in silence).

        Raises:
            ConfigError: There is at least one fault.

        """
        for key in sorted(set(self._settings) - self._taken):
            known = "、".join(sorted(self._taken))
            self._faults.append(f"不认识的设置 {key}；可用的有：{known}")
        if self._faults:
            lines = "\n".join(f"  - {fault}" for fault in self._faults)
            raise ConfigError(
                f"{self._file} 的 extra.huanjing 有 {len(self._faults)} 处错误：\n{lines}"
            )
