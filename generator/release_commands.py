"""Commands of the centre: keys and releases."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
from pathlib import Path

import click

from generator.errors import ReleaseError
from generator.mirror_commands import speak_plainly

_EXCHANGES = ("online", "root")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--rotate", type=click.Choice(_EXCHANGES),
              help="更换发布机上的密钥（online），或三把根密钥（root）。")  # fmt: skip
@click.option("--offline", type=click.Path(path_type=Path, file_okay=False),
              help="离线密钥在哪里；缺省是 DIR/offline。")  # fmt: skip
@click.option("--passphrase-file", "secret", metavar="FILE",
              type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
              help="给离线密钥加密的口令，在文件的第一行；写 - 就在屏幕上问。")  # fmt: skip
@speak_plainly
def keys(folder: Path, rotate: str | None, offline: Path | None, secret: Path | None) -> None:
    """制作发布用的密钥，或更换它们（docs/release.md）。"""
    from generator.release.keys import make_keys, rotate_online, rotate_root

    now = dt.datetime.now(dt.UTC)
    passphrase = _read_passphrase(secret, twice=rotate is None)
    if rotate is None:
        fingerprint = make_keys(folder, now, passphrase)
        click.echo(f"密钥已写到 {folder}。请把 {folder / 'offline'} 移到加密的介质上，锁进保险柜。")
        click.echo(f"发给各镜像的指纹（SHA-256）：{fingerprint}")
        click.echo(f"发给用 mirror.sh 的镜像：{folder / 'public' / 'ssh-root.pub'}")
        return
    exchange = rotate_online if rotate == "online" else rotate_root
    version = exchange(folder, offline or folder / "offline", now, passphrase)
    click.echo(f"密钥已更换，根密钥文件是第 {version} 版；下一次发布起生效。")


def _read_passphrase(secret: Path | None, *, twice: bool) -> str:
    if secret is None:
        return ""
    if str(secret) == "-":
        asked: str = click.prompt("离线密钥的口令", hide_input=True, confirmation_prompt=twice)
        return asked
    lines = secret.read_text(encoding="utf-8").splitlines()
    if not lines or not lines[0]:
        raise ReleaseError(f"{secret} 的第一行是空的；应为离线密钥的口令。")
    return lines[0]


@click.command()
@click.argument("site", type=click.Path(path_type=Path, file_okay=False), default=Path("site"))
@click.option("--out", type=click.Path(path_type=Path), default=Path("release"),
              show_default=True, help="发布文件夹，由任何网站服务器提供。")  # fmt: skip
@click.option("--keys", "key_folder", type=click.Path(path_type=Path), default=Path("keys"),
              show_default=True, help="huanjing keys 制作的密钥。")  # fmt: skip
@click.option("--history", type=click.Path(path_type=Path),
              help="以前各期的内容，做增量包用，不公开；缺省是 release-history。")  # fmt: skip
@click.option("--base-url", required=True, metavar="URL",
              help="省站的网址，以斜线结尾；区域镜像里通向别处的链接指到这里。")  # fmt: skip
@click.option("--valid-days", type=click.IntRange(1, 366), default=14, show_default=True,
              help="有效多少天；过期不换新，镜像就标明已落后。")  # fmt: skip
@click.option("--date", "moment", metavar="TIME",
              help="发布时刻，例如 2026-11-23T08:00:00Z；缺省是现在。")  # fmt: skip
@click.option("--serial", type=click.IntRange(0, 99_999_999), default=0,
              help="期号；缺省是上一期加一。")  # fmt: skip
@click.option("--deltas", type=click.IntRange(0, 30), default=5, show_default=True,
              help="给最近几期做增量包。")  # fmt: skip
@click.option("--commit", help="数据集的 git 提交；缺省取当前文件夹的。")
@speak_plainly
def release(
    site: Path,
    out: Path,
    key_folder: Path,
    history: Path | None,
    base_url: str,
    valid_days: int,
    moment: str | None,
    serial: int,
    deltas: int,
    commit: str | None,
) -> None:
    """把生成好的网站 SITE 发布成可以验证、可以增量同步的一期。"""
    from generator.mirror.note import parse_time
    from generator.release.keys import read_online
    from generator.release.make import Plan, make_release

    online = read_online(key_folder)
    try:
        date = parse_time(moment) if moment else dt.datetime.now(dt.UTC).replace(microsecond=0)
    except ValueError as fault:
        raise ReleaseError(f"--date 应写成 2026-11-23T08:00:00Z，写的是 {moment}。") from fault
    if not re.fullmatch(r"https?://[!-~]+/", base_url):
        raise ReleaseError(f"--base-url 应以 http:// 或 https:// 开头、以 / 结尾：{base_url}。")
    commit = _read_commit() if commit is None else commit
    if commit and not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise ReleaseError(f"--commit 应是 40 位 git 提交号，写的是 {commit}。")
    made = make_release(
        site,
        out.absolute(),
        (history or out.with_name(f"{out.name}-history")).absolute(),
        online,
        Plan(
            date=date,
            valid_until=date + dt.timedelta(days=valid_days),
            base_url=base_url,
            commit=commit,
            serial=serial,
            deltas=deltas,
        ),
    )
    click.echo(f"第 {made.serial} 期已发布到 {out}：{made.files:,} 个文件。")
    for area, size in made.areas.items():
        click.echo(f"  {area:8} 整包 {size / 1e6:8.1f} MB")
    for name, size in made.deltas.items():
        click.echo(f"  {name} {size / 1e3:,.1f} KB")
    if made.withdrawn:
        click.echo(f"有 {made.withdrawn} 条记录新撤回：以前各期的包已删去，镜像会清除旧快照。")


def _read_commit() -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    done = subprocess.run(  # noqa: S603 fixed arguments
        [git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""


@click.command()
@click.option("--mirrors", type=click.Path(path_type=Path),
              default=Path("datasets/tables/mirror.csv"), show_default=True,
              help="镜像登记表。")  # fmt: skip
@click.option("--history", type=click.Path(path_type=Path), default=Path("release-history"),
              show_default=True, help="以前各期的内容，由 huanjing release 写下。")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=Path("status"), show_default=True,
              help="status.json 和 status.html 写到哪里。")  # fmt: skip
@click.option("--sample", type=click.IntRange(0, 1000), default=5, show_default=True,
              help="每个镜像抽查几个文件。")  # fmt: skip
@speak_plainly
def status(mirrors: Path, history: Path, out: Path, sample: int) -> None:
    """问一遍登记的镜像：第几期、落后多少、抽查的文件对不对；写成 JSON 和网页。"""
    from generator.config import find_templates
    from generator.release.history import History
    from generator.release.status import ask_mirrors, read_mirrors, write_status

    now = dt.datetime.now(dt.UTC)
    past = History(history.absolute())
    states = ask_mirrors(read_mirrors(mirrors), past, now, sample)
    write_status(states, past.list_serials()[-1], now, find_templates(Path.cwd()), out)
    for state in states:
        click.echo(f"{state.state}\t{state.mirror_id}\t第 {state.serial} 期\t{state.detail}")
    click.echo(f"已写到 {out}。")
