"""Other cities' ledgers: other words, other order, other shapes; the same instruments come out."""

# ruff: noqa: E501 - a table's row is read in one line

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from store.ledger import read
from tests.store.ledger import specimens
from tests.store.ledger.specimens import ALL, CMM, DSC, ICP, TEM, csv, ods, told, xlsx

DAY = datetime(2018, 6, 15)  # noqa: DTZ001 - spreadsheets know no zone
PLAIN: list[list[Any]] = [
    ["仪器名称", "型号", "厂家", "所属单位", "地址", "原值(元)", "启用时间", "收费标准", "电话"],
    [
        ICP.name,
        ICP.model,
        ICP.maker,
        ICP.unit,
        "嘉兴市南湖区中环路1号",
        "1655000",
        "2018年6月",
        "80元/元素",
        "0573-83640001",
    ],
    [
        TEM.name,
        TEM.model,
        TEM.maker,
        TEM.unit,
        "嘉兴市南湖区中环路1号",
        "4384400",
        "2016/11/02",
        "800元/小时",
        "13900000001",
    ],
    [
        CMM.name,
        CMM.model,
        CMM.maker,
        CMM.unit,
        "海宁市长安镇2号",
        "1235000",
        "2020-1",
        "200元/小时",
        "",
    ],
    [
        DSC.name,
        DSC.model,
        DSC.maker,
        DSC.unit,
        "平湖市曹桥街道3号",
        "410200",
        "201912",
        "免费",
        "/",
    ],
]


def check(path: Path, *truths: specimens.Truth, warnings: int | None = 0) -> None:
    ledger = read(path)
    assert [str(problem.line(sheets=True)) for problem in ledger.problems] == []
    assert told(ledger) == list(truths or ALL)
    if warnings is not None:
        assert len(ledger.warnings) == warnings, ledger.lines()


def test_one_header_row_without_a_title_in_yuan(tmp_path: Path) -> None:
    check(xlsx(tmp_path / "a.xlsx", ("Sheet1", PLAIN, [])))


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (",", "utf-8"),
        (",", "utf-8-sig"),
        (",", "gb18030"),
        (";", "gb18030"),
        ("\t", "utf-8"),
        ("\t", "utf-16"),
        ("|", "utf-8-sig"),
    ],
)
def test_a_table_as_text(tmp_path: Path, mark: str, encoding: str) -> None:
    check(csv(tmp_path / "a.csv", PLAIN, mark, encoding))


def test_an_opendocument_sheet(tmp_path: Path) -> None:
    check(ods(tmp_path / "a.ods", PLAIN))


def test_columns_in_any_order(tmp_path: Path) -> None:
    order = [8, 5, 2, 7, 0, 6, 3, 1, 4]
    check(csv(tmp_path / "a.csv", [[line[at] for at in order] for line in PLAIN]))


def test_three_header_rows_title_and_units_merged_downwards(tmp_path: Path) -> None:
    lines: list[list[Any]] = [
        ["嘉兴市大型科学仪器设备开放共享目录", *[""] * 9],
        ["填报单位：嘉兴市科技局", *[""] * 6, "金额单位：万元", "", ""],
        ["序号", "基本情况", "", "", "", "", "", "", "共享服务", ""],
        ["", "依托单位", "", "仪器信息", "", "", "购置", "", "参考收费\n标准", "联系\n电话"],
        [
            "",
            "单位名称",
            "所在县（市、区）",
            "中文名称",
            "规格／型号",
            "制造商",
            "金额",
            "启用年月",
            "",
            "",
        ],
        [
            1,
            ICP.unit,
            "南湖区",
            ICP.name,
            ICP.model,
            ICP.maker,
            165.5,
            201806,
            "80元/元素",
            13900000001,
        ],
        [2, "", "", TEM.name, TEM.model, TEM.maker, "438.44万", 2016.11, "800元/小时", ""],
        [
            3,
            CMM.unit,
            "海宁",
            CMM.name,
            CMM.model,
            CMM.maker,
            "￥1,235,000.00",
            "2020.01",
            "200元/小时",
            "",
        ],
        [
            4,
            DSC.unit,
            "平湖市",
            DSC.name,
            DSC.model,
            DSC.maker,
            "41.02 ",
            "2019年12月",
            "免费",
            "—",
        ],
        ["小计", "", "", "4台", "", "", 768.46, "", "", ""],
        ["合  计", "", "", "", "", "", ("=SUM(G6:G9)", 768.46), "", "", ""],
        ["填表人：张三", "", "", "审核人：李四", "", "", "填表日期：2023年3月", "", "", ""],
    ]
    merges = [
        (0, 0, 0, 9), (1, 0, 1, 6), (1, 7, 1, 9), (2, 0, 4, 0), (2, 1, 2, 7), (2, 8, 2, 9), (3, 1, 3, 2),
        (3, 3, 3, 5), (3, 6, 3, 7), (3, 8, 4, 8), (3, 9, 4, 9), (5, 1, 6, 1), (5, 2, 6, 2),
    ]  # fmt: skip
    check(xlsx(tmp_path / "a.xlsx", ("目录", lines, merges)))


