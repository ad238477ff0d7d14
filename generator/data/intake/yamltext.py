"""YAML as text with line numbers: every scalar stays the text that was written.

YAML's own guesses (`no` is false, `0371` is a number, `2016-01-01` is a date) would change codes
and value maps in silence, so none is made. Only plain mappings, lists and texts are accepted;
anchors and aliases work, because long value lists are worth writing once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from generator.data.intake.faults import MappingError

Content = str | tuple["Node", ...] | Mapping[str, "Node"]


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the file: a text, a list or a mapping, with the line (from 1) it stands on."""

    line: int
    content: Content

    @property
    def kind(self) -> str:
        """What the value is, in the words of a message."""
        if isinstance(self.content, str):
            return "文字"
        return "列表" if isinstance(self.content, tuple) else "一组“键: 值”"


def read_yaml(path: Path) -> Node:
    """The file's outermost value.

    Raises:
        MappingError: The file is missing, not UTF-8, not YAML, or has a key twice.

    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise MappingError(f"找不到映射文件：{path}。请检查 --mapping 的路径。") from error
    except OSError as error:
        raise MappingError(f"映射文件 {path.name} 读不出来（{error.strerror}）。") from error
    except UnicodeDecodeError as error:
        raise MappingError(
            f"{path.name}：第 {error.start + 1} 个字节不是 UTF-8 编码。请另存为 UTF-8。"
        ) from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise MappingError(
            f"{path.name} 第 {line} 行：YAML 写法有错（{error.problem}）。"
            "请检查此处的缩进、冒号和引号。"
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise MappingError(f"{path.name}：不是合格的 YAML 文件。") from error
    if root is None:
        raise MappingError(f"{path.name}：文件是空的。")
    faults: list[str] = []
    node = _convert(root, path.name, {}, frozenset(), faults)
    if faults:
        raise MappingError("\n".join(faults))
    return node


def _convert(
    raw: yaml.Node, name: str, done: dict[int, Node], above: frozenset[int], faults: list[str]
) -> Node:
    line = raw.start_mark.line + 1
    if id(raw) in above:
        faults.append(f"{name} 第 {line} 行：别名引用了自己所在的内容。")
        return Node(line, "")
    if id(raw) in done:
        return done[id(raw)]
    inside = above | {id(raw)}
    content: Content
    if isinstance(raw, yaml.ScalarNode):
        plain_null = raw.style is None and raw.tag == "tag:yaml.org,2002:null"
        content = "" if plain_null else str(raw.value)
    elif isinstance(raw, yaml.SequenceNode):
        content = tuple(_convert(item, name, done, inside, faults) for item in raw.value)
    else:
        content = dict(_convert_pairs(raw, name, done, inside, faults))
    done[id(raw)] = Node(line, content)
    return done[id(raw)]


def _convert_pairs(
    raw: yaml.Node, name: str, done: dict[int, Node], above: frozenset[int], faults: list[str]
) -> Iterator[tuple[str, Node]]:
    seen: dict[str, int] = {}
    for key_node, value_node in raw.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            faults.append(f"{name} 第 {line} 行：键应为文字。")
            continue
        key = str(key_node.value)
        if key in seen:
            faults.append(f"{name} 第 {line} 行：键“{key}”在第 {seen[key]} 行已经写过。")
            continue
        seen[key] = line
        yield key, _convert(value_node, name, done, above, faults)
