"""DuckDB turns the lines of a fleet into Parquet: to_parquet.py DIRECTORY.

Writes `findings.parquet` (a row a finding) and `roots.parquet` (a row a root: that it was checked, and with what result) beside the lines.
"""

import pathlib
import sys

import duckdb

QUERIES = {
    "findings": """SELECT root, project, rule, severity, outcome, subject->>'address' AS address, location->>'file' AS file,
                   (location->'start'->>'line')::BIGINT AS line, message, fingerprint, suppressed IS NOT NULL AS is_suppressed
                   FROM lines WHERE type = 'finding' ORDER BY ALL""",
    "roots": "SELECT root, exit, projects, findings, message FROM lines WHERE type = 'root' ORDER BY ALL",
}


def main() -> None:
    directory = pathlib.Path(sys.argv[1])
    lines = str(directory / "*.jsonl").replace("'", "''")
    table = duckdb.connect()
    table.execute(
        f"""CREATE VIEW lines AS SELECT * FROM read_json('{lines}', format = 'newline_delimited', columns = {{
            'root': 'VARCHAR', 'type': 'VARCHAR', 'rule': 'VARCHAR', 'severity': 'VARCHAR', 'outcome': 'VARCHAR', 'project': 'VARCHAR',
            'message': 'VARCHAR', 'fingerprint': 'VARCHAR', 'subject': 'JSON', 'location': 'JSON', 'suppressed': 'JSON',
            'exit': 'INTEGER', 'projects': 'BIGINT', 'findings': 'BIGINT'}})"""
    )
    for name, query in QUERIES.items():
        target = str(directory / f"{name}.parquet").replace("'", "''")
        table.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet)")
        (count,) = table.execute(f"SELECT count(*) FROM '{target}'").fetchone()
        print(f"{target}: {count} rows")


if __name__ == "__main__":
    main()