def test_two_header_rows_as_text_with_blank_filled_units_and_subtotals(tmp_path: Path) -> None:
    lines: list[list[Any]] = [
        ["大型仪器共享台账", "", "", "", "", "", "", "", ""],
        ["单位：元", "", "", "", "", "", "", "", ""],
        ["管理单位", "", "仪器设备", "", "", "购置价格", "投入使用日期", "收费", "联系方式"],
        ["名称", "地址", "名称", "型号", "生产厂家", "", "", "标准", ""],
        [
            ICP.unit,
            "嘉兴市南湖区中环路1号",
            ICP.name,
            ICP.model,
            ICP.maker,
            "1655000",
            "43252",
            "80元/元素",
            "王老师 0573-83640001",
        ],
        ["", "", TEM.name, TEM.model, TEM.maker, "4384400", "2016年11月2日", "800元/小时", ""],
        ["小计", "", "2台", "", "", "6039400", "", "", ""],
        [
            CMM.unit,
            "海宁市长安镇",
            CMM.name,
            CMM.model,
            CMM.maker,
            "123.5万元",
            "2020/1/31 0:00:00",
            "200元/小时",
            "李工（13900000002）",
        ],
        [f"{CMM.unit}小计", "", "", "", "", "1235000", "", "", ""],
        [
            DSC.unit,
            "平湖市曹桥街道",
            DSC.name,
            DSC.model,
            DSC.maker,
            "41.02万",
            "Dec-19",
            "免费",
            "无",
        ],
        ["总计", "", "4台（套）", "", "", "7684600", "", "", ""],
        ["注：1.以上收费为参考价。", "", "", "", "", "", "", "", ""],
    ]
    path = csv(tmp_path / "a.csv", lines, encoding="gb18030")
    check(path)
    phones = [(row.facts.contact, row.facts.phone) for row in read(path).rows]
    assert phones == [
        ("王老师", "0573-83640001"),
        ("王老师", "0573-83640001"),
        ("李工", "13900000002"),
        (None, None),
    ]


def test_a_sheet_an_organisation_and_no_column_for_it(tmp_path: Path) -> None:
    header = ["资产名称", "规格型号", "品牌", "存放地点", "单价（元）", "购置日期", "服务价格"]
    sheets: list[tuple[str, list[list[Any]], list[specimens.Merge]]] = [
        (ICP.unit, [header, [ICP.name, ICP.model, ICP.maker, "嘉兴市南湖区1号楼", 1655000, DAY, "80元/元素"],
            [TEM.name, TEM.model, TEM.maker, "嘉兴市南湖区1号楼", 4384400, "2016.11.2", "800元/小时"]], []),
        (CMM.unit, [header, [CMM.name, CMM.model, CMM.maker, "海宁市", 1235000, "20200131", "200元/小时"]], []),
        (DSC.unit, [["说明"], [], header, [DSC.name, DSC.model, DSC.maker, "平湖市", 410200.0, 43800.0, "免费"]], []),
        ("汇总", [["单位", "台数", "原值合计"], [ICP.unit, 2, 600]], []),
    ]  # fmt: skip
    path = xlsx(tmp_path / "a.xlsx", *sheets)
    check(path)
    assert read(path).several


def test_problems_name_the_sheet_where_several_hold_data(tmp_path: Path) -> None:
    header = ["仪器名称", "型号", "单位名称", "原值（万元）"]
    path = xlsx(
        tmp_path / "a.xlsx",
        ("2020", [header, ["天平", "X", "甲研究所", "不详"]], []),
        ("2021", [header, ["天平", "X", "甲研究所", 25]], []),
    )
    assert read(path).lines() == [
        'sheet 2020, row 2: original value (原值): "不详" can\'t be read as an amount'
    ]


def test_organisations_as_sections_between_the_rows(tmp_path: Path) -> None:
    lines: list[list[Any]] = [
        ["序号", "设备名称", "型号", "制造厂商", "原值", "启用日期", "安装地点", "收费标准"],
        [f"一、{ICP.unit}", *[""] * 7],
        [1, ICP.name, ICP.model, ICP.maker, 1655000, "2018-06", "南湖区", "80元/元素"],
        [2, TEM.name, TEM.model, TEM.maker, 4384400, "2016-11", "南湖区", "800元/小时"],
        ["二、" + CMM.unit, *[""] * 7],
        [1, CMM.name, CMM.model, CMM.maker, 1235000, "2020-01", "海宁市", "200元/小时"],
        [f"{DSC.unit}（共1台）", *[""] * 7],
        [1, DSC.name, DSC.model, DSC.maker, 410200, "2019-12", "平湖市", "免费"],
        [2, *[""] * 7],
    ]
    merges = [(1, 0, 1, 7), (4, 0, 4, 7), (6, 0, 6, 7)]
    check(xlsx(tmp_path / "a.xlsx", ("Sheet1", lines, merges)))


