"""The other sides, each a whole process: `python -m benchmarks.peers SIDE URI WORKBOOK ...`. None checks a rule."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

Side = Callable[[str, list[str]], None]
COLUMNS = ("year", "month", "plan_code", "company_code", "return_rate", "net_asset_value", "fund_scale")
TABLE = f"create table peer ({', '.join(f'{name} text' for name in COLUMNS)})"


def floor(uri: str, paths: list[str]) -> None:
    """What nobody can do without: decode in two processes, and COPY as many bytes as the rows take."""
    import psycopg2

    with ProcessPoolExecutor(2) as workers:
        sizes = list(workers.map(_decoded, paths))
    line = b"2024-01-01,P000000001,C001,0.012345,1.2345,123456789.12,true,[],2024-01.xlsx,sheet,12345\n"
    with psycopg2.connect(uri) as connection, connection.cursor() as cursor:
        columns = (
            "report_date date, plan_code text, company_code text, a numeric, b numeric, c numeric, d boolean, e jsonb"
        )
        cursor.execute(f"create table peer ({columns}, f text, g text, h integer)")
        cursor.copy_expert("copy peer from stdin (format csv)", io.BytesIO(line * sum(sizes)))


def _decoded(path: str) -> int:
    from python_calamine import CalamineWorkbook

    return len(list(CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())) - 1


def polars(uri: str, paths: list[str]) -> None:
    """polars with fastexcel, and the COPY of ADBC."""
    import polars as pl

    frames = [pl.read_excel(path, engine="calamine", infer_schema_length=0) for path in paths]
    pl.concat(frames).rename(dict(zip(frames[0].columns, COLUMNS, strict=True))).write_database(
        "peer", uri, engine="adbc", if_table_exists="replace"
    )


def dlt(_uri: str, paths: list[str]) -> None:
    """A pipeline of dlt that appends what pandas reads with calamine."""
    os.environ |= {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
    }
    import dlt as tool
    import pandas as pd

    def rows() -> Iterator[object]:
        for path in paths:
            frame = pd.read_excel(path, engine="calamine", dtype=str)
            frame.columns = list(COLUMNS)
            yield frame.to_dict("records")

    pipeline = tool.pipeline(
        "peer", destination="postgres", dataset_name="peer", pipelines_dir=os.environ["DLT_FOLDER"]
    )
    pipeline.run(rows(), table_name="peer", write_disposition="append")


def pandas(uri: str, paths: list[str]) -> None:
    """pandas with calamine, one Pydantic call a row that turns typed figures into numbers, and COPY."""
    import pandas as pd
    import psycopg2
    from pydantic import BaseModel, field_validator

    class Row(BaseModel):
        year: str
        month: str
        plan_code: str
        company_code: str
        return_rate: float
        net_asset_value: float
        fund_scale: float

        @field_validator("return_rate", "net_asset_value", "fund_scale", mode="before")
        @classmethod
        def figure(cls, value: str) -> float:
            text = value.replace(",", "")
            return float(text[:-1]) / 100 if text.endswith("%") else float(text)

    target = io.StringIO()
    for path in paths:
        frame = pd.read_excel(path, engine="calamine", dtype=str)
        frame.columns = list(COLUMNS)
        for record in frame.to_dict("records"):
            target.write(",".join(map(str, Row(**record).model_dump().values())) + "\n")
    target.seek(0)
    with psycopg2.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.copy_expert("copy peer from stdin (format csv)", target)


SIDES: dict[str, Side] = {"floor": floor, "polars": polars, "dlt": dlt, "pandas": pandas}

if __name__ == "__main__":
    SIDES[sys.argv[1]](sys.argv[2], sys.argv[3:])
