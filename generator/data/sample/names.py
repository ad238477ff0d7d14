"""Invented names of firms, persons, streets and townships.

Names are put together from characters that small firms and places use; a firm's name begins
with an invented place, so that no real firm is meant. Callers who need distinct names draw
again on a collision: places times 4,000 trade names leave room for hundreds of thousands.
"""

import random

_BRAND_FIRST = (
    "瑞恒诚润泽安宏嘉盛鼎腾汇锦佳昌永顺祥裕康富旺兴隆德信义和源鸿博凯创昊辰旭启金玉翔骏凌卓云星鑫森林沃丰禾绿清蓝正大"
    "同联聚众合益利通达元"
)
_BRAND_SECOND = (
    "达泰丰源盛昌隆兴茂荣华顺祥瑞康安宁宏辉耀明光洋海川江河山峰岭林森木禾田园春秋晨阳晖晟泽润涛澜豪杰伟力强固坚特优佳美嘉"
    "诚信诺鼎钧铭锐科"
)
# Trade names of widely known groups; an invented firm must not seem to be one of them.
_KNOWN_BRAND_TEXT = (
    "恒大恒瑞万达华润金光金龙金川金田海尔大江大海云南云海云天星美星辉瑞安瑞茂泰康鸿海鸿达永辉"
    "永荣永丰同仁康美康恩康明宏达宏泰宏华联华联美联想富力富春富士兴业兴发盛大通威通源大洋大明"
    "大康大通中海正泰正大德力德豪和泰金山金杰金隆安泰安源凯美信达信泰清华蓝光蓝星蓝科林海森源"
    "绿源达安达华创维联泰华泰华信华明利源利达隆华隆源润泰润达润华合力合康裕隆旺旺大华金诚金泰"
    "元泰鼎泰鼎信卓达天源玉林玉溪嘉兴嘉禾永康永安泰安安康德阳德兴兴安大丰大同大田信阳同江富阳"
    "宁海清江云阳和田义乌丰城祥云润阳林州正阳正安永川永春永嘉永泰昌江昌宁昌黎顺昌德江德安德昌"
    "合江合川通江通海通山凌海凌源兴山兴隆兴海隆昌隆安康达汇源信华元阳大安大宁旺达江河富源富川"
    "富宁富锦清河沃特沃华科达林口星河瑞昌瑞金金阳金华金秋盛泰宏盛安阳安宁达川源达同力金昌金河"
    "金安"
)
_KNOWN_BRANDS = frozenset(
    _KNOWN_BRAND_TEXT[start : start + 2] for start in range(0, len(_KNOWN_BRAND_TEXT), 2)
)

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_GIVEN_FIRST = "建国志明文晓玉海春秀少永德家庆学光宗立成思嘉子俊雨欣雅丽慧淑桂金红小长世景绍仁佩云"
_GIVEN_SECOND = "华明强军平刚伟芳英兰梅萍燕辉峰林斌涛超杰勇波洋鹏飞龙宁静敏洁琴玲霞东生福贵良清泉"

_STREET_FIRST = "迎宾东风和平建设兴业创业工业滨河学府园林桃源凤栖望江翠屏青云长青民生朝晖锦绣芳草"
_STREET_SECOND = ("路", "大道", "街", "东路", "西路", "南路", "北街", "中路")
_VILLAGE_FIRST = "上下前后东西南北新老大小高石柳杨松桃李梨竹杏桂槐榆水沙泉河塘"
_VILLAGE_SECOND = "沟湾坝坪岗岭塬洼庄营寨桥坡屯圩浜垄冲"

# Pairs of these name no township or county of the country: checked against a public list.
_TOWN_FIRST = (
    "楠菱茗粟棉鹭鹊凫雾霜露曦霁岚澜汐漪溯墨书绮珩芷蕙蘅琮珑瑾涵沅"
    "湄淇沁泠鸢鹳苇荻葭菰薇蓉栀椒橙橘柚榛栎桦楸棣茜萱苔萤蝉鹂鹄"
)
_TOWN_SECOND = "溪渚屿岭坡塘湾泉浦沟坪垭屏原洼渡桥陂垌汀埠庄寨埂"

