"""What search knows of the field: names, needs, and which question means which need."""

import copy
import timeit
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.search import knowledge, vocabulary
from store.search.aliases import lexicon
from store.search.lexicon import WIDE
from store.search.needs import match, methods
from store.search.tokens import LONGEST_QUESTION, normalise, squeeze

Tables = dict[str, Any]

CLASSES = [
    "分析仪器",
    "物理性能测试仪器",
    "计量仪器",
    "电子测量仪器",
    "海洋仪器",
    "地球探测仪器",
    "大气探测仪器",
    "特种检测仪器",
    "激光器",
    "工艺试验仪器",
    "计算机及其配套设备",
    "天文仪器",
    "医学科研仪器",
    "核仪器",
    "其他仪器",
]

PLATES = {
    "激光共聚焦显微拉曼光谱仪": "拉曼光谱仪",
    "高温激光共聚焦显微镜": "材料共聚焦显微镜",
    "钨灯丝扫描电子显微镜": "扫描电子显微镜",
    "超高分辨场发射扫描电子显微镜": "扫描电子显微镜",
    "X射线三维显微镜": "工业CT",
    "超高效液相色谱-三重四极杆质谱联用仪": "液相色谱质谱联用仪",
    "三重四极杆气相色谱质谱联用仪": "气相色谱质谱联用仪",
    "全谱直读电感耦合等离子体发射光谱仪": "电感耦合等离子体发射光谱仪",
    "激光剥蚀电感耦合等离子体质谱仪": "电感耦合等离子体质谱仪",
    "多接收电感耦合等离子体质谱仪": "多接收电感耦合等离子体质谱仪",
    "电感耦合等离子体刻蚀机": "刻蚀机",
    "微机控制电子万能试验机": "万能材料试验机",
    "电液伺服疲劳试验机": "疲劳试验机",
    "全自动比表面积及孔隙度分析仪": "比表面积及孔径分析仪",
    "紫外可见近红外分光光度计": "紫外可见分光光度计",
    "近红外谷物分析仪": "近红外光谱仪",
    "热红外成像仪": "红外热像仪",
    "多光束测深系统": "多波束测深系统",
    "数字化X射线实时成像检测系统": "X射线探伤机",
    "手持式三维激光扫描仪": "三维激光扫描仪",
    "大气颗粒物在线监测系统": "大气颗粒物监测仪",
    "高温高压吸附仪": "高压气体吸附仪",
    "基于GPU的深度学习服务器": "GPU服务器",
    "高温真空管式炉": "管式炉",
    "高频红外碳硫分析仪": "碳硫分析仪",
}
"""As ledgers write instruments, and what they are: the longest name decides, not the first."""

SAID = {
    "扫描电子显微镜": "SEM FE-SEM FESEM 扫描电镜 场发射 scanning*electron*microscope",
    "气相色谱质谱联用仪": "气质 气质联用 GC-MS gcms gc/ms",
    "电感耦合等离子体质谱仪": "icpms ICP-MS ICP质谱",
    "三坐标测量机": "三坐标 CMM 三次元 三座标",
    "万能材料试验机": "万能试验机 拉力机 UTM",
    "核磁共振波谱仪": "核磁 NMR",
    "差示扫描量热仪": "差热 DSC 差扫",
    "热重分析仪": "热重 TGA",
    "马弗炉": "马福炉 箱式电阻炉 muffle*furnace",
    "激光粒度分析仪": "激光粒度仪 粒度仪",
    "酶标仪": "ELISA*reader 读板机",
    "电磁兼容测试系统": "暗室 EMC 电波暗室",
    "傅里叶变换红外光谱仪": "FT-IR 傅立叶红外",
    "荧光分光光度计": "荧光光谱仪 TRPL",
    "工业CT": "xct 纳米CT",
}
WIDER = {
    "电镜": ("扫描电子显微镜", "透射电子显微镜", "冷冻电子显微镜"),
    "质谱": ("气相色谱质谱联用仪", "电感耦合等离子体质谱仪", "稳定同位素质谱仪", "加速器质谱"),
    "显微镜": ("金相显微镜", "荧光显微镜", "体视显微镜", "偏光显微镜"),
    "色谱": ("气相色谱仪", "高效液相色谱仪", "离子色谱仪"),
    "光谱": ("直读光谱仪", "拉曼光谱仪", "紫外可见分光光度计"),
    "试验机": ("万能材料试验机", "疲劳试验机", "冲击试验机"),
    "探伤": ("超声波探伤仪", "X射线探伤机", "磁粉探伤机", "涡流检测仪"),
    "CT": ("工业CT", "CT扫描系统", "显微CT"),
    "AMS": ("气溶胶质谱仪", "加速器质谱"),
    "IC": ("离子色谱仪", "集成电路测试系统"),
    "望远镜": ("光学望远镜", "射电望远镜"),
    "雷达": ("探地雷达", "激光雷达"),
}
"""Wider words, and words that may mean several things."""

