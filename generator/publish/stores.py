"""Stores named by URL, in which objects lie by name: a folder, S3, SFTP, whatever fsspec opens.

Whatever a store's own library raises comes out as one `StoreError` that names the store.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from generator.errors import StoreError

_INSTALL: Final = "pip install 'huanjing[scheduler]'"
_CREDENTIALS: Final = re.compile(r"//[^/\s]*@")
"""User and password in a URL."""
_UNFINISHED: Final = ".new"
"""Ending of an object that is about to replace the one of the same name."""


class Store:
    """Objects by name below one URL."""

    def __init__(self, url: str) -> None:
        """Opens nothing yet that a network would have to answer for.

        Raises:
            StoreError: fsspec is not installed, or knows no such kind of store.

        """
        self.url = url
        """As it was given, which may hold a password."""
        self.name = _CREDENTIALS.sub("//***@", url)
        """What people and logs may see."""
        try:
            from fsspec.core import url_to_fs
        except ImportError as fault:
            raise StoreError(f"使用存储 {self.name} 要先运行：{_INSTALL}") from fault
        with self._told("打不开"):
            self._files: Any
            self._files, root = url_to_fs(url)
            self._root = str(root).rstrip("/")
        self._folders: set[str] = set()

    def read(self, name: str) -> bytes | None:
        """The object's content; None where there is no such object.

        Raises:
            StoreError: The store cannot be read.

        """
        with self._told("读不了"):
            try:
                return bytes(self._files.cat_file(self._path(name)))
            except FileNotFoundError:
                return None

    def write(self, objects: Mapping[str, bytes]) -> None:
        """Write all of these, at once where the store can.

        Raises:
            StoreError: The store refuses; some may have been written.

        """
        with self._told("写不了"):
            for name in objects:
                self._make_folder(self._path(name).rpartition("/")[0])
            self._files.pipe({self._path(name): content for name, content in objects.items()})

    def replace(self, name: str, content: bytes) -> None:
        """Write one object so that nobody ever reads half of it.

        Raises:
            StoreError: The store refuses; what was there stays.

        """
        self.write({f"{name}{_UNFINISHED}": content})
        with self._told("写不了"):
            self._files.mv(self._path(f"{name}{_UNFINISHED}"), self._path(name))

    def remove(self, names: Collection[str]) -> None:
        """Remove those of these objects that are there.

        Raises:
            StoreError: The store refuses.

        """
        for name in sorted(names):
            with self._told("删不了"):
                try:
                    self._files.rm_file(self._path(name))
                except FileNotFoundError:
                    continue

    def remove_all(self) -> None:
        """Remove everything below the URL.

        Raises:
            StoreError: The store refuses.

        """
        with self._told("删不了"):
            try:
                self._files.rm(self._root, recursive=True)
            except FileNotFoundError:
                return

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _make_folder(self, folder: str) -> None:
        if folder not in self._folders:
            self._files.makedirs(folder, exist_ok=True)
            self._folders.add(folder)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except ImportError as fault:
            raise StoreError(f"存储 {self.name} 另要安装一个库：{fault}") from fault
        except Exception as fault:  # each kind of store has errors of its own
            words = _CREDENTIALS.sub("//***@", str(fault))
            raise StoreError(
                f"{what}存储 {self.name}：{type(fault).__name__}：{words}。请检查地址、网络和权限。"
            ) from fault
