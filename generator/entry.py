"""The `huanjing` command as installed: a mirror's host has the light install only.

Commands of the generator are imported when one of them is called; without their libraries the
message says what to install.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import sys

import click

from generator import __version__

_LIGHT = dict.fromkeys(("mirror", "verify", "inspect"), "generator.mirror_commands")
_FULL = "generator.cli"
_CURE = "这条命令要完整安装：pip install 'huanjing[build]'（镜像只需 pip install huanjing）。"


class _Commands(click.Group):
    """Finds a command's module when it is called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command that this installation can run."""
        full = _import_full()
        return sorted(_LIGHT) if full is None else full.list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name in _LIGHT:
            found = getattr(importlib.import_module(_LIGHT[cmd_name]), cmd_name)
            return found if isinstance(found, click.Command) else None
        full = _import_full()
        if full is None:
            raise click.ClickException(_CURE)
        return full.get_command(ctx, cmd_name)


def _import_full() -> click.Group | None:
    try:
        found = importlib.import_module(_FULL).main
    except ImportError:
        return None
    return found if isinstance(found, click.Group) else None


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="huanjing")
def main() -> None:
    """环镜：把环境信息公开数据集生成可检索、可镜像的静态公开网站。"""


def run() -> None:
    """The command as a process of its own.

    A process that ends with its build does not look through half a million records for circular
    garbage first, nor again on its way out: over a second of a large province's build.
    """
    if sys.argv[1:2] == ["build"]:
        gc.disable()
        atexit.register(gc.freeze)
    main()