def test_dirty_letters(tmp_path: Path) -> None:
    lines: list[list[Any]] = [
        ["序\n号", " 仪 器\n名 称* ", "规格\u3000型号", "生产\u00a0厂家", "（1）所属单位", "县区\u200b", "设备原值\r\n（单位：万元）", "启用日期：", "收费标准", "联系电话"],
        ["１", "电感耦合等离子体\n质谱仪", "ＮｅｘＩＯＮ　３５０", "\ufeff珀金埃尔默", "嘉禾大学分析测试中心\n（盖章）", "南湖区", "１６５．５", "２０１８年６月", "８０元／元素", 1.3900000001e10],
        [2.0, "\u200b透射电子显微镜\u00a0", "JEM-2100\n", " 日本电子", "同上", "〃", "4,384,400元", "2016．11", "800元/小时", "0573－83640001、83640002"],
        [3, "三坐标测量机", "GLOBAL", "海克斯康", "海宁精工机械有限公司", "海宁市", "约123.5万", "二〇二〇年一月", "200元/小时", "0573-83640001转801"],
        [4, "差示扫描量热仪", "Q2000", "TA", "平湖市检验检测中心", "平湖", "￥410200", "43800", "免费", "#N/A"],
    ]  # fmt: skip
    path = xlsx(tmp_path / "a.xlsx", ("表", lines, []))
    check(path, warnings=1)
    assert "estimate" in read(path).lines()[0]
    phones = [row.facts.phone for row in read(path).rows]
    assert phones == ["13900000001", "0573-83640001、83640002", "0573-83640001转801", None]


def test_formulas_errors_dates_and_empty_marks(tmp_path: Path) -> None:
    lines: list[list[Any]] = [
        ["编号", "管理单位", "仪器名称", "型号", "厂商", "属地", "原值（万元）", "启用日期", "收费（元/小时）"],
        [1, ICP.unit, ICP.name, ICP.model, ICP.maker, "南湖区", ("=331/2", 165.5), DAY, "80元/元素"],
        [2, ("=B2", ICP.unit), TEM.name, TEM.model, TEM.maker, "南湖区", 438.44, ("=DATE(2016,11,1)", 42675), 800],
        [3, CMM.unit, CMM.name, CMM.model, CMM.maker, "海宁市", ("=1/0", "#DIV/0!"), "——", 200.0],
        [4, DSC.unit, DSC.name, "/", "无", "平湖市", "—", "#N/A", "无"],
    ]  # fmt: skip
    cmm = specimens.Truth(
        CMM.name, CMM.model, CMM.maker, CMM.unit, "海宁市", None, "200元/小时", None
    )
    dsc = specimens.Truth(DSC.name, None, None, DSC.unit, "平湖市", None, None, None)
    path = xlsx(tmp_path / "a.xlsx", ("表", lines, []))
    check(path, ICP, TEM, cmm, dsc)
    assert {row.facts.asset_number for row in read(path).rows} == {None}


def test_the_printed_header_again_counting_rows_and_samples(tmp_path: Path) -> None:
    header = PLAIN[0]
    lines: list[list[Any]] = [
        header,
        [str(at) for at in range(1, 10)],
        ["示例", "X", "X", "某大学", "", "500000", "2018.1", "", ""],
        PLAIN[1],
        PLAIN[2],
        header,
        *PLAIN[3:],
        ["", *[""] * 8],
        ["共4台", *[""] * 8],
    ]
    check(csv(tmp_path / "a.csv", lines), warnings=None)


def test_the_unit_of_money_is_told_by_the_amounts_where_nothing_says_it(tmp_path: Path) -> None:
    lines = [list(line) for line in PLAIN]
    lines[0][5] = "原值"
    check(csv(tmp_path / "yuan.csv", lines))
    for line, wan in zip(lines[1:], ("165.5", "438.44", "123.5", "41.02"), strict=True):
        line[5] = wan
    check(csv(tmp_path / "wan.csv", lines))


def test_a_unit_that_counts_pieces_is_no_organisation(tmp_path: Path) -> None:
    lines = [[*line[:3], "台", 1, *line[3:]] for line in PLAIN]
    lines[0][3:5] = ["单位", "数量"]
    check(csv(tmp_path / "a.csv", lines))


