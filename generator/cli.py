"""The `huanjing` command: its generator's part. Only the command modules print."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from generator import __version__
from generator.build import CheckFailedError, build_site
from generator.config import Config, find_resource, read_config
from generator.data.report_choices import FORMATS, LANGUAGES, Form, Language
from generator.errors import HuanjingError
from generator.mirror_commands import inspect, mirror, verify
from generator.processes import Cluster
from generator.profiles.profile import DEFAULT, Profile, list_profiles, read_profile
from generator.publish.stores import Store
from generator.publish.upload import upload_site
from generator.release_commands import keys, release, status

if TYPE_CHECKING:
    from generator.data.check import CheckReport

# Libraries take a second to load. Each command loads what it needs, when it runs: building an
# unchanged site needs next to nothing.

LISTED_GROUPS = 200
"""Groups of equal faults that are printed before the rest is only counted."""


class _Printer:
    """Stage lines: a spinner on a terminal, plain lines in a log."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._status = self._console.status("") if self._console.is_terminal else None

    def start(self, title: str) -> None:
        """A stage begins."""
        if self._status is not None:
            self._status.update(f"{title} …")
            self._status.start()

    def finish(self, title: str, seconds: float) -> None:
        """A stage is done."""
        if self._status is not None:
            self._status.stop()
        click.echo(f"{title}：{seconds:.1f} 秒", err=True)


def _speak_plainly(command: Callable[..., None]) -> Callable[..., None]:
    """Faults that people can mend end as their message and exit code 1, not as a traceback."""

    @functools.wraps(command)
    def run(*args: object, **options: object) -> None:
        try:
            command(*args, **options)
        except CheckFailedError as fault:
            _print_report(fault.report)
            click.echo(f"错误：{fault}", err=True)
            sys.exit(1)
        except HuanjingError as fault:
            click.echo(f"错误：{fault}", err=True)
            sys.exit(1)

    return run


def _print_report(report: CheckReport) -> None:
    from generator.data.check import format_report

    click.echo(format_report(report, limit=LISTED_GROUPS))


def _write_text(text: str, output: Path | None) -> None:
    """Print the text, or write it to the file that was asked for."""
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as fault:
        raise HuanjingError(f"写不了 {output}：{fault.strerror}。请检查路径和权限。") from fault


_config_option = click.option(
    "--config", "config_path", type=click.Path(path_type=Path), default=Path("mkdocs.yml"),
    show_default=True, help="项目的配置文件。",
)  # fmt: skip
_datasets_option = click.option(
    "--datasets", type=click.Path(path_type=Path), help="数据集文件夹；缺省取配置中的 datasets。"
)


def _read(config_path: Path, datasets: Path | None) -> Config:
    config = read_config(config_path)
    return config if datasets is None else replace(config, datasets=datasets.resolve())


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="huanjing")
def main() -> None:
    """环镜：把环境信息公开数据集生成可检索、可镜像的静态公开网站。"""


@main.command()
@_config_option
@_datasets_option
@click.option("--out", type=click.Path(path_type=Path), default=Path("site"), show_default=True,
              help="网站写到哪里。")  # fmt: skip
@click.option("--summary", type=click.Path(path_type=Path), help="把页数、用时、内存写成 JSON。")
@click.option("--processes", type=click.IntRange(1, 64),
              help="用几个进程；缺省按核数和数据量决定。生成的网站完全一样。")  # fmt: skip
@click.option("--scheduler", metavar="ADDRESS",
              help="把工作按区县分给 Dask 调度器的工作进程，例如 tcp://10.0.0.5:8786；"
              "生成的网站完全一样（docs/scale.md）。")  # fmt: skip
@click.option("--exchange", metavar="URL",
              help="工作进程经这个存储交回文件，例如 s3://桶/中转；缺省经调度器。")  # fmt: skip
@click.option("--upload", metavar="URL",
              help="生成之后上传到这个存储，例如 s3://桶/网站：只传有变动的文件，"
              "清单最后换。")  # fmt: skip
