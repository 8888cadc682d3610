"""How long a ledger of 100,000 rows takes from the command line, and how much memory.

`python -m benchmarks.ledger [ROWS] [DATABASE_URL]` writes the file, imports it twice, and prints.
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import xlsxwriter

HEADER = tuple(
    line.split(",")
    for line in (
        "序号,管理单位,,仪器设备,,,,,原值（万元）,启用日期,主要功能,应用范围,共享,,收费标准,安放地址,联系方式,,资金来源,备注",
        ",名称,单位性质,名称,规格型号,生产厂商,国别,类别,,,,,时段,方式,,,联系人,电话,,",
    )
)
NAMES = (
    "气相色谱仪",
    "X射线衍射仪",
    "原子力显微镜",
    "万能材料试验机",
    "三坐标测量机",
    "流式细胞仪",
)
COUNTIES = ("榆次区", "太谷区", "平遥县", "祁县", "介休市", "灵石县", "寿阳县")


def write(path: Path, rows: int) -> None:
    """A ledger of that many rows, organisations merged over a hundred rows each."""
    dice = random.Random(7)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("清单")
    for number, line in enumerate(HEADER):
        for at, cell in enumerate(line):
            sheet.write(number, at, cell)
    for at in range(rows):
        for column, cell in enumerate(_row(at, dice)):
            sheet.write(at + 2, column, cell)
    for start in range(2, rows + 2, 100):
        end = min(start + 99, rows + 1)
        if end > start:
            sheet.merge_range(start, 1, end, 1, "")
    book.close()


def _row(at: int, dice: random.Random) -> list[object]:
    wan = round(dice.uniform(20, 900), 2)
    worth = (wan, f"{wan}万元", f"￥{int(wan * 10000)}", f"{int(wan * 10000):,}元")[at % 4]
    started = ("2018.6", "2019年3月", "2020-05-06", 42000.0 + at % 3000)[at % 4]
    return [
        *(at + 1, f"晋中第{at // 100}研究所" if at % 100 == 0 else "", "科研院所"),
        *(NAMES[at % 6], f"M-{at % 4000}", f"厂商{at % 300}", "中国", "分析仪器", worth, started),
        *("物相定性定量分析、晶粒尺寸、残余应力测定", "材料,化工,地质", "工作日 8:30-17:30"),
        *("委托测试、自主上机", f"{dice.randrange(20, 900)}元/样"),
        *(
            f"晋中市{COUNTIES[at % 7]}科创路{at}号",
            "王老师",
            f"0354-{5000000 + at}",
            "财政资金",
            "",
        ),
    ]


def _import(path: Path, url: str) -> None:
    environment = {**os.environ, "YIXIANG_DATABASE_URL": url}
    began = time.perf_counter()
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("yixiang")), "import", str(path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{ran.stdout.strip()}: {took:.1f} s, at most {peak} MB, exit {ran.returncode}")
    if ran.returncode:
        print(ran.stderr[-2000:])


def main(rows: int = 100_000, url: str = "") -> None:
    """Write, import, import again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.xlsx"
        write(path, rows)
        print(f"{rows:,} rows, {path.stat().st_size >> 20} MB")
        for _ in range(2):
            _import(path, url or f"sqlite+aiosqlite:///{folder}/yixiang.db")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, *sys.argv[2:3])
