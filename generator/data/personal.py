"""Personal data in a text: identity numbers, mobiles, bank cards, home addresses, names.

A number counts by its own arithmetic (birth date, check character, Luhn) or by the words in
front of it: of random 11-digit numbers 7.8 % look like mobiles, so shape alone never blocks.
Full-width digits and digits cut by blanks, hyphens or dots are read like plain ones.

Nothing here is shown in full: `mask_number` keeps the first three and the last two characters.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from stdnum import luhn
from stdnum.cn import ric as identity_number
from stdnum.exceptions import ValidationError

Kind = Literal["identity", "mobile", "bank", "address", "name"]

_CUT: Final = "[ .\u00a0\u2010-\u2015-]?"
"""What people put between groups of digits."""
_IDENTITY = re.compile(rf"(?<![0-9])(?=([1-9](?:{_CUT}[0-9]){{16}}{_CUT}[0-9Xx])(?![0-9]))")
_OLD_IDENTITY = re.compile(r"(?<![0-9])[1-9][0-9]{14}(?![0-9])")
_OLD_IDENTITY_WORDS = re.compile(r"(?:身份证|身份号|证件号|公民身份)[^0-9]{0,12}\Z")
_MOBILE = re.compile(
    rf"(?<![0-9A-Za-z.-])(?:\+?86{_CUT})?(1[3-9][0-9](?:{_CUT}[0-9]{{4}}){{2}}"
    rf"|1[3-9](?:{_CUT}[0-9]){{9}})(?![0-9A-Za-z.])"
)
_MOBILE_WORDS = re.compile(r"(?:手机|移动电话|电话|微信|联系人|联系方式)[^0-9]{0,12}\Z")
_MOBILE_COLUMNS = re.compile(r"phone|mobile|contact|(?:^|_)tel(?:_|$)")
_CARD = re.compile(rf"(?<![0-9A-Za-z])(?=([3-6](?:{_CUT}[0-9]){{15,18}})(?![0-9A-Za-z]))")
_CARD_WORDS = re.compile(r"(?:银行|卡号|账号|帐号|账户|帐户|开户|户名|储蓄)[^0-9]{0,16}\Z")
_CARD_COLUMNS = re.compile(r"bank|card|account")
_ACCOUNT = re.compile(r"(?:账号|帐号|卡号)[^0-9]{0,4}([0-9](?: ?[0-9]){8,24})(?![0-9])")
_HOME = re.compile(
    r"(家庭住址|家庭地址|家住|户籍地?|户籍所在地|住址|居住地|现住)(?:为|是|在|于|址)?[:：]?\s*"
    r"[^，。；、,;\s]{2,40}?(?:[号栋幢室组户]|单元|村|小区)"
)
_HOME_WORDS_SURE: Final = frozenset(
    {"家庭住址", "家庭地址", "家住", "户籍", "户籍地", "户籍所在地"}
)
_ADDRESS_COLUMNS = re.compile(r"address")
_DWELLING = re.compile(r"(?:小区|家属院|家属楼|宿舍|公寓|花园|新村)[^，。；]{0,20}(?:室|单元|户)")
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程"
    "苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝"
    "龚邵万钱严覃武戴莫孔向汤"
)
_ROLES: Final = (
    "公民|居民|村民|自然人|举报人|投诉人|业主|户主|经营者|被处罚人|被处罚人姓名|当事人|个体工商户"
    "|法定代表人|负责人|直接责任人|联系人|姓名"
)
_NAME = re.compile(
    rf"(?:{_ROLES})(?:为|是)?[:：]?\s*([{_SURNAMES}](?!某)[\u4e00-\u9fff]{{1,2}}?)"
    r"(?=[（(，,。；;、]|身份证|等[0-9一二三四五六七八九十]|\s|\Z)"
)
SUSPECT_NUMBERS: Final = r"\d(?:[ .\x{A0}\x{2010}-\x{2015}-]?\d){8}"
"""Nine digits or more with what people put between them; here \\d takes full-width digits too."""
SUSPECT_WORDS: Final = (
    "家庭住址|家庭地址|家住|户籍|住址|居住地|现住"
    r"|(?:小区|家属院|家属楼|宿舍|公寓|花园|新村)[^，。；]{0,20}(?:室|单元|户)"
    rf"|(?:{_ROLES})(?:为|是)?[:：]?\s*[{_SURNAMES}][^某]"
)
"""What a text has that `find_personal` finds words in: a sieve for whole columns at once.

Both are written for Polars's regular expressions, and let through more than is found.
"""
_NOT_NAMES = re.compile(
    r"(?:方|高层|高管|于|任职|向|严格|万元|金额|程序|何人|白天|石油|江北|江南)\Z"
)
_OLDEST_BIRTH_YEAR: Final = 1850
_SHOWN_HEAD: Final = 3
_SHOWN_TAIL: Final = 2


@dataclass(frozen=True, slots=True)
class PersonalSpan:
    """One piece of personal data: what it is, where in the normal text, how sure.

    `sure` means that publishing must stop; otherwise a person has to look.
    `text` is the number or words themselves: never print it, print `masked`.
    """

    kind: Kind
    start: int
    end: int
    text: str
    sure: bool

    @property
    def masked(self) -> str:
        """The piece with all but its ends starred."""
        return mask_number(self.text)


def normalize_text(text: str) -> str:
    """The text with full-width and circled digits as plain ones."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def mask_number(number: str) -> str:
    """First three and last two characters of a number; of a short word the first alone."""
    if len(number) <= _SHOWN_HEAD + _SHOWN_TAIL:
        return number[:1] + "*" * (len(number) - 1)
    hidden = len(number) - _SHOWN_HEAD - _SHOWN_TAIL
    return f"{number[:_SHOWN_HEAD]}{'*' * hidden}{number[-_SHOWN_TAIL:]}"


