"""Reference pages of docs/reference, written from the code so that they cannot go stale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import click

from generator.config import Config
from generator.data.catalog import Catalog, Field, Table, read_catalog
from generator.data.check import check_dataset
from generator.domain.figures import Figure
from generator.domain.library import build_library
from generator.errors import DatasetError, HuanjingError
from generator.mirror import faults

_NOTE: Final = "本页由 `huanjing reference {name}` 写出，不要手改。"
_EXIT_CODES: Final = {
    "HuanjingError": "数据有错误，或别的能由人改正的事；错误信息写明改法",
    "RefusedError": "镜像拒绝：签名、版本、哈希、内容不对；不要重试，联系中心",
    "ExpiredError": "一期已经过期，或本机时钟不对",
    "NetworkError": "网络：连不上、中断、超时；等下一次",
    "DiskError": "磁盘：空间、inode、权限",
    "BusyError": "另一次同步正在进行",
    "ShrunkError": "新的一期少了一半以上的文件；核对后加 `--allow-shrink`",
    "DamagedError": "本地文件与签名的清单不符；再同步一次会恢复",
}
"""What each fault means to whoever reads a cron log."""


def format_commands(group: click.Group) -> str:
    """Every command with its arguments and options."""
    lines = ["# 命令", "", _NOTE.format(name="commands"), ""]
    for name in sorted(group.commands):
        lines += _describe_command(name, group.commands[name])
    return "\n".join(lines).rstrip() + "\n"


def _describe_command(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"huanjing {name}")
    usage = " ".join(command.collect_usage_pieces(context))
    yield from (f"## huanjing {name}", "", _one_line(command.help), "")
    yield from ("```", f"huanjing {name} {usage}", "```", "")
    options = [item for item in command.params if isinstance(item, click.Option)]
    if options:
        yield from ("| 选项 | 作用 |", "| --- | --- |")
    for option in options:
        form = ", ".join((*option.opts, *option.secondary_opts))
        if not option.is_flag:
            form += f" {option.make_metavar(context)}"
        yield f"| `{_cell(form)}` | {_cell(_one_line(option.help))}{_tell_default(option)} |"
    yield ""


def _tell_default(option: click.Option) -> str:
    if not option.show_default or option.is_flag or option.default is None:
        return ""
    return f" 缺省 `{option.default}`。"


def format_schemas(catalog: Catalog) -> str:
    """Every table and field."""
    lines = ["# 数据表", "", _NOTE.format(name="schemas"), ""]
    for table in catalog.tables:
        lines += _describe_table(table)
    return "\n".join(lines).rstrip() + "\n"


def _describe_table(table: Table) -> Iterator[str]:
    yield from (f"## {table.name}", "", f"**{table.title}**。{_one_line(table.description)}", "")
    if table.primary_key:
        yield from (f"主键：{_join(table.primary_key)}。", "")
    for key in table.foreign_keys:
        yield from (f"{_join(key.fields)} 须在 [{key.table}](#{key.table}) 中登记。", "")
    yield from ("| 字段 | 名称 | 类型 | 必填 | 说明 |", "| --- | --- | --- | --- | --- |")
    for field in table.fields:
        required = "是" if field.required or field.name in table.primary_key else ""
        told = _cell("".join(_tell_limits(field)))
        yield f"| `{field.name}` | {_cell(field.title)} | {field.type} | {required} | {told} |"
    yield ""


def _tell_limits(field: Field) -> Iterator[str]:
    if field.description:
        yield f"{_one_line(field.description).rstrip('。')}。"
    if field.unit:
        yield f"单位：{field.unit}。"
    if field.enum:
        yield f"只能是：{'、'.join(field.enum)}。"
    if field.minimum is not None:
        yield f"不小于 {field.minimum:g}。"
    if field.maximum is not None:
        yield f"不大于 {field.maximum:g}。"
    if field.max_length is not None:
        yield f"不超过 {field.max_length} 字。"
    if field.pattern:
        yield f"写法：`{field.pattern}`。"


def list_figures(config: Config) -> tuple[Figure, ...]:
    """The figures of the project's dataset.

    Raises:
        DatasetError: The dataset has errors.

    """
    _, dataset = check_dataset(read_catalog(config.datasets, config.profile))
    if dataset is None:
        raise DatasetError("数据集没有通过检查，列不出数字。请先运行 huanjing check。")
    return build_library(dataset, config).figures


def format_figures(figures: tuple[Figure, ...]) -> str:
    """Every published figure with its formula."""
    lines = ["# 公布的数字", "", _NOTE.format(name="figures"), ""]
    lines += ["| 编号 | 名称 | 单位 | 怎么算 |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{figure.figure_id}` | {_cell(figure.title)} | {_cell(figure.unit)} "
        f"| {_cell(figure.formula)} |"
        for figure in figures
    ]
    return "\n".join(lines) + "\n"


def format_exit_codes() -> str:
    """Every exit code of every command."""
    codes = {0: "完成", 2: "命令写错了：没有的选项、缺少参数"} | {
        code: _EXIT_CODES[name] for name, code in _list_codes().items()
    }
    lines = ["# 退出码", "", _NOTE.format(name="exit-codes"), "", "| 码 | 意思 |", "| --- | --- |"]
    lines += [f"| {code} | {text} |" for code, text in sorted(codes.items())]
    return "\n".join(lines) + "\n"


def _list_codes() -> Mapping[str, int]:
    found = {
        kind.__name__: kind.exit_code
        for kind in vars(faults).values()
        if isinstance(kind, type)
        and issubclass(kind, faults.MirrorError)
        and kind is not faults.MirrorError
    }
    return {HuanjingError.__name__: 1} | found


def _join(names: tuple[str, ...]) -> str:
    return " + ".join(f"`{name}`" for name in names)


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
