"""What the exposed violations look like: facts, law, measures and scene of each kind.

A script's ``facts`` is filled with ``firm``, ``day``, ``bureau``, ``person`` and ``amount``
(a number with its unit); no text carries a full personal name, a phone or an identity number.

Sources: 环境保护法 (2014) arts 59-63; 环境影响评价法 (2002) art. 31; 水污染防治法 (2008)
arts 73-75; 大气污染防治法 (2015) art. 99; 固体废物污染环境防治法 (2015) arts 68, 75;
MEP Orders 28-31.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """One kind of case.

    Attributes:
        violation_type: Word of the schema's enum.
        media: Which firms it fits: 水, 大气, 固废 or 任意.
        scene: Name of the drawing in `pictures`.
        facts: Two or three narratives with named gaps.
        amount: Lowest and highest of the quantity in ``{amount}``, with its unit.
        legal_basis: Clauses the decision rests on.
        measures: Alternatives of measures, each in the schema's 、-joined form.
        fine: Lowest and highest fine, 万元.
        weight: How often it is exposed, relative to the others.

    """

    violation_type: str
    media: str
    scene: str
    facts: tuple[str, ...]
    amount: tuple[int, int, str]
    legal_basis: str
    measures: tuple[str, ...]
    fine: tuple[float, float]
    weight: int = 6


SCRIPTS: tuple[Script, ...] = (
    Script(
        "超标排放",
        "水",
        "outfall",
        (
            "{day}，{bureau}执法人员对{firm}开展突击检查，在废水总排放口采样监测，化学需氧量浓度为{amount}，"
            "超过执行标准限值。经查，该单位污水处理站曝气系统老化，负责人{person}未及时安排检修。",
            "{day}，{firm}废水总排放口自动监测数据连续多个小时超标，{bureau}随即组织现场核查，手工比对化学需氧量为"
            "{amount}，超标事实成立。该单位生产负荷超过污水处理能力，当班人员{person}未按规程限产。",
        ),
        (168, 890, "毫克/升"),
        "《中华人民共和国水污染防治法》第七十四条第一款；《中华人民共和国环境保护法》第六十条",
        ("责令改正、罚款", "责令改正、罚款、限制生产", "责令改正、罚款、停产整治"),
        (2, 24),
        weight=10,
    ),
    Script(
        "超标排放",
        "大气",
        "chimney",
        (
            "{day}，{bureau}对{firm}锅炉烟囱开展监督性监测，外排烟气中颗粒物折算浓度为{amount}，超过执行标准限值。"
            "现场检查发现布袋除尘器多条滤袋破损，设备主管{person}称备件未到货，仍继续生产。",
            "{day}，群众反映{firm}烟囱冒黑烟。{bureau}执法人员到场监测，颗粒物折算浓度为{amount}，超过执行标准限值。"
            "该单位除尘系统漏风严重，环保管理人员{person}未建立检修记录。",
        ),
        (96, 420, "毫克/立方米"),
        "《中华人民共和国大气污染防治法》第九十九条第二项；《中华人民共和国环境保护法》第六十条",
        ("责令改正、罚款", "责令改正、罚款、限制生产", "责令改正、罚款、停产整治"),
        (10, 45),
        weight=10,
    ),
    Script(
        "设施不正常运行",
        "大气",
        "chimney",
        (
            "{day}夜间，{bureau}执法人员巡查发现{firm}正在生产，但配套脱硫塔循环泵未开启，烟气经旁路直排，持续约"
            "{amount}。生产负责人{person}承认为节省电费擅自停运治理设施。",
            "{day}，{bureau}检查{firm}时发现，有机废气收集风机停运，活性炭箱门敞开，车间异味明显，设施停运约{amount}。"
            "车间主任{person}未向环保部门报告停运情况。",
        ),
        (3, 46, "小时"),
        "《中华人民共和国大气污染防治法》第九十九条第三项",
        ("责令改正、罚款", "责令改正、罚款、查封扣押", "责令改正、罚款、停产整治"),
        (10, 40),
        weight=8,
    ),
    Script(
        "设施不正常运行",
        "水",
        "pools",
        (
            "{day}，{bureau}执法人员检查{firm}污水处理站，发现加药系统停用、污泥回流泵损坏，生化池内污泥基本流失，"
            "设施不正常运行已约{amount}。站长{person}未填写运行台账，也未报告故障。",
            "{day}，{bureau}对{firm}开展双随机抽查，现场气浮设备断电，调节池液位接近溢流，累计停运约{amount}。"
            "运行人员{person}为应付检查补填运行记录，被当场查实。",
        ),
        (4, 70, "小时"),
        "《中华人民共和国水污染防治法》第七十三条",
        ("责令改正、罚款", "责令改正、罚款、查封扣押", "责令改正、罚款、限制生产"),
        (3, 20),
        weight=8,
    ),
    Script(
        "逃避监管排污",
        "水",
        "outfall",
        (
            "{day}凌晨，{bureau}联合公安机关突击检查{firm}，发现厂区围墙下铺设有一根软管，将未经处理的生产废水引至墙外"
            "沟渠排放，当日已排放约{amount}。直接责任人员{person}对私设暗管的事实供认不讳。",
            "{day}，{bureau}根据线索检查{firm}，在雨水井内查获暗管一处，生产废水通过雨水管网外排约{amount}，排水口"
            "水体颜色异常。生产主管{person}承认指使工人趁夜间排放。",
        ),
        (6, 85, "吨"),
        "《中华人民共和国水污染防治法》第七十五条第二款；《中华人民共和国环境保护法》第六十三条第三项",
        (
            "责令改正、罚款、查封扣押、移送行政拘留",
            "责令改正、罚款、移送行政拘留",
            "责令改正、查封扣押、移送涉嫌犯罪",
        ),
        (5, 30),
        weight=10,
    ),
    Script(
        "危险废物违法",
        "固废",
        "drums",
        (
            "{day}，{bureau}检查{firm}时发现，厂区北侧空地露天堆放废矿物油桶和废漆渣，共约{amount}，未设置危险废物识别"
            "标志，地面无防渗措施。仓库管理人员{person}未建立危险废物管理台账。",
            "{day}，{bureau}查明{firm}将电镀污泥约{amount}交由无经营许可证的个人运走倾倒，转移过程未填写危险废物转移联单。"
            "经办人{person}已被公安机关控制，倾倒地块正在清理。",
        ),
        (2, 38, "吨"),
        "《中华人民共和国固体废物污染环境防治法》第七十五条；《中华人民共和国环境保护法》第六十九条",
        ("责令改正、罚款", "责令改正、罚款、查封扣押", "责令改正、罚款、移送涉嫌犯罪"),
        (2, 20),
        weight=9,
    ),
    Script(
        "固体废物违法",
        "任意",
        "heap",
        (
            "{day}，{bureau}执法人员巡查发现{firm}厂区外侧坡地倾倒炉渣、废边角料等工业固体废物约{amount}，未采取防扬散、"
            "防流失措施，雨水冲刷后污水流入农田。负责人{person}称临时堆放，但无任何审批手续。",
            "{day}，{firm}将一般工业固体废物约{amount}堆存于河滩，未覆盖、未围挡，被{bureau}巡查人员发现。现场管理人员"
            "{person}无法提供处置协议，{bureau}责令限期清运。",
        ),
        (18, 460, "吨"),
        "《中华人民共和国固体废物污染环境防治法》第六十八条第一款",
        ("责令改正、罚款",),
        (1, 5),
        weight=6,
    ),
    Script(
        "监测数据造假",
        "大气",
        "station",
        (
            "{day}，{bureau}检查{firm}自动监控站房，发现烟气采样管被私自加装稀释接头，导致二氧化硫数据偏低，涉及时段约"
            "{amount}。运维人员{person}承认受单位指使干扰采样。",
            "{day}，{bureau}比对监测发现{firm}在线数据与实测值相差悬殊，经查，量程参数被人为修改，造假时段约{amount}。"
            "环保专员{person}对修改参数的行为供认不讳。",
        ),
        (6, 120, "小时"),
        "《中华人民共和国大气污染防治法》第九十九条第三项；《中华人民共和国环境保护法》第六十三条第三项",
        ("责令改正、罚款、移送行政拘留", "责令改正、罚款、停产整治、移送行政拘留"),
        (10, 50),
        weight=4,
    ),
    Script(
        "无证排污",
        "任意",
        "sealed",
        (
            "{day}，{bureau}检查发现{firm}未取得排污许可证即从事生产，两条生产线正在运行，日排放废水约{amount}。此前该单位"
            "已收到责令停止排污通知，负责人{person}拒不执行，继续违法排污。",
            "{day}，{bureau}复查{firm}时发现，该单位排污许可证到期后未办理延续，仍照常生产，日排放废水约{amount}。"
            "法定代表人委托的负责人{person}称正在补办手续。",
        ),
        (5, 120, "吨"),
        "《中华人民共和国环境保护法》第四十五条、第六十三条第二项",
        ("责令改正、罚款、查封扣押", "责令改正、罚款、停产整治", "责令改正、罚款、移送行政拘留"),
        (5, 30),
        weight=5,
    ),
    Script(
        "未批先建",
        "任意",
        "construction",
        (
            "{day}，{bureau}检查发现{firm}未依法报批环境影响评价文件，擅自开工建设新厂房和生产线，已完成投资约{amount}。"
            "{bureau}当场责令停止建设，项目负责人{person}在检查笔录上签字确认。",
            "{day}，{bureau}执法人员发现{firm}扩建项目主体设备已安装到位，但环境影响报告表尚未获批，已完成投资约{amount}。"
            "该单位负责人{person}称为赶工期先行建设。",
        ),
        (60, 1800, "万元"),
        "《中华人民共和国环境影响评价法》第三十一条；《中华人民共和国环境保护法》第六十一条",
        ("责令停止建设、罚款", "责令停止建设、罚款、恢复原状"),
        (5, 20),
        weight=4,
    ),
    Script(
        "未验先投",
        "任意",
        "sealed",
        (
            "{day}，{bureau}检查发现{firm}技改项目需要配套建设的环境保护设施未经验收，主体工程已投入生产约{amount}。"
            "现场粉尘收集设施尚未接通，负责人{person}未能提供验收申请材料。",
            "{day}，{bureau}对{firm}开展“三同时”检查，该单位新增生产线未经环保验收即投入使用，运行约{amount}。"
            "生产负责人{person}承认收到整改通知后仍未停产。",
        ),
        (15, 240, "天"),
        "《建设项目环境保护管理条例》第二十八条",
        ("责令改正、罚款", "停产整治、罚款", "责令改正、罚款、查封扣押"),
        (3, 10),
        weight=6,
    ),
    Script(
        "批建不符",
        "任意",
        "construction",
        (
            "{day}，{bureau}检查发现{firm}实际建设内容与环评批复不符，擅自增加反应釜并变更生产工艺，新增设备投资约"
            "{amount}，未重新报批环境影响评价文件。技术负责人{person}对变动情况无异议。",
        ),
        (30, 600, "万元"),
        "《中华人民共和国环境影响评价法》第二十四条、第三十一条",
        ("责令停止建设、罚款", "责令改正、罚款"),
        (5, 18),
        weight=2,
    ),
    Script(
        "未依法公开环境信息",
        "任意",
        "board",
        (
            "{day}，{bureau}核查发现，列入重点排污单位名录的{firm}逾期{amount}仍未公开排污信息和防治污染设施运行情况，"
            "厂门口电子屏长期黑屏。环保管理人员{person}称不清楚公开要求。",
        ),
        (12, 90, "天"),
        "《中华人民共和国环境保护法》第六十二条；《企业事业单位环境信息公开办法》第十六条",
        ("责令改正、罚款",),
        (0.5, 3),
        weight=4,
    ),
)

DAILY_PENALTY_SCRIPT = Script(
    "超标排放",
    "任意",
    "outfall",
    (
        "{day}，{bureau}对{firm}复查，废水总排放口总磷浓度仍超过执行标准限值，属拒不改正。自责令改正次日起至复查日共"
        "{amount}，依法按日连续处罚。该单位副总经理{person}在复查笔录上签字。",
    ),
    (4, 12, "天"),
    "《中华人民共和国环境保护法》第五十九条；《环境保护主管部门实施按日连续处罚办法》第十七条",
    ("责令改正、罚款、按日连续处罚",),
    (2, 6),
)
"""The fine here is the original daily amount; the case's fine is that amount times the days."""