@_speak_plainly
def build(
    config_path: Path,
    datasets: Path | None,
    out: Path,
    summary: Path | None,
    processes: int | None,
    scheduler: str | None,
    exchange: str | None,
    upload: str | None,
) -> None:
    """检查数据集并生成网站；数据有错则列出全部错误，旧网站保持原样。"""
    if scheduler is None and exchange is not None:
        raise click.UsageError("--exchange 只与 --scheduler 一起用。")
    if scheduler is not None and processes is not None:
        raise click.UsageError("--scheduler 与 --processes 不能同时用。")
    crew = processes if scheduler is None else Cluster(scheduler, exchange or "")
    store = None if upload is None else Store(upload)
    result = build_site(_read(config_path, datasets), out.resolve(), _Printer(), crew)
    if summary is not None:
        summary.write_text(
            json.dumps(asdict(result), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    total = sum(result.pages.values())
    click.echo(
        f"已生成 {total:,} 个页面，{result.files:,} 个文件，"
        f"{result.size_bytes / 1_000_000:.1f} MB；"
        f"用时 {sum(result.seconds.values()):.1f} 秒，内存峰值 {result.peak_memory_mb:.0f} MB。"
    )
    if result.warnings:
        click.echo(f"另有 {result.warnings} 条警告，用 huanjing check 查看。")
    click.echo(f"网站在 {out}，用 huanjing serve 打开。")
    if store is not None:
        copied = upload_site(out, store)
        click.echo(
            f"已上传到 {store.name}：新写 {copied.written:,} 个文件，"
            f"{copied.written_bytes / 1_000_000:.1f} MB，删去 {copied.removed:,} 个。"
        )


@main.command()
@_config_option
@_datasets_option
@click.option("--base", metavar="REV",
              help="再与这个 git 版本比较：已公开的记录不得改动、删去或倒填日期。")  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True,
              help="text、html 给人看，其余给程序和代码托管平台（docs/rules.md）。")  # fmt: skip
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="zh", show_default=True,
              help="报告的语言。")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path), help="写到文件；缺省打印在屏幕上。")
@_speak_plainly
def check(
    config_path: Path,
    datasets: Path | None,
    base: str | None,
    form: Form,
    language: Language,
    output: Path | None,
) -> None:
    """检查数据集，列出全部错误；有错误时退出码为 1。"""
    from generator.data.catalog import read_catalog
    from generator.data.check import check_dataset
    from generator.data.history_check import add_history, check_history
    from generator.data.reports import render_report
    from generator.data.revision import read_revision

    config = _read(config_path, datasets)
    catalog = read_catalog(config.datasets, config.profile)
    report, _ = check_dataset(catalog)
    if base is not None:
        with read_revision(config.datasets, base, config.profile) as earlier:
            report = add_history(report, check_history(earlier, catalog), catalog)
    _write_text(render_report(report, catalog, form, language, Path.cwd()), output)
    if not report.valid:
        sys.exit(1)


@main.command()
def rules() -> None:
    """列出全部检查规则（Markdown，中英文）；docs/rules.md 由此生成。"""
    from generator.data.reports import format_rulebook

    click.echo(format_rulebook(), nl=False)


@main.command()
@_config_option
@_datasets_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json"]),
    default="markdown",
    show_default=True,
    help="markdown 供评审时阅读，json 供程序读取（docs/diff.md）。",
)
@click.option("--output", type=click.Path(path_type=Path), help="写到文件；缺省打印在屏幕上。")
@click.option("--pages", is_flag=True, help="把两边的网页全部生成一遍来比较，较慢。")
@click.argument("rev1")
@click.argument("rev2", required=False)
@_speak_plainly
def diff(
    config_path: Path,
    datasets: Path | None,
    form: str,
    output: Path | None,
    pages: bool,
    rev1: str,
    rev2: str | None,
) -> None:
    """列出数据从 REV1 到 REV2（缺省为工作区）的变更，和网站上随之变动的数字与网页。"""
    from generator.site.change_json import format_json
    from generator.site.change_markdown import format_markdown
    from generator.site.consequences import compare_revisions

    config = _read(config_path, datasets)
    report = compare_revisions(config, rev1, rev2, render_all=pages)
    text = format_json(report) if form == "json" else format_markdown(report)
    _write_text(text, output)