MEANT = {
    "测土壤里的重金属": "电感耦合等离子体质谱仪 电感耦合等离子体发射光谱仪 原子吸收分光光度计",
    "菜地铅镉超没超标": "电感耦合等离子体质谱仪",
    "测汞": "原子荧光光度计 测汞仪 电感耦合等离子体质谱仪",
    "大米里的砷": "原子荧光光度计",
    "铅含量": "电感耦合等离子体质谱仪",
    "Pb Cd": "电感耦合等离子体质谱仪",
    "heavy metals in soil": "电感耦合等离子体质谱仪",
    "废水六价铬": "紫外可见分光光度计",
    "井水想化验一下": "水质分析仪 离子色谱仪",
    "自来水里有没有氟": "离子色谱仪",
    "水的硬度": "电位滴定仪",
    "轴承钢硬度": "硬度计 显微硬度计",
    "密封圈硬度": "邵氏硬度计",
    "渗碳层硬度梯度": "显微硬度计",
    "新装修的房子甲醛": "室内环境检测设备 紫外可见分光光度计",
    "PM2.5": "大气颗粒物监测仪",
    "玻璃化转变温度": "差示扫描量热仪 动态热机械分析仪",
    "看金属断口形貌": "扫描电子显微镜 体视显微镜",
    "断口的形貌": "扫描电子显微镜",
    "铸件内部缺陷": "工业CT X射线探伤机 超声波探伤仪",
    "锻件探伤": "超声波探伤仪",
    "复合材料层板分层": "超声波探伤仪",
    "这块钢是什么牌号": "直读光谱仪",
    "钛合金成分": "电感耦合等离子体发射光谱仪",
    "铝合金相组织": "金相显微镜",
    "粉末物相": "X射线衍射仪",
    "水泥粒径": "激光粒度分析仪",
    "胶体粒径": "纳米粒度及Zeta电位分析仪",
    "活性炭比表面积": "比表面积及孔径分析仪",
    "混凝土孔隙率": "压汞仪",
    "接触角": "接触角测量仪",
    "催化剂表面元素价态": "X射线光电子能谱仪",
    "石墨烯层数": "拉曼光谱仪",
    "聚乙烯分子量": "凝胶渗透色谱仪",
    "化合物的分子量": "高分辨质谱仪",
    "想确认合成产物的结构": "核磁共振波谱仪",
    "曲轴疲劳寿命": "疲劳试验机",
    "阀芯圆柱度": "圆柱度仪 三坐标测量机",
    "缸盖平面度": "三坐标测量机",
    "导轨粗糙度": "表面轮廓仪",
    "焊接残余应力": "残余应力仪 X射线衍射仪",
    "主轴动平衡": "动平衡机",
    "食用油酸价": "电位滴定仪",
    "枣的维生素C": "高效液相色谱仪",
    "黄瓜农残": "液相色谱质谱联用仪 气相色谱质谱联用仪",
    "小米氨基酸": "氨基酸分析仪",
    "花生的黄曲霉毒素": "液相色谱质谱联用仪",
    "面粉粗蛋白": "近红外光谱仪 凯氏定氮仪",
    "白酒里的塑化剂": "气相色谱质谱联用仪",
    "党参有效成分": "高效液相色谱仪",
    "片剂溶出曲线": "溶出度仪",
    "转录组测序": "高通量测序仪",
    "质粒测通": "一代测序仪",
    "拍活细胞": "激光扫描共聚焦显微镜",
    "T细胞亚群流式检测": "流式细胞仪",
    "跑完胶拍条带": "凝胶成像系统",
    "大鼠骨密度": "显微CT",
    "锆石定年": "电感耦合等离子体质谱仪 二次离子质谱仪",
    "墓葬木头碳十四": "加速器质谱",
    "矿石稀土": "电感耦合等离子体质谱仪",
    "砂岩三轴压缩": "岩石三轴试验机",
    "煤会不会自燃": "煤自燃特性测试装置",
    "原煤发热量": "量热仪",
    "煤层气吸附": "瓦斯吸附解吸测定仪",
    "路面下有空洞": "探地雷达",
    "水库淤积": "多波束测深系统",
    "控制器做电磁兼容": "电磁兼容测试系统",
    "手机高低温循环": "高低温湿热交变试验箱",
    "镀锌件多久生锈": "盐雾腐蚀试验箱",
    "天线增益": "天线测试系统 矢量网络分析仪",
    "吸波涂层反射损耗": "矢量网络分析仪",
    "锂电池循环寿命": "电池充放电测试系统",
    "芯片失效分析": "超声扫描显微镜",
    "硅片方阻": "四探针测试仪",
    "建材放射性": "高纯锗伽马能谱仪",
    "室内氡": "测氡仪",
    "壁画颜料": "X射线荧光光谱仪 拉曼光谱仪",
    "系外行星测光": "光学望远镜",
    "玻璃上飞秒打微孔": "飞秒激光器",
    "拍爆破瞬间": "高速摄像机",
    "跑分子动力学": "高性能计算集群",
    "训练大模型": "GPU服务器",
    "陶瓷烧结": "放电等离子烧结系统",
    "不锈钢3D打印": "金属3D打印机",
    "蓝莓冻干": "冷冻干燥机",
    "量具校准": "量块检定装置",
    "海水盐度": "温盐深仪",
    "测风塔风资源": "激光雷达 风速仪",
}
"""Our own examples, and the instruments that come first."""

