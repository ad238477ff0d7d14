"""Bytes from the centre: bounded in size and time, resumed where they were cut.

python-tuf's own transport has no total deadline and no resume, and lets a slow server drip for
ever. Here every sync has one deadline for all its requests, each body has a limit known before,
and a cut download goes on where it stopped. What arrives is only ever believed after its hash.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import hashlib
import http.client
import os
import re
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generator import __version__
from generator.mirror.faults import DiskError, NetworkError, RefusedError

BLOCK_BYTES = 64 * 1024
SILENCE_S = 30.0
"""Seconds without a byte after which a connection is given up."""
ATTEMPTS = 3
"""How often an interrupted download is taken up again within one sync."""
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class StatusError(NetworkError):
    """The server answered with a status of failure."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__(f"{url} 返回了状态码 {status}。请核对网址，或稍后再试。")
        self.status = status


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a sync may take of time and of the line."""

    deadline_s: float = 3600.0
    """Seconds for all requests of a sync together."""
    bytes_per_s: int = 0
    """Bandwidth; 0 is no limit."""
    silence_s: float = SILENCE_S


@dataclass(frozen=True, slots=True)
class Clock:
    """What a transfer measures its time with; seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Tally:
    """What a sync took from the line."""

    requests: int = 0
    bytes: int = 0
    """Bodies and headers that arrived."""


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = 5
    max_repeats = 2

    def redirect_request(  # type: ignore[no-untyped-def]
        self, req, fp, code, msg, headers, newurl
    ) -> urllib.request.Request | None:
        """The next request, unless it leaves HTTPS."""
        if req.full_url.startswith("https:") and not newurl.startswith("https:"):
            raise NetworkError(f"{req.full_url} 把请求转到了不加密的 {newurl}，没有跟随。")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@dataclass(slots=True)
