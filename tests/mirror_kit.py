"""A small made-up site, a centre that releases it, and mirrors of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from web_servers import run_nginx

from generator.mirror.manifest import MANIFEST, Entry, format_manifest
from generator.mirror.sync import Outcome, Wishes, run_sync
from generator.mirror.transfer import Limits
from generator.release.keys import make_keys, read_fingerprint, read_online
from generator.release.make import SCRIPT, Made, Plan, make_release

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
BASE = "https://hj.example.org/"
SHELL = Path(__file__).resolve().parents[1] / "generator/release" / SCRIPT
WITHDRAWN = {"table": "illegal_project", "key": "990101-B-00001", "day": "2016-07-01"}
_PAGE = (
    '<!doctype html><title>{title}</title><link rel="stylesheet" href="{root}assets/site.css">'
    '<script src="{root}snapshot.js" defer></script><body>{body}</body>\n'
)


def make_files(
    projects: int = 20, edited: Mapping[str, str] | None = None, withdrawn: bool = False
) -> dict[str, bytes]:
    """A site of two prefectures with one county each: content by path."""
    counties = {"990101": "望澜区", "990201": "临澜区"}
    edited = edited or {}
    files = {
        "assets/site.css": b"p{color:#111}\n" * 50,
        "assets/favicon.svg": b"<svg/>",
        "snapshot.js": b'window.huanjingSnapshot = {"dataDate": "2016-07-03"};\n',
        "download/tables/division.csv": (
            "division_code,division_name,parent_code,level,successor_code\n"
            "990000,示例省,,省,\n990100,云岚市,990000,市,\n990200,泽宁市,990000,市,\n"
            + "".join(f"{code},{name},{code[:4]}00,区,\n" for code, name in counties.items())
        ).encode(),
        "download/tables/mirror.csv": b"mirror_id,division_code,base_url\n",
        "download/tables/exposure_case.csv": b"case_no,division_code\n",
        "download/withdrawn.json": json.dumps(
            {"withdrawn": [WITHDRAWN] * withdrawn}, ensure_ascii=False
        ).encode(),
        "download/tables/enterprise_profile.csv": (
            "site_code,division_code\n"
            + "".join(f"E{code}{n:02},{code}\n" for code in counties for n in range(3))
        ).encode(),
    }
    rows = []
    for code, name in counties.items():
        links = []
        for number in range(projects):
            ledger = f"{code}-B-{number:05}"
            title = edited.get(ledger, f"年产{number}吨复混肥项目")
            rows.append(f"{ledger},{code},{title}\n")
            body = f"<h1>{title}</h1>" + f'<a href="../district/{code}.html">{name}</a>\n' * 20
            files[f"project/{ledger}.html"] = _page(title, "../", body)
            links.append(f'<a href="../project/{ledger}.html">{title}</a>\n')
        for number in range(3):
            site_code = f"E{code}{number:02}"
            files[f"enterprise/{site_code}.html"] = _page(site_code, "../", f"<p>{name}</p>")
        files[f"district/{code}.html"] = _page(name, "../", "".join(links))
        files[f"district/{code[:4]}00.html"] = _page(
            code[:4], "../", f'<a href="{code}.html">{name}</a>'
        )
        files[f"download/district/{code}.zip"] = f"PK{code}".encode() * 100
    files["download/tables/illegal_project.csv"] = (
        "ledger_no,division_code,project_name\n" + "".join(rows)
    ).encode()
    everywhere = "".join(f'<a href="district/{code}.html">{n}</a>' for code, n in counties.items())
    files["index.html"] = _page("首页", "", everywhere)
    files["search.html"] = _page("搜索", "", '<a href="download/tables/division.csv">表</a>')
    return files


def _page(title: str, root: str, body: str) -> bytes:
    return _PAGE.format(title=title, root=root, body=body).encode()


def write_site(folder: Path, files: Mapping[str, bytes], manifest: bytes | None = None) -> Path:
    if folder.exists():
        shutil.rmtree(folder)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    (folder / MANIFEST).write_bytes(list_files(files) if manifest is None else manifest)
    return folder


def list_files(files: Mapping[str, bytes]) -> bytes:
    entries = (Entry(p, len(c), hashlib.sha256(c).hexdigest()) for p, c in files.items())
    return format_manifest(entries, dt.date(2016, 7, 3))


@dataclass(frozen=True, slots=True)
class Centre:
    """Where releases are made: `release/` is what a web server offers."""

    root: Path

    @property
    def release(self) -> Path:
        return self.root / "release"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def fingerprint(self) -> str:
        return read_fingerprint(self.keys)

    def publish(
        self,
        files: Mapping[str, bytes],
        date: dt.datetime = NOW,
        days: int = 14,
        serial: int = 0,
        deltas: int = 5,
    ) -> Made:
        site = write_site(self.root / "site", files)
        plan = Plan(date, date + dt.timedelta(days=days), BASE, "", serial, deltas)
        return make_release(site, self.release, self.root / "history", read_online(self.keys), plan)

    def copy_to(self, root: Path) -> Centre:
        """The same centre at this moment, to go on differently."""
        shutil.copytree(self.root, root)
        return Centre(root)


def found_centre(root: Path) -> Centre:
    centre = Centre(root)
    make_keys(centre.keys, NOW)
    return centre


def found_mirrors(root: Path) -> Centre:
    """A centre with one release, and `m` and `s`: mirrors of it by either client."""
    centre = found_centre(root)
    centre.publish(make_files())
    with run_nginx(centre.release, centre.root / "nginx") as url:
        sync(url, centre.root / "m", centre.fingerprint)
        assert run_shell(url, centre.root / "s", centre).returncode == 0
    return centre


def sync(
    url: str,
    folder: Path,
    trust: str = "",
    *,
    now: dt.datetime | None = None,
    area: str = "whole",
    allow_shrink: bool = False,
    keep: int = 3,
    limits: Limits | None = None,
) -> Outcome:
    wishes = Wishes(
        url, area, trust, keep, allow_shrink, proxy="", limits=limits or Limits(60.0, 0, 5.0)
    )
    return run_sync(wishes, folder, now or dt.datetime.now(dt.UTC))


def read_site(folder: Path) -> dict[str, bytes]:
    """Every file that a mirror serves, its own two excepted."""
    root = folder / "current"
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name not in {"host.js", "mirror.json"}
    }


def run_shell(
    url: str, folder: Path, centre: Centre | None = None, area: str = "whole", **settings: str
) -> subprocess.CompletedProcess[str]:
    """mirror.sh, trusting the centre if one is given."""
    if centre is not None:
        (folder / "state").mkdir(parents=True, exist_ok=True)
        shutil.copy(centre.keys / "public/ssh-root.pub", folder / "state")
    return subprocess.run(
        ["sh", str(SHELL), url, str(folder), area],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "no_proxy": "127.0.0.1", **settings},
    )


def read_trace(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "current/mirror.json").read_text())
    return found
