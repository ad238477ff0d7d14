"""Commands of a mirror's host. Nothing here needs more than the light install."""

from __future__ import annotations

import datetime as dt
import functools
import sys
from collections.abc import Callable
from pathlib import Path

import click

from generator.errors import HuanjingError
from generator.mirror.faults import DamagedError, ExpiredError, MirrorError
from generator.mirror.note import WHOLE

_WAYS = {
    "unchanged": "没有变化",
    "relinked": "内容没有变化，换了期号",
    "delta": "增量更新",
    "pack": "整包更新",
}


def speak_plainly(command: Callable[..., None]) -> Callable[..., None]:
    """Faults end as their message and their own exit code, never as a traceback."""

    @functools.wraps(command)
    def run(*args: object, **options: object) -> None:
        try:
            command(*args, **options)
        except HuanjingError as fault:
            click.echo(f"错误：{fault}", err=True)
            sys.exit(fault.exit_code if isinstance(fault, MirrorError) else 1)

    return run


@click.command()
@click.argument("url")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--area", default=WHOLE, show_default=True, metavar="CODE",
              help="只镜像一个区划（六位代码）和省级内容；缺省是全站。")  # fmt: skip
@click.option("--trust", default="", metavar="FILE|SHA256",
              help="中心的根密钥文件 root.json，或它的指纹；第一次必须给出。")  # fmt: skip
@click.option("--keep", type=click.IntRange(1, 100), default=3, show_default=True,
              help="保留几份快照，包括正在用的一份。")  # fmt: skip
@click.option("--deadline", type=click.FloatRange(min=1), default=3600, show_default=True,
              help="整次同步最多多少秒。")  # fmt: skip
@click.option("--limit-rate", type=click.IntRange(min=0), default=0, show_default=True,
              metavar="KB", help="限速，每秒多少 KB；0 为不限。")  # fmt: skip
@click.option("--proxy", default=None, metavar="URL",
              help="代理；缺省取环境变量，空文字为不用代理。")  # fmt: skip
@click.option("--allow-shrink", is_flag=True, help="允许新的一期比现有的少一半以上的文件。")
@click.option("--quiet", is_flag=True, help="没有变化时不出声。")
@speak_plainly
def mirror(
    url: str,
    folder: Path,
    area: str,
    trust: str,
    keep: int,
    deadline: float,
    limit_rate: int,
    proxy: str | None,
    allow_shrink: bool,
    quiet: bool,
) -> None:
    """把中心发布的网站同步到 DIR；网站服务器的根目录设为 DIR/current。"""
    from generator.mirror.sync import Wishes, run_sync
    from generator.mirror.transfer import Limits

    wishes = Wishes(
        url=url,
        area=area,
        trust=trust,
        keep=keep,
        allow_shrink=allow_shrink,
        proxy=proxy,
        limits=Limits(deadline_s=deadline, bytes_per_s=limit_rate * 1000),
    )
    outcome = run_sync(wishes, folder.absolute(), dt.datetime.now(dt.UTC))
    if outcome.repaired:
        click.echo(f"现有的文件被改动过，已恢复：{outcome.repaired}。", err=True)
    if outcome.purged:
        click.echo(f"已删去旧快照：第 {'、'.join(map(str, outcome.purged))} 期。")
    if outcome.way == "unchanged" and quiet:
        return
    click.echo(
        f"第 {outcome.serial} 期，{_WAYS[outcome.way]}，{outcome.files:,} 个文件；"
        f"{outcome.requests} 次请求，{outcome.bytes / 1000:,.1f} KB；"
        f"有效期到 {outcome.valid_until:%Y-%m-%d %H:%M} UTC。"
    )


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@speak_plainly
def verify(folder: Path) -> None:
    """离线核对镜像 DIR：签名、有效期，缺少、改动、多出的文件。"""
    from generator.mirror.verify import verify_folder

    verdict = verify_folder(folder.absolute(), dt.datetime.now(dt.UTC))
    note, comparison = verdict.note, verdict.comparison
    if note is None:
        click.echo("没有签名可核对，只与文件夹里自己的清单比较。")
    else:
        click.echo(
            f"第 {note.serial} 期，签名成立，有效期到 {note.valid_until:%Y-%m-%d %H:%M} UTC。"
        )
    for word, names in (
        ("缺少", comparison.missing),
        ("改动", comparison.altered),
        ("多出", comparison.extra),
    ):
        for name in names:
            click.echo(f"{word}\t{name}")
    if not comparison.is_same:
        raise DamagedError(
            f"{verdict.site} 与清单不符：{comparison.describe()}。请再同步一次来恢复。"
        )
    click.echo(f"{verdict.files:,} 个文件，逐字节相同。")
    if note is not None and verdict.is_stale:
        raise ExpiredError(f"第 {note.serial} 期已过有效期：请查同步为什么没有成功，或催中心发布。")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--url", default="", help="网站的网址，用来测打开首页要多久。")
@click.option("--today", metavar="DATE", help="按哪一天评判，例如 2016-07-05；缺省是今天。")
@speak_plainly
def inspect(folder: Path, url: str, today: str | None) -> None:
    """按政府网站检查指标自查：死链、空白和不更新的栏目、页脚信息、打开时间。"""
    from generator.mirror.inspection import inspect_site

    try:
        day = dt.date.fromisoformat(today) if today else dt.datetime.now().astimezone().date()
    except ValueError as fault:
        raise MirrorError(f"--today 应写成 2016-07-05，写的是 {today}。") from fault
    if not (folder / "manifest.json").is_file() and not (folder / "current").is_dir():
        raise MirrorError(f"{folder} 里没有网站。")
    findings = inspect_site(folder.absolute(), day, url)
    for finding in findings:
        click.echo(f"{'不合格' if finding.fails else '合格'}\t{finding.title}\t{finding.found}")
    if any(finding.fails for finding in findings):
        sys.exit(1)
