import datetime as dt
from pathlib import Path

import pytest

from generator.config import read_config
from generator.errors import ConfigError

ROOT = Path(__file__).resolve().parents[1]

GOOD = """
site_name: 镜
extra:
  huanjing:
    province: 示例省
    datasets: datasets
    demo: true
    data_date: 2016-07-03
    disclosure_floor: 90
    notice_reply_days: 15
    ledger_thresholds: {warning_overdue: 5, supervision_overdue: 10, supervision_gap: 10}
    assessment: {disclosure: 60, timely: 20, regular: 20}
    campaign: {title: 百日专项行动, start: 2016-04-25, end: 2016-07-03}
    menu:
      - 首页: index.html
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "mkdocs.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_projects_own_settings_are_read() -> None:
    config = read_config(ROOT / "mkdocs.yml")
    assert config.data_date == dt.date(2016, 7, 3)
    assert config.disclosure_floor == 90
    assert config.demo is True
    assert config.menu[0].route == "index.html"


def test_the_provinces_own_address_may_be_left_out(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, GOOD)).canonical == ""
    given = GOOD.replace("    menu:", "    canonical: https://hj.example.gov.cn/open/\n    menu:")
    assert read_config(write(tmp_path, given)).canonical == "https://hj.example.gov.cn/open/"


@pytest.mark.parametrize(
    "address",
    [
        "http://a.example",
        "//a.example/",
        "javascript:alert(1)/",
        "https://a/?q=/",
        "3",
        "'https://a/\"/'",
    ],
)
def test_an_address_that_is_no_folder_of_the_web_is_refused(tmp_path: Path, address: str) -> None:
    text = GOOD.replace("    menu:", f"    canonical: {address}\n    menu:")
    with pytest.raises(ConfigError, match="canonical"):
        read_config(write(tmp_path, text))


def test_latest_leaves_the_data_date_to_the_data(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("2016-07-03\n    disc", "latest\n    disc"))
    assert read_config(path).data_date is None


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("demo: true", "demo: 是的", "demo 写的是 '是的'"),
        ("disclosure_floor: 90", "disclosure_floor: 90.5", "disclosure_floor 写的是 90.5"),
        ("disclosure_floor: 90", "disclosure_floor: 101", "disclosure_floor 写的是 101"),
        ("    province: 示例省\n", "", "缺少 province"),
        ("    province: 示例省\n", "    provinse: 示例省\n", "不认识的设置 provinse"),
        ("index.html", "https://example.org/", "menu.首页"),
        ("start: 2016-04-25", "start: 2016-04-26", "从周一到周日"),
        ("reply_days: 15", "reply_days: 0", "notice_reply_days 写的是 0"),
        ("warning_overdue: 5", "warning_overdue: 11", "预警线不高于督办线"),
        ("supervision_gap: 10", "supervision_gap: 1.5", "ledger_thresholds.supervision_gap"),
        (", supervision_gap: 10", "", "恰有 warning_overdue、supervision_overdue、supervision_gap"),
        ("timely: 20", "timely: 30", "应为合计 100 分"),
        ("data_date: 2016-07-03", "data_date: 昨天", "data_date 写的是 '昨天'"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(ConfigError) as fault:
        read_config(write(tmp_path, GOOD.replace(old, new)))
    assert named in str(fault.value)


def test_all_wrong_settings_are_named_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("demo: true", "demo: 1").replace("disclosure_floor: 90", "floor: 90")
    with pytest.raises(ConfigError) as fault:
        read_config(write(tmp_path, text))
    for name in ("demo", "disclosure_floor", "floor"):
        assert name in str(fault.value)


def test_a_missing_or_broken_file_is_a_plain_message(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="找不到配置文件"):
        read_config(tmp_path / "mkdocs.yml")
    with pytest.raises(ConfigError, match="不是正确的 YAML"):
        read_config(write(tmp_path, "a: [b"))
