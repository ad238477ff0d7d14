"""The host's own file in a site: whose server this is, and until when its copy is fresh.

The manifest leaves it out, so that every mirror may have another one. Pages read it at view time;
without it, or without scripts, nothing is missing but these lines.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

IDENTITY = {
    "name": "镜像名称",
    "sponsor": "主办单位",
    "contact": "联系电话",
    "site_id_code": "政府网站标识码",
    "icp_no": "ICP 备案号",
    "psb_no": "公安备案号",
}
"""What a host may say of itself in the footer, each optional: the columns of table `mirror`."""


def find_identity_fault(found: object) -> str:
    """What is wrong with an identity as its author wrote it; empty where nothing is."""
    known = "、".join(IDENTITY)
    if not isinstance(found, Mapping) or not all(isinstance(text, str) for text in found.values()):
        return f"应是名称与文字的对应，可用的名称有：{known}"
    unknown = sorted(set(found) - set(IDENTITY))
    return f"有不认识的项 {'、'.join(map(str, unknown))}；可用的有：{known}" if unknown else ""


def format_host(identity: Mapping[str, str], release: Mapping[str, object] | None = None) -> bytes:
    """The script: the host's identity and, on a mirror, the release it serves."""
    lines = [f"window.huanjingHost = {_format_script(identity)};"]
    if release is not None:
        lines.append(f"window.huanjingRelease = {_format_script(release)};")
    return ("\n".join(lines) + "\n").encode()


def _format_script(value: Mapping[str, object]) -> str:
    return json.dumps(dict(value), ensure_ascii=True, sort_keys=True).replace("<", "\\u003c")