def test_one_instrument_over_two_rows_with_two_fees(tmp_path: Path) -> None:
    lines: list[list[Any]] = [
        ["序号", "单位名称", "仪器名称", "型号", "收费标准"],
        [1, "甲研究所", "电镜", "JEM-2100", "形貌 300元/小时"],
        ["", "", "", "", "能谱 500元/小时"],
        [2, "甲研究所", "天平", "X", "50元/样"],
    ]
    merges = [(1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 2, 3)]
    ledger = read(xlsx(tmp_path / "a.xlsx", ("表", lines, merges)))
    assert [row.facts.fee for row in ledger.rows] == ["形貌 300元/小时；能谱 500元/小时", "50元/样"]
    assert [len(row.facts.prices) for row in ledger.rows] == [2, 1]


def test_hidden_sheets_are_left_out_and_named(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", ("表", PLAIN, []), ("旧", PLAIN, []), hidden=["旧"])
    ledger = read(path)
    assert told(ledger) == list(ALL)
    assert ledger.lines() == ["sheet 旧: warning: the sheet is hidden; left out"]


def test_province_city_and_county_in_columns_of_their_own(tmp_path: Path) -> None:
    lines: list[list[Any]] = [
        ["仪器名称", "所属单位", "安放地址", "", "", "", "开放时间及方式"],
        ["", "", "省", "市", "县（区）", "街道", ""],
        ["天平", "甲研究所", "山西省", "太原市", "小店区", "学府路1号", "工作日，自主上机或送样"],
    ]
    [row] = read(xlsx(tmp_path / "a.xlsx", ("表", lines, [(0, 2, 0, 5)]))).rows
    assert row.facts.address == "山西省太原市小店区学府路1号"
    assert (row.place and row.place.name, row.place and row.place.city) == ("小店区", "太原市")
    assert row.facts.service_modes == ("self", "sample")


def test_several_fee_columns_are_told_apart(tmp_path: Path) -> None:
    lines: list[list[Any]] = [
        ["仪器名称", "所属单位", "型号", "收费标准（元/小时）", ""],
        ["", "", "", "校内", "校外"],
        ["电镜", "甲研究所", "X", 100, 200.5],
    ]
    [row] = read(xlsx(tmp_path / "a.xlsx", ("表", lines, [(0, 3, 0, 4)]))).rows
    assert row.facts.fee == "校内：100元/小时；校外：200.5元/小时"
    assert [(price["fen"], price["per"], price["label"]) for price in row.facts.prices] == [
        (10000, "hour", "校内"),
        (20050, "hour", "校外"),
    ]


def test_columns_that_no_header_names_are_told_by_their_values(tmp_path: Path) -> None:
    lines = [["装备", "型号", "厂家", "归口", "原值(元)"]]
    lines += [[line[0], line[1], line[2], line[3], line[5]] for line in PLAIN[1:]]
    ledger = read(csv(tmp_path / "a.csv", lines))
    assert [(row.facts.name, row.unit) for row in ledger.rows] == [
        (one.name, one.unit) for one in ALL
    ]


def test_a_workbook_of_the_old_format() -> None:
    check(Path(__file__).parents[2] / "data" / "old-format.xls")


def test_dashes_in_headers_part_heads_from_leaves(tmp_path: Path) -> None:
    lines = [
        ["仪器信息-名称", "仪器信息-型号", "管理单位_名称", "管理单位_性质", "购置：金额（元）"],
        ["天平", "X", "甲大学", "高校", "250000"],
    ]
    [row] = read(csv(tmp_path / "a.csv", lines)).rows
    assert (row.facts.name, row.facts.model, row.unit) == ("天平", "X", "甲大学")
    assert (row.unit_kind, row.facts.worth_fen) == ("university", 25_000_000)


def test_a_name_and_a_phone_in_one_column_whatever_it_is_called(tmp_path: Path) -> None:
    for header, cell in (("负责人", "王老师 13900000001"), ("电话", "13900000001（王老师）")):
        lines = [["仪器名称", "型号", "单位名称", header], ["天平", "X", "甲大学", cell]]
        [row] = read(csv(tmp_path / "a.csv", lines)).rows
        assert (row.facts.contact, row.facts.phone) == ("王老师", "13900000001")
        assert {"contact", "phone"} <= row.spoken


def test_lines_to_sign_and_blank_forms_are_no_instruments(tmp_path: Path) -> None:
    lines = [
        ["序号", "管理单位", "仪器名称", "型号", "国别", "原值（万元）"],
        ["1", "甲大学", "天平", "X", "中国", "25"],
        ["2", "", "", "", "中国", ""],
        ["3", "", "", "", "", ""],
        ["填表人：张三", "", "", "联系电话：0354-5550137", "", ""],
        ["1.原值20万元及以上纳入本清单。", "", "", "", "", ""],
    ]
    ledger = read(csv(tmp_path / "a.csv", lines))
    assert [row.number for row in ledger.rows] == [2]
    assert ledger.lines() == []
