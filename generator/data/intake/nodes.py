"""Readers of YAML nodes that collect faults with file, line and key instead of stopping."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from generator.data.intake.yamltext import Node


@dataclass(slots=True)
class NodeReader:
    """Takes values out of nodes. `faults` grows; every method gives something usable back."""

    file_name: str
    faults: list[str] = field(default_factory=list)

    def complain(self, node: Node, where: str, text: str) -> None:
        """Note a fault at the node's line."""
        self.faults.append(f"{self.file_name} 第 {node.line} 行，{where}：{text}")

    def read_text(self, node: Node, where: str) -> str:
        """The node's text; empty, with a fault, where it is not a text."""
        if isinstance(node.content, str):
            return node.content
        self.complain(node, where, f"应为一段文字，这里是{node.kind}")
        return ""

    def read_filled(self, node: Node, where: str) -> str:
        """The node's text, which may not be empty."""
        text = self.read_text(node, where)
        if not text.strip() and isinstance(node.content, str):
            self.complain(node, where, "不能为空")
        return text

    def read_list(self, node: Node, where: str) -> tuple[Node, ...]:
        """The node's items."""
        if isinstance(node.content, tuple):
            return node.content
        self.complain(node, where, f"应为列表，这里是{node.kind}")
        return ()

    def read_texts(self, node: Node, where: str) -> tuple[str, ...]:
        """The node's items as texts."""
        items = self.read_list(node, where)
        return tuple(self.read_text(item, f"{where}[{n}]") for n, item in enumerate(items, 1))

    def read_pairs(self, node: Node, where: str) -> Mapping[str, Node]:
        """The node's keys and values."""
        if isinstance(node.content, Mapping):
            return node.content
        self.complain(node, where, f"应为一组“键: 值”，这里是{node.kind}")
        return {}

    def read_keys(
        self, node: Node, where: str, known: Sequence[str], needed: Sequence[str] = ()
    ) -> Mapping[str, Node]:
        """The node's keys and values, where only `known` keys may stand and `needed` ones must."""
        pairs = self.read_pairs(node, where)
        for key, value in pairs.items():
            if key not in known:
                self.complain(value, where, f"不认得的键“{key}”；可用的键：{'、'.join(known)}")
        if isinstance(node.content, Mapping):
            for key in needed:
                if key not in pairs:
                    self.complain(node, where, f"缺少必需的键“{key}”")
        return {key: value for key, value in pairs.items() if key in known}

    def read_flag(self, node: Node, where: str) -> bool:
        """`true` or `false`."""
        text = self.read_text(node, where)
        if text not in ("true", "false"):
            self.complain(node, where, f"应为 true 或 false，这里是“{text}”")
        return text == "true"

    def read_choice(self, node: Node, where: str, words: Sequence[str]) -> str:
        """One of `words`; the first, with a fault, where it is another."""
        text = self.read_text(node, where)
        if text in words:
            return text
        if isinstance(node.content, str):
            self.complain(node, where, f"应为 {'、'.join(words)} 之一，这里是“{text}”")
        return words[0]

    def read_whole_number(self, node: Node, where: str) -> int:
        """A whole number from 1."""
        text = self.read_text(node, where)
        if re.fullmatch(r"[1-9][0-9]{0,5}", text):
            return int(text)
        self.complain(node, where, f"应为从 1 起的整数，这里是“{text}”")
        return 1

    def read_pattern(self, node: Node, where: str) -> re.Pattern[str]:
        """A regular expression."""
        text = self.read_filled(node, where)
        try:
            return re.compile(text)
        except re.error as error:
            self.complain(node, where, f"不是合格的正则表达式（{error.msg}）：{text}")
            return re.compile("")


def find_node(root: Node, where: str) -> Node:
    """The node at a place such as `tables.noise[2].fields`; the nearest one above if none is."""
    node = root
    rest = where
    while rest:
        content = node.content
        position = re.match(r"\[([0-9]+)\]\.?", rest)
        if isinstance(content, tuple):
            if position is None or int(position[1]) > len(content):
                break
            node, rest = content[int(position[1]) - 1], rest[position.end() :]
            continue
        keys = content if isinstance(content, Mapping) else {}
        # Keys may hold dots and brackets themselves, so the longest that fits is meant.
        fitting = [key for key in keys if re.match(rf"{re.escape(key)}(?:\.|(?=\[)|$)", rest)]
        if not fitting:
            break
        key = max(fitting, key=len)
        node, rest = keys[key], rest[len(key) :].removeprefix(".")
    return node
