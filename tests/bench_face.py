"""What a page costs a reader: weight, time to first content on slow 4G, and Lighthouse's marks.

`python tests/bench_face.py` builds the committed datasets, serves them gzipped with the headers of
docs/servers.md, and writes the figures into docs/benchmarks.md. `--site` measures a built site;
`--parts` measures some parts only and writes nothing.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import io
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from bench_page import write_section
from click.testing import CliRunner
from page_kinds import one_of_each
from playwright.sync_api import Browser
from served_site import CHROMIUM, ROOT, open_chromium, read_policy

from generator.cli import main as huanjing

LIGHTHOUSE = ROOT / "node_modules/.bin/lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
MARKED = ("home", "enterprise", "project", "district", "notice", "week", "search")
LEAST_MARK = 95
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6 * 1024 * 1024 / 8,
    "uploadThroughput": 750 * 1024 / 8,
}
"""Round trip in ms and bytes a second; Source: Lighthouse, throttling constants `mobileSlow4G`."""
SLOWER_CPU = 4
FIRST_CONTENT_S = 1.5
WEIGHT_KB = 120
PACKED = (".html", ".css", ".js", ".svg", ".xml", ".json")
RUNS = 5


class _Gzipping(http.server.SimpleHTTPRequestHandler):
    """As the documented servers answer: compressed, with the content policy."""

    protocol_version = "HTTP/1.1"
    policy = read_policy()

    def send_head(self) -> io.BytesIO | None:  # type: ignore[override]
        """Headers, then the compressed body."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return None
        body = path.read_bytes()
        packed = path.suffix in PACKED
        body = gzip.compress(body, 6) if packed else body
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)) + "; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", self.policy)
        self.send_header("Cache-Control", "no-cache")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        return io.BytesIO(body)

    def log_message(self, *_: object) -> None:
        """Keep the figures readable."""


@contextmanager
def serve_packed(site: Path) -> Iterator[str]:
    """The address of a server that compresses."""
    handler = functools.partial(_Gzipping, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


def find_largest(site: Path) -> str:
    """The route of the largest enterprise page."""
    pages = sorted((page.stat().st_size, page.name) for page in site.glob("enterprise/9*.html"))
    return f"enterprise/{pages[-1][1]}"


def load_slowly(browser: Browser, url: str) -> tuple[float, dict[str, int]]:
    """First contentful paint in seconds, and the compressed bytes of each file, cold."""
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.emulateNetworkConditions", SLOW_4G)
    client.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})
    sizes: dict[str, int] = {}
    addresses: dict[str, str] = {}
    client.on(
        "Network.responseReceived",
        lambda event: addresses.update({event["requestId"]: event["response"]["url"]}),
    )
    client.on(
        "Network.loadingFinished",
        lambda event: sizes.update(
            {addresses[event["requestId"]]: int(event["encodedDataLength"])}
            if addresses[event["requestId"]].startswith("http")
            else {}
        ),
    )
    page.goto(url, wait_until="load")
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    context.close()
    return first / 1000, sizes


def measure_weight(site: Path, address: str) -> Iterator[str]:
    """The largest enterprise page over slow 4G."""
    route = find_largest(site)
    with open_chromium() as browser:
        runs = [load_slowly(browser, address + route) for _ in range(RUNS)]
    first = median(seconds for seconds, _ in runs)
    sizes = runs[-1][1]
    weight = sum(sizes.values()) / 1024
    page = (site / route).stat().st_size
    yield (
        f"最大的企业页面（{page:,} 字节），冷加载，慢速 4G"
        "（往返 150 毫秒，下行 1.6 Mbit/s），处理器慢 4 倍，"
        f"{RUNS} 次取中位："
    )
    yield ""
    yield "| 项目 | 目标 | 实测 |"
    yield "| --- | ---: | ---: |"
    yield f"| 首次显示内容（秒） | < {FIRST_CONTENT_S} | {first:.2f} |"
    yield f"| 传输的字节，压缩后，含标头（KB） | < {WEIGHT_KB} | {weight:.1f} |"
    for url, size in sorted(sizes.items(), key=lambda item: -item[1]):
        name = urlsplit(url).path
        name = "网页本身" if name.endswith(".html") else name.lstrip("/")
        yield f"| 其中 {name} | | {size / 1024:.1f} |"
    yield ""


def mark(url: str) -> list[int]:
    """Lighthouse's marks of a page, in the order of `CATEGORIES`, from 0 to 100."""
    with tempfile.TemporaryDirectory(prefix="huanjing-lighthouse-") as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [
                LIGHTHOUSE, url, "--quiet", "--output=json", f"--output-path={report}",
                f"--only-categories={','.join(CATEGORIES)}",
                "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
            ],
            check=True,
            env={**os.environ, "CHROME_PATH": CHROMIUM},
        )  # fmt: skip
        answer = json.loads(report.read_text(encoding="utf-8"))
    for name, audit in answer["audits"].items():
        if audit["score"] is not None and audit["score"] < 0.9:
            print(f"  {name}: {audit['score']} {audit['title']}", flush=True)
    return [round(answer["categories"][name]["score"] * 100) for name in CATEGORIES]


def measure_marks(site: Path, address: str) -> Iterator[str]:
    """Lighthouse over one page of the kinds that people open first."""
    routes = one_of_each(site)
    yield f"Lighthouse（手机，模拟慢速 4G），每项满分 100，目标不低于 {LEAST_MARK}："
    yield ""
    yield "| 网页 | 性能 | 无障碍 | 最佳做法 | 搜索引擎 |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for kind in MARKED:
        marks = " | ".join(str(value) for value in mark(address + routes[kind]))
        yield f"| {kind} | {marks} |"
    yield ""


PARTS = {"weight": measure_weight, "marks": measure_marks}


def main() -> None:
    """Measure, print, and write what was measured as a whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    arguments = parser.parse_args()
    lines = [
        "## 网页：重量、首次显示和 Lighthouse",
        "",
        f"开始时的平均负载 {os.getloadavg()[0]:.1f}（空闲时不到 1；负载高时性能分偏低）。",
        "",
    ]
    with tempfile.TemporaryDirectory(prefix="huanjing-bench-") as folder:
        site = arguments.site or Path(folder) / "site"
        if not arguments.site:
            built = CliRunner().invoke(
                huanjing, ["build", "--config", str(ROOT / "mkdocs.yml"), "--out", str(site)]
            )
            if built.exit_code:
                raise SystemExit(built.output)
        with serve_packed(site) as address:
            for name in arguments.parts:
                for line in PARTS[name](site, address):
                    print(line, flush=True)
                    lines.append(line)
    if arguments.parts == list(PARTS):
        write_section("face", lines)


if __name__ == "__main__":
    main()