_FARM_FORMS = ("专业合作社", "场", "场", "家庭农场", "有限公司")

# How a firm of a trade is usually constituted; all others are limited companies.
_FORMS_BY_TRADE: dict[str, tuple[str, ...]] = {
    "生猪养殖": _FARM_FORMS,
    "肉鸡养殖": _FARM_FORMS,
    "蛋鸡养殖": _FARM_FORMS,
    "肉牛养殖": _FARM_FORMS,
    "山羊养殖": _FARM_FORMS,
    "麻鸭养殖": _FARM_FORMS,
    "医院": ("",),
    "卫生院": ("",),
    "门诊部": ("",),
    "餐饮": ("店", "有限公司", "管理有限公司"),
    "酒楼": ("",),
    "火锅": ("店", "餐饮有限公司"),
    "汽修": ("厂", "服务部", "有限公司"),
    "加油站": ("", "有限公司"),
    "采石": ("场", "有限公司"),
    "砖厂": ("", "有限公司"),
    "豆制品": ("厂", "有限公司", "加工坊"),
}
_LIMITED = ("有限公司",) * 7 + ("有限责任公司", "厂", "股份有限公司")


def firm_name(rng: random.Random, place: str, trade: str) -> str:
    """An invented firm's name: place, two-character trade name, industry word, legal form.

    Args:
        rng: Source of the choice.
        place: A county or township; its 省, 市, 区, 县, 镇, 乡 or 街道 is left out half the time.
        trade: A short industry word such as 化工 or 生猪养殖.

    """
    return f"{_shorten_place(rng, place)}{_brand(rng)}{trade}{_legal_form(rng, trade)}"


def person_name(rng: random.Random) -> str:
    """An invented person's name of two or three characters."""
    surname = rng.choice(_SURNAMES)
    if rng.random() < 0.2:
        return surname + rng.choice(_GIVEN_SECOND)
    return surname + rng.choice(_GIVEN_FIRST) + rng.choice(_GIVEN_SECOND)


def masked_person(rng: random.Random) -> str:
    """A person as public narratives may name them: 张某.

    Source: 生态环境行政处罚办法 art. 64 (masking of natural persons).
    """
    return rng.choice(_SURNAMES) + "某"


def street_address(rng: random.Random, county_name: str, township_name: str) -> str:
    """An invented address without a dwelling: street and number, or village and group."""
    if township_name.endswith("街道"):
        start = rng.randrange(len(_STREET_FIRST) // 2) * 2
        street = _STREET_FIRST[start : start + 2] + rng.choice(_STREET_SECOND)
        return f"{county_name}{township_name}{street}{rng.randint(1, 398)}号"
    village = rng.choice(_VILLAGE_FIRST) + rng.choice(_VILLAGE_SECOND)
    if rng.random() < 0.25:
        return (
            f"{county_name}{township_name}工业集中区{rng.choice('ABCDE')}区{rng.randint(1, 60)}号"
        )
    return f"{county_name}{township_name}{village}村{rng.randint(1, 12)}组"


def township_names(rng: random.Random, count: int) -> list[str]:
    """That many distinct invented two-character place names, in seeded order."""
    every = [first + second for first in _TOWN_FIRST for second in _TOWN_SECOND if first != second]
    return rng.sample(every, count)


def _brand(rng: random.Random) -> str:
    while True:
        brand = rng.choice(_BRAND_FIRST) + rng.choice(_BRAND_SECOND)
        if brand not in _KNOWN_BRANDS and brand[0] != brand[1]:
            return brand


def _shorten_place(rng: random.Random, place: str) -> str:
    if place.endswith("街道"):
        return place[:-2]
    if place[-1] in "省市区县镇乡" and rng.random() < 0.5:
        return place[:-1]
    return place


def _legal_form(rng: random.Random, trade: str) -> str:
    return rng.choice(_FORMS_BY_TRADE.get(trade, _LIMITED))