class Transfer:
    """One sync's requests: their deadline, their pace, their sum."""

    limits: Limits = field(default_factory=Limits)
    proxy: str | None = None
    """Address of a proxy; None takes the environment's, an empty text none at all."""
    tally: Tally = field(default_factory=Tally)
    server_time: dt.datetime | None = None
    """What the server last said the time is."""
    clock: Clock = field(default_factory=Clock)
    _begin: float = field(init=False)
    _opener: urllib.request.OpenerDirector = field(init=False)

    def __post_init__(self) -> None:
        self._begin = self.clock.now()
        proxies: Mapping[str, str] | None = None
        if self.proxy is not None:
            proxies = {"http": self.proxy, "https": self.proxy} if self.proxy else {}
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler(dict(proxies) if proxies is not None else None),
            _Redirects(),
        )

    def read(self, url: str, limit: int) -> bytes:
        """A small body whole.

        Raises:
            NetworkError: No answer, more than `limit` bytes, or the deadline has passed.

        """
        return b"".join(self.stream(url, limit))

    def stream(self, url: str, limit: int) -> Iterator[bytes]:
        """A body block by block, never more than `limit` bytes.

        Raises:
            NetworkError: As for `read`, and when the body ends before its announced length.

        """
        with self._open(url, 0) as response:
            announced = response.headers.get("Content-Length", "")
            received = 0
            for block in self._blocks(url, response):
                received += len(block)
                if received > limit:
                    raise NetworkError(f"{url} 给出的内容超过上限 {limit:,} 字节，已中断。")
                yield block
            if announced.isdigit() and received != int(announced):
                raise NetworkError(
                    f"{url} 传输中断：收到 {received:,} 字节，应为 {int(announced):,} 字节。"
                )

    def download(self, url: str, size: int, sha256: str, path: Path) -> None:
        """Fetch `url` into `path`; goes on from what is there of an earlier attempt.

        Raises:
            NetworkError: The bytes did not all arrive.
            RefusedError: All arrived, and they are not those of `sha256`.
            DiskError: They cannot be kept.

        """
        partial = path.with_name(f"{path.name}.part")
        try:
            if path.is_file() and _is_complete(path, size, sha256):
                return
            fresh = not partial.is_file() or not 0 < partial.stat().st_size <= size
            for attempt in range(ATTEMPTS):
                try:
                    self._continue(url, size, partial, from_start=fresh)
                except NetworkError:
                    if attempt + 1 == ATTEMPTS or self._remaining_s() <= 0:
                        raise
                    fresh = False
                    continue
                if _is_complete(partial, size, sha256):
                    partial.replace(path)
                    return
                partial.unlink()
                if fresh:
                    break
                fresh = True  # what was resumed was bad: once more from the first byte
        except OSError as fault:
            raise DiskError(f"无法保存下载的文件 {path}：{fault.strerror}。") from fault
        raise RefusedError(
            f"{url} 的内容不对：SHA-256 与签名的清单不符（应为 {sha256[:16]}…）。旧网站保持原样。"
        )

    def _continue(self, url: str, size: int, partial: Path, *, from_start: bool) -> None:
        have = 0 if from_start or not partial.is_file() else partial.stat().st_size
        if have == size:
            return
        with self._open(url, have) as response:
            if have and not _starts_at(response, have, size):
                # The server ignored the range or gave another one.
                if response.status == http.client.PARTIAL_CONTENT:
                    partial.unlink()
                    raise NetworkError(f"{url} 给出的范围不是所要的（从第 {have:,} 字节起）。")
                have = 0
            kind = response.headers.get("Content-Type", "")
            if kind.startswith("text/html"):
                raise NetworkError(f"{url} 返回的是网页而不是数据包（可能是出错页或登录页）。")
            with partial.open("ab" if have else "wb") as file:
                for block in self._blocks(url, response):
                    have += len(block)
                    if have > size:
                        file.truncate(0)
                        raise NetworkError(f"{url} 给出的内容超过应有的 {size:,} 字节，已中断。")
                    file.write(block)
        if have < size:
            raise NetworkError(f"{url} 传输中断：收到 {have:,} 字节，应为 {size:,} 字节。")

    @contextlib.contextmanager
    def _open(self, url: str, start: int) -> Iterator[http.client.HTTPResponse]:
        headers = {"User-Agent": f"huanjing/{__version__}", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        if not url.startswith(("http://", "https://")):
            raise NetworkError(f"{url} 不是 http 或 https 网址。")
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 checked above
        self.tally.requests += 1
        try:
            with self._opener.open(request, timeout=self._patience_s(url)) as response:
                self.tally.bytes += len(str(response.headers))
                self._note_time(response.headers.get("Date"))
                if response.headers.get("Content-Encoding", "identity") != "identity":
                    raise NetworkError(f"{url} 经过了压缩转码，不是原来的字节。请检查代理。")
                yield response
        except urllib.error.HTTPError as fault:
            with fault:
                self.tally.bytes += len(str(fault.headers))
                self._note_time(fault.headers.get("Date"))
                if fault.code in {301, 302, 303, 307, 308}:
                    raise NetworkError(f"{url} 反复转向，没有尽头。请核对网址。") from fault
                raise StatusError(url, fault.code) from fault
        except urllib.error.URLError as fault:
            raise NetworkError(f"连不上 {url}：{fault.reason}。") from fault
        except (OSError, http.client.HTTPException, ssl.SSLError) as fault:
            if isinstance(fault, OSError) and fault.filename is not None:
                raise
            raise NetworkError(
                f"从 {url} 下载时连接断开：{fault or type(fault).__name__}。"
            ) from fault

    def _blocks(self, url: str, response: http.client.HTTPResponse) -> Iterator[bytes]:
        while block := response.read1(BLOCK_BYTES):
            self.tally.bytes += len(block)
            self._keep_pace(len(block))
            self._patience_s(url)
            yield block

    def _keep_pace(self, size: int) -> None:
        if self.limits.bytes_per_s:
            pause = size / self.limits.bytes_per_s
            self.clock.sleep(min(pause, max(self._remaining_s(), 0)))

    def _remaining_s(self) -> float:
        return self._begin + self.limits.deadline_s - self.clock.now()

    def _patience_s(self, url: str) -> float:
        remaining = self._remaining_s()
        if remaining <= 0:
            raise NetworkError(
                f"总时限 {self.limits.deadline_s:g} 秒已到，{url} 还没有传完；下次从断处继续。"
            )
        return min(self.limits.silence_s, remaining)

    def _note_time(self, header: str | None) -> None:
        with contextlib.suppress(TypeError, ValueError):
            self.server_time = email.utils.parsedate_to_datetime(header or "").astimezone(dt.UTC)


def _starts_at(response: http.client.HTTPResponse, start: int, size: int) -> bool:
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return (
        response.status == http.client.PARTIAL_CONTENT
        and found is not None
        and int(found[1]) == start
        and found[2] in {str(size), "*"}
    )


def _is_complete(path: Path, size: int, sha256: str) -> bool:
    if os.stat(path).st_size != size:  # noqa: PTH116
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