def mask_personal(text: str) -> str:
    """The text with every number of a person starred; unchanged if there is none.

    Errs on the side of starring: it is for messages, which also name row and column.
    """
    if sum(char.isdigit() for char in text) < _LEAST_DIGITS:
        return text
    normal = normalize_text(text)
    spans = [span for span in find_personal(normal) if span.kind in ("identity", "mobile", "bank")]
    for span in sorted(spans, key=lambda span: -span.start):
        normal = normal[: span.start] + mask_number(span.text) + normal[span.end :]
    return normal if spans else text


_LEAST_DIGITS: Final = 9


def find_personal(
    normal: str, column: str = "", exempt: Collection[str] = ()
) -> tuple[PersonalSpan, ...]:
    """Everything personal in a normal text, in its order, without overlaps.

    Args:
        normal: The text, already through `normalize_text`.
        column: The field's name, which may tell what its numbers are.
        exempt: Numbers that are known to be something else, or allowed.

    """
    found: list[PersonalSpan] = []
    for span in _find_candidates(normal, column):
        taken = any(span.start < other.end and other.start < span.end for other in found)
        if not taken and span.text not in exempt:
            found.append(span)
    return tuple(sorted(found, key=lambda span: span.start))


def _find_candidates(normal: str, column: str) -> Iterator[PersonalSpan]:
    """The surest kinds first, so that a card number is not also told as a mobile."""
    yield from find_identity(normal)
    yield from _find_cards(normal, column)
    yield from _find_mobiles(normal, column)
    yield from _find_addresses(normal, column)
    yield from _find_names(normal)


def find_identity(normal: str) -> Iterator[PersonalSpan]:
    """Identity numbers: 18 characters by their check, 15 digits by the words in front."""
    for match in _IDENTITY.finditer(normal):
        number = _join_digits(match.group(1))
        if is_identity_number(number):
            yield PersonalSpan("identity", match.start(1), match.end(1), number, sure=True)
    for match in _OLD_IDENTITY.finditer(normal):
        words = _OLD_IDENTITY_WORDS.search(normal[: match.start()])
        if words and _is_birth_date(f"19{match.group()[6:12]}"):
            yield PersonalSpan("identity", match.start(), match.end(), match.group(), sure=True)


def is_identity_number(number: str) -> bool:
    """Whether 18 characters have a real birth date and the right check character.

    python-stdnum's own `is_valid` raises KeyError on county codes that it does
    not know, so only its check character is used. Source: GB 11643-1999.
    """
    try:
        return _is_birth_date(number[6:14]) and (
            identity_number.calc_check_digit(number) == number[17].upper()
        )
    except ValidationError:
        return False


def _is_birth_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return _OLDEST_BIRTH_YEAR <= int(digits[:4]) < _END_OF_BIRTH_YEARS


_END_OF_BIRTH_YEARS: Final = 2100


def _find_mobiles(normal: str, column: str) -> Iterator[PersonalSpan]:
    by_column = bool(_MOBILE_COLUMNS.search(column))
    for match in _MOBILE.finditer(normal):
        sure = by_column or bool(_MOBILE_WORDS.search(normal[: match.start()]))
        number = _join_digits(match.group(1))
        yield PersonalSpan("mobile", match.start(1), match.end(1), number, sure)


def _find_cards(normal: str, column: str) -> Iterator[PersonalSpan]:
    by_column = bool(_CARD_COLUMNS.search(column))
    for match in _CARD.finditer(normal):
        number = _join_digits(match.group(1))
        if not luhn.is_valid(number):
            continue
        sure = by_column or bool(_CARD_WORDS.search(normal[: match.start()]))
        if sure or number.startswith("62"):
            yield PersonalSpan("bank", match.start(1), match.end(1), number, sure)
    for match in _ACCOUNT.finditer(normal):
        number = _join_digits(match.group(1))
        yield PersonalSpan("bank", match.start(1), match.end(1), number, sure=False)


def _find_addresses(normal: str, column: str) -> Iterator[PersonalSpan]:
    for match in _HOME.finditer(normal):
        sure = match.group(1) in _HOME_WORDS_SURE
        yield PersonalSpan("address", match.start(), match.end(), match.group(), sure)
    if _ADDRESS_COLUMNS.search(column):
        for match in _DWELLING.finditer(normal):
            yield PersonalSpan("address", match.start(), match.end(), match.group(), sure=False)


def _find_names(normal: str) -> Iterator[PersonalSpan]:
    for match in _NAME.finditer(normal):
        name = match.group(1)
        if not _NOT_NAMES.search(name):
            yield PersonalSpan("name", match.start(1), match.end(1), name, sure=False)


def _join_digits(text: str) -> str:
    return "".join(char for char in text if char.isalnum()).upper()
