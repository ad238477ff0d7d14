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
_KNOWN_BRANDS = frozenset(
    "恒大 恒瑞 万达 华润 金光 金龙 金川 金田 海尔 大江 大海 云南 云海 云天 星美 星辉 瑞安 瑞茂 泰康 鸿海 鸿达 永辉 永荣 永丰 "
    "同仁 康美 康恩 康明 宏达 宏泰 宏华 联华 联美 联想 富力 富春 富士 兴业 兴发 盛大 通威 通源 大洋 大明 大康 大通 中海 正泰 "
    "正大 德力 德豪 和泰 金山 金杰 金隆 安泰 安源 凯美 信达 信泰 清华 蓝光 蓝星 蓝科 林海 森源 绿源 达安 达华 创维 联泰 华泰 "
    "华信 华明 利源 利达 隆华 隆源 润泰 润达 润华 合力 合康 裕隆 旺旺 大华 金诚 金泰 元泰 鼎泰 鼎信 卓达 天源 玉林 玉溪 "
    "嘉兴 嘉禾 永康 永安 泰安 安康 德阳 德兴 兴安 大丰 大同 大田 信阳 同江 富阳 宁海 清江 云阳 和田 义乌 丰城 祥云 润阳 "
    "林州 正阳 正安 永川 永春 永嘉 永泰 昌江 昌宁 昌黎 顺昌 德江 德安 德昌 合江 合川 通江 通海 通山 凌海 凌源 兴山 兴隆 "
    "兴海 隆昌 隆安 康达 汇源 信华 元阳 大安 大宁 旺达 江河 富源 富川 富宁 富锦 清河 沃特 沃华 科达 林口 星河 瑞昌 瑞金 "
    "金阳 金华 金秋 盛泰 宏盛 安阳 安宁 达川 源达 同力 金昌 金河 金安".split()
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

_TOWN_FIRST = (
    "芦柳桐枫榆槐樟楠梧桑枣杏梨桃梅荷菱茗麦粟棉雁鹤鹭鸥鹿鹊燕凫云霞雾霜露雪曦霁岚澜汐渌漪溯汀砚墨琴棋书锦绮珩璧琅瑶"
)
_TOWN_SECOND = "溪川渚屿岭坡塘湾泉浦沟坪垭屏原洼渡桥陂垌汀埠庄寨"

# How a firm of a trade is usually constituted; all others are limited companies.
_FORMS_BY_TRADE: dict[str, tuple[str, ...]] = {
    "生猪养殖": ("专业合作社", "养殖场", "家庭农场", "农业开发有限公司"),
    "肉鸡养殖": ("专业合作社", "养殖场", "家庭农场", "禽业有限公司"),
    "蛋鸡养殖": ("专业合作社", "养殖场", "家庭农场", "禽业有限公司"),
    "肉牛养殖": ("专业合作社", "养殖场", "牧业有限公司"),
    "山羊养殖": ("专业合作社", "养殖场", "牧业有限公司"),
    "麻鸭养殖": ("专业合作社", "养殖场"),
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
        return f"{county_name}{township_name}工业集中区{rng.choice('ABCDE')}区{rng.randint(1, 60)}号"
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