PROJECT_FACTS: dict[str, tuple[str, ...]] = {
    "未批先建": (
        "{day}，{bureau}在台账核查中发现，{firm}“{project}”未依法报批环境影响评价文件即擅自建成，台账整改时限临近仍"
        "未停工。{bureau}现场责令停止建设，负责人{person}签收决定文书。",
        "{day}，{bureau}对列入违法违规建设项目台账的{firm}“{project}”开展复查，该项目未取得环评批复，设备仍在运行，"
        "厂区无雨污分流措施。负责人{person}承诺限期落实整改。",
    ),
    "未验先投": (
        "{day}，{bureau}核查发现，{firm}“{project}”配套环境保护设施未经验收，主体工程已投入使用，污染治理设施未见运行"
        "记录。{bureau}责令限期整改，负责人{person}对违法事实无异议。",
    ),
    "批建不符": (
        "{day}，{bureau}核查发现，{firm}“{project}”实际规模和工艺与环评批复不一致，变动后未重新报批。{bureau}责令停止"
        "擅自变动部分的建设，技术负责人{person}在笔录上签字。",
    ),
}

PROJECT_LAW: dict[str, tuple[str, str, float, float, str]] = {
    "未批先建": ("责令停止建设、罚款", "construction", 5, 20, "《环境影响评价法》第三十一条"),
    "未验先投": ("责令改正、罚款", "sealed", 3, 10, "《建设项目环境保护管理条例》第二十八条"),
    "批建不符": ("责令停止建设、罚款", "construction", 5, 18, "《环境影响评价法》第三十一条"),
}

REPLIES: tuple[str, ...] = (
    "我单位诚恳接受处理，已完成问题整改，整改报告已报送属地环保部门。",
    "我单位对有关事实无异议，已对责任岗位人员进行处理，今后将加强日常巡检。",
    "我单位已缴纳罚款并逐项落实整改，现申请环保部门组织现场核查。",
    "我单位已制定整改方案并在厂区公告栏公示，欢迎周边居民监督。",
)

REPLIES_BY_TYPE: dict[str, str] = {
    "设施不正常运行": "设施停运时长应扣除停电时段，我单位已向环保部门提交供电证明，请予核实。",
    "超标排放": "我单位已更换损坏的治理设备，并委托有资质的第三方机构监测，结果已报送环保部门。",
    "逃避监管排污": "我单位已拆除并封堵违规管线，对相关责任人作出处理，接受社会监督。",
    "未依法公开环境信息": "我单位已修复厂门口电子屏，并在公开平台补充公开了排污信息。",
}
"""A reply that fits the kind of violation, given about half the time."""