NOTHING = [
    "修手机",
    "空调坏了",
    "银行贷款",
    "检查地铁线路",
    "我要投诉",
    "怎么收费",
    "租会议室",
    "买打印机",
    "我有多少券",
    "学钢琴",
    "翻译文件",
    "今天天气怎么样",
    "讲个笑话",
    "加油",
    "停车方便吗",
    "食堂几点开门",
    "取消预约",
    "下周二上午9点",
    "平遥县",
    "sem",
    "你好",
]


def raw() -> Tables:
    return copy.deepcopy(_RAW)


_RAW: Tables = tomllib.loads(knowledge.FILE.read_text("utf-8"))
TABLES = knowledge.tables()
ALIASES = vocabulary.aliases()


def exact(names: list[str]) -> list[str]:
    return [name for name in names if not name.startswith(WIDE)]


def test_every_class_is_known() -> None:
    assert list(ALIASES) == CLASSES
    assert min(map(len, ALIASES.values())) >= 12


def test_the_names_are_many() -> None:
    assert sum(map(len, ALIASES.values())) >= 780
    assert sum(len(exact(names)) for table in ALIASES.values() for names in table.values()) >= 6000


def test_no_name_stands_twice_with_a_thing() -> None:
    twice = [
        name
        for table in ALIASES.values()
        for name, others in table.items()
        if len({squeeze(each) for each in (name, *others)}) <= len(others)
    ]
    assert twice == []


@pytest.mark.parametrize(("plate", "meant"), PLATES.items())
def test_ledger_names(plate: str, meant: str) -> None:
    assert {token for token in lexicon().tokens_of(plate) if token[0] == "#"} == {f"#{meant}"}


@pytest.mark.parametrize(("meant", "words"), SAID.items())
def test_other_names(meant: str, words: str) -> None:
    for word in words.split():
        assert lexicon().words[squeeze(word.replace("*", " "))].concepts == (meant,)


@pytest.mark.parametrize(("word", "some"), WIDER.items())
def test_wider_words(word: str, some: tuple[str, ...]) -> None:
    assert set(some) <= set(lexicon().words[squeeze(word)].wider)


def test_the_needs_are_many() -> None:
    assert len(TABLES.needs) >= 750
    assert sum(phrase.ask is not None for phrase in TABLES.phrases.values()) >= 5000
    assert len(TABLES.lines) >= 140


def test_every_class_meets_needs() -> None:
    used = {name for need in TABLES.needs.values() for name in need.methods}
    assert {kind for kind, table in ALIASES.items() if used.isdisjoint(table)} == set()
    assert len(used) >= 600