@main.command()
@click.argument("name", type=click.Choice(("commands", "schemas", "figures", "exit-codes")))
@_config_option
@_datasets_option
@_speak_plainly
def reference(name: str, config_path: Path, datasets: Path | None) -> None:
    """把参考资料写成 Markdown：命令、数据表、公布的数字、退出码；docs/reference/ 由此生成。"""
    from generator import reference as pages

    if name == "commands":
        text = pages.format_commands(main)
    elif name == "exit-codes":
        text = pages.format_exit_codes()
    elif name == "schemas":
        from generator.data.catalog import read_catalog

        config = _read(config_path, datasets)
        text = pages.format_schemas(read_catalog(config.datasets, config.profile))
    else:
        text = pages.format_figures(pages.list_figures(_read(config_path, datasets)))
    click.echo(text, nl=False)


@main.command()
@click.option("--site", type=click.Path(path_type=Path), default=Path("site"), show_default=True,
              help="网站，或 huanjing release 写的发布文件夹。")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True,
              help="端口。")  # fmt: skip
@_speak_plainly
def serve(site: Path, port: int) -> None:
    """在本机浏览生成的网站，或让本机的镜像试着同步一期发布（只监听 127.0.0.1）。"""
    import http.server

    if not any((site / name).is_file() for name in ("index.html", "metadata/timestamp.json")):
        raise HuanjingError(f"{site} 里没有网站；请先运行 huanjing build。")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(site))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as fault:
        raise HuanjingError(
            f"无法使用端口 {port}：{fault.strerror}。请用 --port 换一个。"
        ) from fault
    with server:
        click.echo(f"http://127.0.0.1:{server.server_address[1]}/  （Ctrl+C 结束）")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("已结束。")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--province", prompt="省（区、市）名，例如 河洛省", help="省（区、市）名。")
@click.option("--code", prompt="六位行政区划代码，例如 410000", help="省级行政区划代码。")
@click.option("--profile", type=click.Choice(list_profiles()), default=DEFAULT, show_default=True,
              help="按哪个办法公开：2014 年第 31 号令，或 2021 年第 24 号令。")  # fmt: skip
@_speak_plainly
def new(folder: Path, province: str, code: str, profile: str) -> None:
    """为一个省开一个新项目：空数据集、设置、说明页、持续集成。"""
    from generator.starter.project import Province, create_project

    files = create_project(folder.absolute(), Province(province, code), read_profile(profile))
    click.echo(f"已写出 {len(files)} 个文件到 {folder}。下一步：cd {folder}，看 README.md。")


@main.command()
@click.option("--scale", type=click.FloatRange(0.001, 10), default=0.05, show_default=True,
              help="1.0 为 50 万行填报数据和 500 万条监测数据。")  # fmt: skip
@click.option("--seed", type=int, default=2016, show_default=True, help="同一个种子，同样的字节。")
@click.option("--entities", type=click.IntRange(1, 10), default=1, show_default=True,
              help="企业和项目是几倍，用来试大省的规模。")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), required=True, help="写到哪个文件夹。")
@_speak_plainly
def sample(scale: float, seed: int, entities: int, out: Path) -> None:
    """生成虚构的示例省数据集（演示数据）。"""
    from generator.data.sample.package import write_sample

    datasets = find_resource("datasets", Path.cwd())
    result = write_sample(
        out.resolve(), scale=scale, seed=seed, schemas=datasets, entities=entities
    )
    for name, rows in result.rows.items():
        click.echo(f"{name:28} {rows:>10,} 行")
    click.echo(f"演示数据集已写到 {out}")


