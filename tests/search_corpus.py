"""A seeded corpus of invented records for the search tests and the search benchmark.

18,407 entity records (14,015 projects, 4,392 enterprises) and the small kinds beside them, with
the collisions of a real register: shared brand words, owners with several projects, names that
differ in one character, codes that share a district's prefix. Everything in it is invented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from generator.site.search.records import SearchRecord

PLACE_HEADS = "云屏青溪墨岭桐荫霁川苇渡碧澜芷湾砚池雁洲栖霞蓼汀沐原璟山澄湖鹿鸣琅坪荻浦".strip()
PLACE_TAILS = "屏溪岭川渡澜湾池洲霞汀原山湖坪浦桥塘泉墩"
TOWN_TAILS = ("镇", "镇", "乡", "街道")
BRANDS = "恒诚瑞泰宏远华盛金鼎益嘉永信博达鑫隆凯德和顺同辉天佑正阳腾跃锦绣通泰利源荣昌新锐"
TRADES = (
    "机械制造",
    "塑料制品",
    "化工",
    "环保科技",
    "污水处理",
    "电镀",
    "建材",
    "食品",
    "印染",
    "纺织",
    "汽车零部件",
    "家具",
    "再生资源",
    "新材料",
    "电子科技",
    "医药",
    "造纸",
    "水泥",
    "畜禽养殖",
    "商砼",
    "铸造",
    "表面处理",
    "包装材料",
    "木业",
    "陶瓷",
)
FORMS = ("有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司", "厂", "合作社")
PRODUCTS = (
    "塑料制品",
    "水泥预制件",
    "机械配件",
    "电镀件",
    "商品混凝土",
    "包装纸箱",
    "汽车轮毂",
    "饲料",
    "涂料",
    "铝型材",
    "再生颗粒",
    "医用敷料",
    "陶瓷砖",
    "家具板材",
    "活性炭",
    "PVC管材",
)
UNITS = ("吨", "万件", "万套", "立方米", "台")
PROJECT_TAILS = ("生产线项目", "建设项目", "技术改造项目", "扩建项目", "迁建项目", "项目")
SERVICES = (
    "养殖场建设项目",
    "加油站",
    "汽车维修车间",
    "门诊部放射诊疗项目",
    "污水处理站提标改造工程",
    "餐饮服务项目",
    "住宅小区开发项目",
    "采石场",
    "物流仓储项目",
    "道路改造工程",
)
SECTORS = (
    "工业企业",
    "工业园区",
    "畜禽养殖",
    "污水处理厂",
    "放射源与射线装置",
    "医疗机构",
    "餐饮服务",
    "汽车维修",
    "加油加气站",
    "房地产开发",
    "旅游度假",
    "矿产资源开发",
    "交通运输与仓储",
    "市政基础设施",
)
VIOLATIONS = ("未批先建", "批建不符", "未验先投", "久试不验", "其他")
STAGES = ("排查", "登记", "整改", "消除", "销号")
ROADS = ("工业大道", "创业路", "滨河路", "兴园路", "环城北路", "富民街", "科技二路", "新村")
INDUSTRIES = (
    "通用零部件制造",
    "塑料零件及其他塑料制品制造",
    "污水处理及其再生利用",
    "金属表面处理及热处理加工",
    "水泥制品制造",
    "牲畜饲养",
    "化学药品原料药制造",
    "棉印染精加工",
    "机制纸及纸板制造",
    "汽车零部件及配件制造",
    "危险废物治理",
    "木质家具制造",
    "食品制造",
    "非金属废料和碎屑加工处理",
)
POLLUTANTS = (
    "化学需氧量",
    "氨氮",
    "总磷",
    "总氮",
    "二氧化硫",
    "氮氧化物",
    "颗粒物",
    "挥发性有机物",
    "六价铬",
    "总镍",
    "石油类",
    "苯系物",
)
FACTS = (
    "现场检查发现该单位喷漆工序未密闭，废气收集设施未运行，车间内有明显异味。",
    "该单位雨水沟内有积水，颜色发黑，经采样监测，化学需氧量超过排放标准二点三倍。",
    "危险废物贮存间未设置识别标志，废机油桶露天堆放，地面防渗层破损。",
    "该项目未取得环境影响评价批复即开工建设，主体厂房已建成，设备正在安装。",
    "污水处理站曝气池停运，在线监测采样管路被人为断开，数据长时间恒定不变。",
)
CODE_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def make_places(random: Random, count: int) -> list[str]:
    """`count` different two-character place names."""
    pairs = sorted({a + b for a in PLACE_HEADS for b in PLACE_TAILS if a != b})
    if count <= len(pairs):
        return random.sample(pairs, count)
    triples = sorted({a + b + c for a in PLACE_HEADS for b in PLACE_TAILS for c in "东西南北中"})
    return pairs + random.sample(triples, count - len(pairs))


def make_credit_code(random: Random, division: str) -> str:
    return f"91{division}" + "".join(random.choice(CODE_CHARS) for _ in range(10))


class CorpusMaker:
    """Makes the records of `districts` districts; each draws from its own random stream."""

    def __init__(self, seed: int, districts: int) -> None:
        self.seed = seed
        places = make_places(Random(f"{seed}:places"), districts)
        self.districts = [
            (f"99{1 + n // 80:02d}{1 + n % 80:02d}", name + ("区" if n % 3 else "县"))
            for n, name in enumerate(places)
        ]
        towns = Random(f"{seed}:towns")
        self.towns: dict[str, list[str]] = {
            code: [t + towns.choice(TOWN_TAILS) for t in make_places(towns, 25)]
            for code, _ in self.districts
        }
        # Ten times the districts is ten provinces: their firms have more names to choose from.
        self.brands = sorted({a + b for a in BRANDS for b in BRANDS if a != b})

    def firm_name(self, random: Random, place: str) -> str:
        brand = random.choice(self.brands)
        return (
            (place[:-1] if random.random() < 0.6 else "")
            + brand
            + random.choice(TRADES)
            + random.choice(FORMS)
        )

    def address(self, random: Random) -> str:
        return f"{random.choice(ROADS)}{random.randint(1, 399)}号"

    def enterprise(self, district: tuple[str, str], number: int) -> SearchRecord:
        code, place = district
        random = Random(f"{self.seed}:enterprise:{code}:{number}")
        credit = make_credit_code(random, code)
        site = f"{credit}{random.randint(1, 3):03d}{random.choice('PQRVUWXY')}"
        name = self.firm_name(random, place)
        town = random.choice(self.towns[code])
        rate = random.choice((100, 100, 97, 94, 91, 88, 82, 76, 64, 45, 30))
        fields: list[tuple[str, str]] = [
            ("industry", random.choice(INDUSTRIES)),
            ("address", self.address(random)),
        ]
        if random.random() < 0.15:
            fields.append(("former_name", self.firm_name(random, place)))
        if random.random() < 0.4:
            fields.append(("short_name", name[:4]))
        fields += [("product", p) for p in random.sample(PRODUCTS, random.randint(1, 2))]
        fields += [("pollutant", p) for p in random.sample(POLLUTANTS, random.randint(1, 4))]
        return SearchRecord(
            id=site,
            kind="enterprise",
            url=f"enterprise/{site}.html",
            title=name,
            subtitle="",
            district=code,
            township=town,
            fields=tuple(fields),
            facets={"completeness": f"{rate // 10 * 10}%"},
            date=f"201{random.randint(4, 6)}-03-01",
            fine=None,
            rate=rate,
            codes=(credit, site),
        )

    def project(
        self, district: tuple[str, str], letter: str, number: int, firms: Sequence[SearchRecord]
    ) -> SearchRecord:
        code, place = district
        ledger = f"{code}-{letter}-{number:05d}"
        random = Random(f"{self.seed}:project:{ledger}")
        known = firms and random.random() < 0.3
        firm = random.choice(firms) if known else None
        owner = firm.title if firm else self.firm_name(random, place)
        if random.random() < 0.6:
            title = (
                f"年产{random.randint(1, 90) * 100}{random.choice(UNITS)}"
                f"{random.choice(PRODUCTS)}{random.choice(PROJECT_TAILS)}"
            )
        else:
            title = random.choice(self.towns[code])[:2] + random.choice(SERVICES)
        if random.random() < 0.7:
            title = owner + title
        sector = random.choices(SECTORS, (50, 3, 12, 3, 2, 4, 6, 5, 3, 4, 1, 3, 3, 3))[0]
        stage = random.choices(STAGES, (2, 3, 9, 6, 80))[0]
        overdue = stage != "销号" and random.random() < 0.3
        fined = random.random() < 0.2
        return SearchRecord(
            id=ledger,
            kind="project",
            url=f"project/{ledger}.html",
            title=title,
            subtitle=owner,
            district=code,
            township=random.choice(self.towns[code]),
            fields=(("owner", owner), ("address", self.address(random)), ("sector", sector)),
            facets={
                "sector": sector,
                "violation_type": random.choices(VIOLATIONS, (45, 15, 25, 8, 7))[0],
                "batch": {"T": "淘汰关闭", "Z": "整顿规范", "B": "完善备案"}[letter],
                "stage": stage,
                "overdue": "已逾期" if overdue else "未逾期",
            },
            date=f"{random.choice((2013, 2014, 2015, 2015, 2016))}-{random.randint(1, 12):02d}-"
            f"{random.randint(1, 28):02d}",
            fine=random.randint(1, 90) * 10000 if fined else None,
            rate=None,
            codes=(ledger, firm.codes[0]) if firm else (ledger,),
        )


def make_case(maker: CorpusMaker, number: int) -> SearchRecord:
    random = Random(f"{maker.seed}:case:{number}")
    code, place = random.choice(maker.districts)
    week = 17 + number % 10
    case = f"BG2016W{week:02d}-{number // 10 + 1:03d}"
    name = maker.firm_name(random, place)
    facts = "".join(random.sample(FACTS, 2)) + f"现场负责人称设备已停用{random.randint(2, 90)}天。"
    violation = random.choice(("超标排放", "无证排污", "未批先建", "危险废物违法"))
    return SearchRecord(
        id=case,
        kind="case",
        url=f"case/{case}.html",
        title=f"{name}{violation}案",
        subtitle=f"2016年第{week}周曝光",
        district=code,
        township="",
        fields=(("owner", name), ("narrative", facts)),
        facets={"violation_type": violation},
        date=f"2016-{week // 5 + 1:02d}-{number % 28 + 1:02d}",
        fine=random.randint(1, 50) * 10000,
        rate=None,
        codes=(case,),
    )


def make_small_kinds(maker: CorpusMaker) -> list[SearchRecord]:
    """Districts, townships, bodies, duties, weeks, bulletins, fields and pages."""
    records: list[SearchRecord] = []

    def add(
        kind: str,
        id: str,  # noqa: A002 the field of a record
        title: str,
        district: str = "",
        date: str = "",
        fields: tuple[tuple[str, str], ...] = (),
    ) -> None:
        records.append(
            SearchRecord(
                id=id,
                kind=kind,
                url=f"{kind}/{id.lower()}.html",
                title=title,
                subtitle="",
                district=district,
                township="",
                fields=fields,
                facets={},
                date=date,
                fine=None,
                rate=None,
                codes=(id,) if kind in ("district", "township") else (),
            )
        )

    for code, place in maker.districts:
        add("district", code, place, code)
        for n, town in enumerate(maker.towns[code]):
            add("township", f"{code}{n + 1:03d}", town, code)
    for n, (part, post) in enumerate(
        (p, q)
        for p in ("环境保护", "发展改革", "公安", "水务")
        for q in ("主管部门", "督查组", "联络员")
    ):
        add(
            "body",
            f"body-{n + 1:02d}",
            f"示例省{part}{post}",
            fields=(("description", f"负责{part}领域违法建设项目清理整顿的牵头和督促"),),
        )
        add("duty", f"duty-{n + 1:02d}", f"{part}{post}职责清单")
    for week in range(1, 27):
        add(
            "week", f"2016-W{week:02d}", f"2016年第{week}周曝光台", date=f"2016-0{week // 5 + 1}-01"
        )
        add(
            "bulletin",
            f"2016-W{week:02d}",
            f"2016年第{week}期通报",
            date=f"2016-0{week // 5 + 1}-01",
        )
    for n, pollutant in enumerate(POLLUTANTS):
        for m, suffix in enumerate(("排放浓度", "许可排放量", "年排放总量", "监测频次")):
            add(
                "field",
                f"field-{n:02d}-{m}",
                pollutant + suffix,
                fields=(
                    ("owner", f"table_{m}"),
                    ("description", f"{pollutant}的{suffix}，按许可证填报"),
                ),
            )
    add(
        "page",
        "about",
        "关于本站",
        fields=(("body", "本站公开排污单位环境信息，数据来自各区县报送，可以下载和转载。"),),
    )
    add(
        "page",
        "guide",
        "怎样查一家企业",
        fields=(("body", "在搜索框里输入企业名称、统一社会信用代码或者地址的一部分。"),),
    )
    return records


def make_corpus(seed: int = 20160703, scale: int = 1) -> list[SearchRecord]:
    """The corpus: 18,407 × `scale` entity records and the small kinds, sorted by kind and id."""
    districts = 40 * scale
    maker = CorpusMaker(seed, districts)
    records: list[SearchRecord] = []
    for number, district in enumerate(maker.districts):
        firms = [
            maker.enterprise(district, n)
            for n in range(
                4392 * scale * (number + 1) // districts - 4392 * scale * number // districts
            )
        ]
        records += firms
        share = 14015 * scale * (number + 1) // districts - 14015 * scale * number // districts
        for letter, part in (("T", 15), ("Z", 35), ("B", 50)):
            count = share * part // 100 + (
                share - sum(share * p // 100 for p in (15, 35, 50)) if letter == "B" else 0
            )
            records += [maker.project(district, letter, n + 1, firms) for n in range(count)]
    records += [make_case(maker, n) for n in range(106 * scale)]
    records += make_small_kinds(maker)
    return sorted({(r.kind, r.id): r for r in records}.values(), key=lambda r: (r.kind, r.id))


def district_names(seed: int = 20160703, scale: int = 1) -> Mapping[str, str]:
    """Division code to name for the corpus."""
    return dict(CorpusMaker(seed, 40 * scale).districts)