def test_limits_are_told_where_they_decide() -> None:
    assert sum(bool(need.limits) for need in TABLES.needs.values()) >= 270
    assert max(len(need.limits) for need in TABLES.needs.values()) <= 66


def break_key(tables: Tables) -> None:
    tables["need"]["接触角"]["price"] = 3


def break_method(tables: Tables) -> None:
    tables["need"]["接触角"]["methods"].append("SEM")


def break_matter(tables: Tables) -> None:
    tables["need"]["接触角"]["matter"].append("月球")


def break_group(tables: Tables) -> None:
    tables["need"]["接触角"]["asks"].append("@没有")


def break_basis(tables: Tables) -> None:
    tables["need"]["接触角"]["basis"] = []


def break_matters(tables: Tables) -> None:
    tables["matter"]["土壤"]["in"] = "沉积物"


def break_answer(tables: Tables) -> None:
    tables["need"]["土壤汞"]["asks"].append("@重金属")


def break_default(tables: Tables) -> None:
    tables["need"]["接触角"]["asks"].append("噪声")


def break_weakness(tables: Tables) -> None:
    tables["need"]["接触角"]["asks"].append("~疲劳")
    tables["need"]["接触角"]["anywhere"] = False


@pytest.mark.parametrize(
    "break_it",
    [
        break_key,
        break_method,
        break_matter,
        break_group,
        break_basis,
        break_matters,
        break_answer,
        break_default,
        break_weakness,
    ],
)
def test_tables_that_do_not_hold_are_refused(break_it: Callable[[Tables], None]) -> None:
    tables = raw()
    knowledge.build(tables)
    break_it(tables)
    with pytest.raises(ValueError, match=r"need|matter|ask"):
        knowledge.build(tables)


@pytest.mark.parametrize(("question", "best"), MEANT.items())
def test_needs(question: str, best: str) -> None:
    wanted = best.split()
    assert list(methods(match(question))[: len(wanted)]) == wanted


@pytest.mark.parametrize("question", NOTHING)
def test_no_need(question: str) -> None:
    assert match(question) == []


def test_what_was_understood() -> None:
    [meant] = match("请问测土壤里的重金属，平遥有吗")
    assert (meant.need.name, meant.matter, meant.words) == ("土壤重金属", "土壤", ("重金属",))
    assert meant.said == "土壤重金属"
    assert meant.spans == ((3, 5), (7, 10))
    assert "HJ 803" in meant.need.basis


def test_the_nearest_matter_chooses() -> None:
    names = {
        question: [meant.need.name for meant in match(question)]
        for question in ("粮食水分", "小麦水分", "苹果水分", "原煤水分", "水分")
    }
    assert names["小麦水分"] == names["粮食水分"] == ["粮食蛋白水分"]
    assert names["苹果水分"] == ["食品水分灰分"]
    assert names["原煤水分"] == ["煤工业分析"]
    assert names["水分"] == ["水分微量"]


def test_two_things_asked_at_once() -> None:
    both = match("土壤和水里的重金属")
    assert [meant.need.name for meant in both] == ["土壤重金属", "水中重金属"]
    assert [meant.need.name for meant in match("牛肉的兽残和重金属")] == [
        "食品兽药残留",
        "食品重金属",
    ]
    assert methods(match("大米的镉和汞"))[:1] == ("电感耦合等离子体质谱仪",)


def test_of_words_that_follow_each_other_the_last_is_meant() -> None:
    assert [meant.need.name for meant in match("疲劳断口")] == ["断口", "疲劳"]


def test_latin_words_are_whole() -> None:
    assert match("ph")
    assert match("graph") == []
    assert match("tg温度")
    assert [meant.need for meant in match("C-V曲线")] == [meant.need for meant in match("cv曲线")]


@given(st.text(max_size=3 * LONGEST_QUESTION) | st.sampled_from(sorted(MEANT)).map(lambda q: q * 9))
def test_any_text_is_read(question: str) -> None:
    plain = normalise(question[:LONGEST_QUESTION])
    for meant in match(question):
        assert meant.words
        assert meant.need.methods
        for start, end in meant.spans:
            assert 0 <= start < end <= len(plain)


def test_it_takes_microseconds() -> None:
    """About 15 µs on one core; the bound leaves room for a busy one."""
    questions = list(MEANT)
    taken = min(timeit.repeat(lambda: list(map(match, questions)), number=1, repeat=5))
    assert taken / len(questions) < 150e-6