@main.command()
@_config_option
@_datasets_option
@click.option("--district", required=True, metavar="CODE", help="区划代码，例如 990101。")
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help="写到哪里：以 .xlsx 结尾是一个文件，否则是文件夹，每张表一个文件。")  # fmt: skip
@click.argument("tables", nargs=-1, required=True, metavar="TABLE|all")
@_speak_plainly
def workbook(
    config_path: Path, datasets: Path | None, district: str, out: Path, tables: tuple[str, ...]
) -> None:
    """制作填报用的 XLSX 工作簿：某个区划的某张表，或全部的表（all）。"""
    from generator.data.workbooks import export_workbooks

    config = _read(config_path, datasets)
    for path, count, rows in export_workbooks(config.datasets, tables, district, out).files:
        click.echo(f"{path}：{count} 张表，{rows:,} 行")


@main.command("import")
@click.option("--mapping", type=click.Path(path_type=Path), help="映射文件。")
@click.option("--workbook", "filled", type=click.Path(path_type=Path),
              help="填好的工作簿（由 huanjing workbook 制作），不用映射文件。")  # fmt: skip
@click.option("--datasets", type=click.Path(path_type=Path),
              help="工作簿并入哪个数据集文件夹。")  # fmt: skip
@click.option("--district", default="", metavar="CODE", help="只接受这个区划的工作簿。")
@click.option("--remove", is_flag=True, help="工作簿里删掉的行，数据集里也删除。")
@click.option("--allow-unmapped", is_flag=True, help="映射没有提到的列和文件只列出，不拒绝。")
@click.option("--profile", type=click.Choice(list_profiles()),
              help="按哪个办法公开；缺省照当前文件夹的 mkdocs.yml。")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path),
              help="数据集写到哪里；导入工作簿时可省去，直接改 --datasets。")  # fmt: skip
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
@_speak_plainly
def import_(
    mapping: Path | None,
    filled: Path | None,
    datasets: Path | None,
    district: str,
    remove: bool,
    allow_unmapped: bool,
    profile: str | None,
    out: Path | None,
    sources: tuple[Path, ...],
) -> None:
    """把填好的工作簿并入数据集，或按映射文件把别人的 CSV、XLSX 变成数据集。"""
    from generator.data.intake import run_import
    from generator.data.workbooks import import_workbook

    if filled is not None:
        if mapping is not None or sources:
            raise click.UsageError("--workbook 与 --mapping、来源文件不能同时用。")
        if allow_unmapped or profile:
            raise click.UsageError("--allow-unmapped、--profile 只与 --mapping 一起用。")
        if datasets is None:
            raise click.UsageError("--workbook 要写明 --datasets：并入哪个数据集文件夹。")
        outcome = import_workbook(filled, datasets, out=out, remove=remove, district=district)
        click.echo(outcome.format_summary())
        if not outcome.valid:
            sys.exit(1)
        return
    if mapping is None or out is None or not sources:
        raise click.UsageError("请写明 --workbook，或写明 --mapping、--out 和来源文件。")
    if datasets is not None or district or remove:
        raise click.UsageError("--datasets、--district、--remove 只与 --workbook 一起用。")
    schemas = find_resource("datasets", Path.cwd())
    report = run_import(
        mapping, sources, out.resolve(), schemas,
        profile=_choose_profile(profile), allow_unmapped=allow_unmapped,
    )  # fmt: skip
    click.echo(report.format_summary())


def _choose_profile(name: str | None) -> Profile:
    """The profile that was asked for, else that of the project at hand, else the default."""
    settings = Path("mkdocs.yml")
    if name is None and settings.is_file():
        return read_config(settings).profile
    return read_profile(name or DEFAULT)


for _command in (keys, release, status, mirror, verify, inspect):
    main.add_command(_command)
