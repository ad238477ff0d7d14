"""Why an import leaves something out, in phrases of one meaning each, and what to do about it.

Reasons are worded where they arise with these phrases, so that reason and
advice cannot part. A reason without any of them is the mapping author's own.
"""

from typing import Final

NOT_IN_MAP: Final = "里没有这个值"
NOT_READ: Final = "映射认不出这种写法"
ILL_FORMED: Final = "写法不合"
REQUIRED: Final = "的必填字段"
NO_VALUE: Final = "没有值"
SAME_KEY: Final = "里已有同一主键的行"
NO_TARGET: Final = "引用的"
NO_CONTENT: Final = "没有可以放入的内容"
NO_RULE: Final = "映射里没有规则适用此行"

_VALUE_CURE: Final = "请报送单位改正；这样写也对的，在映射文件里补上这种写法。"
_DECLARED: Final = "映射文件写明不放入，不必改；如应放入，请改映射文件。"
_CURES: Final = (
    (NOT_IN_MAP, "查明它对应哪个值，在映射文件的值对照表里补一行；都不对应的不必改。"),
    (NOT_READ, _VALUE_CURE),
    (ILL_FORMED, "请报送单位改正；来源一贯这样编的，在映射文件的 relax 里放宽并写明原因。"),
    (SAME_KEY, "请报送单位确认哪一行对，删去另一行；是两件事的，请给不同的编号。"),
    (NO_VALUE, "请报送单位补填；确实没有的，在映射文件的 relax 里改为选填并写明原因。"),
    (NO_TARGET, "核对编号；编号对的，把被引用的行也导入。"),
    (NO_CONTENT, "核对本行的编号；编号对、也没有别的内容的，不必改。"),
    (NO_RULE, "在映射文件里为这种行写一条规则，或写明不放入的原因。"),
    (REQUIRED, _VALUE_CURE),
)


def advise_on_row(reason: str) -> str:
    """What to do about a row left out for this reason."""
    return next((cure for phrase, cure in _CURES if phrase in reason), _DECLARED)


def advise_on_value(reason: str) -> str:
    """What to do about a value left out for this reason; no mapping leaves one out by a word."""
    return next((cure for phrase, cure in _CURES if phrase in reason), _VALUE_CURE)
