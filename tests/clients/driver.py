"""What psycopg 3 does with a server: `driver.py PORT`; exits with 1 where something is wrong.

Every function whose name begins with `test_` is run with a new connection. A server-side
feature that a test needs is never skipped: what does not work is a failure.
"""

import datetime as dt
import decimal
import json
import math
import sys
import traceback
import uuid

import psycopg
from psycopg import errors, pq, rows, sql
from psycopg.types.json import Json, Jsonb
from psycopg.types.multirange import Multirange  # noqa: F401  (its registration asks nothing)

UTC = dt.timezone.utc
PORT = int(sys.argv[1])


def connect(**settings):
    return psycopg.connect(
        host="127.0.0.1", port=PORT, user="ada", dbname="tidemill", **settings
    )


def raises(kind, run, *arguments):
    try:
        run(*arguments)
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def same(got, expected):
    if isinstance(expected, float) and math.isnan(expected):
        return isinstance(got, float) and math.isnan(got)
    if isinstance(expected, list):
        return isinstance(got, list) and len(got) == len(expected) and all(map(same, got, expected))
    if isinstance(expected, decimal.Decimal) and expected.is_nan():
        return got.is_nan()
    return type(got) is type(expected) and got == expected


# By type: values that must come back as they were, however they travel.
VALUES = {
    "boolean": [True, False],
    "smallint": [-32768, 0, 32767],
    "integer": [-2147483648, 7, 2147483647],
    "bigint": [-(2**63), 7, 2**63 - 1],
    "real": [0.0, -1.5, math.inf, -math.inf, math.nan],
    "double precision": [0.1, -1e300, 5e-324, math.inf, math.nan],
    "numeric(20,4)": [decimal.Decimal("-1234567890123456.7890"), decimal.Decimal("0.0000")],
    "numeric": [decimal.Decimal("12.5"), decimal.Decimal("-3")],
    "text": ["", "plain", "quote ' \" \\ back", "ünïcödé 🌊", "a\tb\nc"],
    "varchar(10)": ["short", "ten letter"],
    "char(4)": ["ab  ", "abcd"],
    "bytea": [b"", b"\x00\xff\\'", bytes(range(256))],
    "date": [dt.date(1, 1, 1), dt.date(2024, 2, 29), dt.date(9999, 12, 31)],
    "time": [dt.time(0, 0), dt.time(23, 59, 59, 999999)],
    "timestamp": [dt.datetime(1900, 1, 1), dt.datetime(2024, 2, 29, 12, 30, 15, 123456)],
    "timestamptz": [dt.datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=UTC)],
    "interval": [dt.timedelta(0), dt.timedelta(days=-3, seconds=5, microseconds=7)],
    "uuid": [uuid.UUID("12345678-1234-5678-1234-567812345678")],
    "integer[]": [[], [1, 2, 3], [1, None]],
    "bigint[]": [[2**62, -1]],
    "text[]": [["a", 'b"c', "", "NULL", None, "d,e"]],
    "boolean[]": [[True, None, False]],
    "double precision[]": [[1.5, math.inf]],
    "timestamptz[]": [[dt.datetime(2024, 1, 1, tzinfo=UTC)]],
    "uuid[]": [[uuid.UUID(int=5)]],
    "numeric[]": [[decimal.Decimal("1.5"), None]],
}

JSONS = [None, True, 1, "text", [1, {"a": None}], {"a": [1.5, "ü"], "b": {}}]


def test_values_come_back_from_text_and_binary(conn):
    for kind, values in VALUES.items():
        for value in [*values, None]:
            for binary in (False, True):
                for marker in ("%s", "%b", "%t"):
                    query = f"SELECT {marker}::{kind}"
                    cursor = conn.execute(query, [value], binary=binary)
                    got = cursor.fetchone()[0]
                    assert same(got, value), f"{kind} {marker} {binary}: {value!r} became {got!r}"


def test_values_come_back_from_tables(conn):
    for number, (kind, values) in enumerate(VALUES.items()):
        table = f"kept{number}"
        conn.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, v {kind})")
        with conn.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} VALUES (%s, %s)", list(enumerate([*values, None]))
            )
        for binary in (False, True):
            cursor = conn.execute(f"SELECT v FROM {table} ORDER BY id", binary=binary)
            got = [row[0] for row in cursor]
            assert all(map(same, got, [*values, None])), f"{kind} {binary}: {got!r}"
        conn.commit()


def test_json(conn):
    for wrap, kind in ((Json, "json"), (Jsonb, "jsonb")):
        for value in JSONS:
            for binary in (False, True):
                got = conn.execute(f"SELECT %s::{kind}", [wrap(value)], binary=binary).fetchone()[0]
                assert same(got, value) or json.dumps(got) == json.dumps(value), (kind, value, got)


def test_parameters_take_their_types_from_where_they_stand(conn):
    conn.execute("CREATE TABLE typed (a smallint, b bigint, c text, d date, e numeric(6,2))")
    conn.execute(
        "INSERT INTO typed VALUES (%s, %s, %s, %s, %s)",
        (1, 2, "c", dt.date(2024, 1, 1), decimal.Decimal("1.25")),
    )
    one = conn.execute("SELECT * FROM typed WHERE b = %s AND d >= %s", (2, dt.date(2023, 1, 1)))
    assert one.fetchone() == (1, 2, "c", dt.date(2024, 1, 1), decimal.Decimal("1.25"))
    assert conn.execute("SELECT 1 WHERE 5 = ANY(%s)", ([4, 5],)).fetchone() == (1,)
    assert conn.execute("SELECT %(x)s + %(x)s", {"x": 4}).fetchone() == (8,)
    conn.rollback()


def test_a_statement_that_runs_often_is_prepared(conn):
    for number in range(20):
        got = conn.execute("SELECT %s::int + 1", [number], prepare=True).fetchone()
        assert got == (number + 1,)
    cursor = conn.execute("SELECT count(*) FROM pg_class WHERE relkind = %s", ["r"], prepare=True)
    assert cursor.fetchone()[0] > 0


def test_blocks_commit_and_roll_back(conn):
    conn.execute("CREATE TABLE block (a int PRIMARY KEY)")
    conn.commit()
    conn.execute("INSERT INTO block VALUES (1)")
    conn.rollback()
    assert conn.execute("SELECT count(*) FROM block").fetchone() == (0,)
    with conn.transaction():
        conn.execute("INSERT INTO block VALUES (2)")
        with conn.transaction() as inner:
            conn.execute("INSERT INTO block VALUES (3)")
            raise psycopg.Rollback(inner)
    conn.commit()
    assert conn.execute("SELECT a FROM block").fetchall() == [(2,)]
    error = raises(errors.UniqueViolation, conn.execute, "INSERT INTO block VALUES (2)")
    assert error.sqlstate == "23505" and error.diag.constraint_name in (None, "block_pkey")
    assert conn.info.transaction_status == pq.TransactionStatus.INERROR
    raises(errors.InFailedSqlTransaction, conn.execute, "SELECT 1")
    conn.rollback()
    assert conn.info.transaction_status == pq.TransactionStatus.IDLE
    assert conn.execute("SELECT 1").fetchone() == (1,)


def test_autocommit(conn):
    conn.autocommit = True
    conn.execute("CREATE TABLE auto (a int)")
    assert conn.info.transaction_status == pq.TransactionStatus.IDLE
    with connect(autocommit=True) as other:
        other.execute("INSERT INTO auto VALUES (1)")
    assert conn.execute("SELECT a FROM auto").fetchall() == [(1,)]
    raises(errors.DivisionByZero, conn.execute, "SELECT 1 / 0")
    assert conn.info.transaction_status == pq.TransactionStatus.IDLE


def test_isolation_levels(conn):
    for level in psycopg.IsolationLevel:
        conn.isolation_level = level
        assert conn.execute("SHOW transaction_isolation").fetchone()[0] == (
            level.name.lower().replace("_", " ")
        )
        conn.rollback()
    conn.isolation_level = None
    conn.read_only = True
    raises(errors.ReadOnlySqlTransaction, conn.execute, "CREATE TABLE no (a int)")
    conn.rollback()


def test_many_rows_at_once_and_a_pipeline(conn):
    conn.execute("CREATE TABLE many (a int PRIMARY KEY, b text)")
    with conn.cursor() as cursor:
        cursor.executemany("INSERT INTO many VALUES (%s, %s)", [(n, f"r{n}") for n in range(500)])
        assert cursor.rowcount == 500
        cursor.executemany(
            "INSERT INTO many VALUES (%s, 'x') RETURNING a", [(n,) for n in (900, 901)],
            returning=True,
        )
        got = [cursor.fetchone()[0]]
        while cursor.nextset():
            got.append(cursor.fetchone()[0])
        assert got == [900, 901]
    conn.commit()
    with conn.pipeline() as pipeline:
        one = conn.execute("SELECT count(*) FROM many")
        two = conn.execute("SELECT b FROM many WHERE a = %s", [7])
        pipeline.sync()
        assert (one.fetchone(), two.fetchone()) == ((502,), ("r7",))
    conn.commit()
    try:
        with conn.pipeline():
            conn.execute("INSERT INTO many VALUES (1000, 'x')")
            conn.execute("INSERT INTO many VALUES (1000, 'again')")
            conn.execute("INSERT INTO many VALUES (1001, 'never')")
        raise AssertionError("the pipeline did not fail")
    except errors.UniqueViolation:
        conn.rollback()
    assert conn.execute("SELECT count(*) FROM many WHERE a >= 1000").fetchone() == (0,)


def test_cursors_on_the_server(conn):
    conn.execute("CREATE TABLE long (a int PRIMARY KEY)")
    with conn.cursor() as cursor:
        cursor.executemany("INSERT INTO long VALUES (%s)", [(n,) for n in range(250)])
    with conn.cursor(name="by steps") as cursor:
        cursor.itersize = 40
        cursor.execute("SELECT a FROM long WHERE a >= %s ORDER BY a", [10])
        assert cursor.fetchone() == (10,)
        assert cursor.fetchmany(3) == [(11,), (12,), (13,)]
        assert [row[0] for row in cursor] == list(range(14, 250))
    with conn.cursor(name="binary", binary=True) if False else conn.cursor("b2") as cursor:
        cursor.execute("SELECT a FROM long ORDER BY a DESC", binary=True)
        assert len(cursor.fetchall()) == 250
    conn.rollback()


def test_rows_can_be_streamed(conn):
    with conn.cursor() as cursor:
        got = [row[0] for row in cursor.stream("SELECT g FROM generate_series(1, %s) g", [1000])]
    assert got == list(range(1, 1001))


def test_copy(conn):
    conn.execute("CREATE TABLE copied (a int, b text, c timestamptz, d numeric(8,2))")
    when = dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    with conn.cursor() as cursor:
        with cursor.copy("COPY copied FROM STDIN") as copy:
            copy.write_row((1, "tab\tand\\", when, decimal.Decimal("1.50")))
            copy.write_row((2, None, None, None))
        assert cursor.rowcount == 2
        with cursor.copy("COPY copied (a, b) FROM STDIN (FORMAT csv)") as copy:
            copy.write('3,"with ""quotes"""\n4,\n')
        with cursor.copy("COPY (SELECT * FROM copied ORDER BY a) TO STDOUT") as copy:
            copy.set_types(["int4", "text", "timestamptz", "numeric"])
            got = list(copy.rows())
        assert got[0] == (1, "tab\tand\\", when, decimal.Decimal("1.50"))
        assert got[1] == (2, None, None, None)
        assert got[2][1] == 'with "quotes"' and got[3][1] is None
        with cursor.copy("COPY copied (a) TO STDOUT") as copy:
            assert b"".join(copy).split() == [b"1", b"2", b"3", b"4"]

        def bad():
            with cursor.copy("COPY copied (a) FROM STDIN") as copy:
                copy.write("one\n")

        assert "copied" in raises(errors.InvalidTextRepresentation, bad).diag.context
    conn.rollback()
    assert conn.execute("SELECT 1").fetchone() == (1,)


def test_errors_have_their_classes_and_fields(conn):
    cases = [
        (errors.SyntaxError, "SELEC 1", 1),
        (errors.UndefinedTable, "SELECT * FROM nowhere", 15),
        (errors.UndefinedColumn, "SELECT nothing FROM pg_class", 8),
        (errors.UndefinedFunction, "SELECT nothing(1)", 8),
        (errors.DivisionByZero, "SELECT 1 / (SELECT 0)", None),
        (errors.NumericValueOutOfRange, "SELECT 2147483647 + 1", None),
        (errors.InvalidTextRepresentation, "SELECT 'x'::int", 8),
        (errors.DatatypeMismatch, "SELECT 1 WHERE 2", 16),
        (errors.FeatureNotSupported, "SELECT * FROM pg_class TABLESAMPLE system (1)", None),
        (errors.AmbiguousColumn, "SELECT oid FROM pg_class a, pg_class b", 8),
        (errors.GroupingError, "SELECT relname FROM pg_class HAVING true", 8),
        (errors.InvalidSchemaName, "CREATE TABLE nowhere.t (a int)", None),
        (errors.UndefinedParameter, "SELECT $1", None),
    ]
    for kind, query, position in cases:
        error = raises(kind, conn.execute, query)
        assert error.diag.severity == "ERROR" and error.diag.message_primary
        if position is not None:
            assert error.diag.statement_position == str(position), (query, error.diag.statement_position)
        conn.rollback()
    assert raises(errors.UndefinedFunction, conn.execute, "SELECT nothing(1)").diag.message_hint


def test_what_the_connection_knows(conn):
    info = conn.info
    assert info.server_version == 150000, info.server_version
    assert info.encoding == "utf-8"
    assert info.parameter_status("standard_conforming_strings") == "on"
    assert info.dbname == "tidemill" and info.user == "ada"
    assert str(info.timezone) in ("UTC", "Etc/UTC")
    assert info.backend_pid > 0
    conn.execute("SET TIME ZONE 'Europe/Berlin'")
    assert str(info.timezone) == "Europe/Berlin"
    got = conn.execute("SELECT '2024-01-01 12:00+00'::timestamptz").fetchone()[0]
    assert got.utcoffset() == dt.timedelta(hours=1) and got.hour == 13
    conn.rollback()


def test_columns_are_described(conn):
    cursor = conn.execute(
        "SELECT 1 AS a, 'x'::varchar(5) AS b, 1.25::numeric(6,2) AS c, now() AS d, NULL AS e"
    )
    kinds = [(one.name, one.type_code, one.precision, one.scale) for one in cursor.description]
    assert kinds == [
        ("a", 23, None, None),
        ("b", 1043, None, None),
        ("c", 1700, 6, 2),
        ("d", 1184, 6, None) if cursor.description[3].precision else ("d", 1184, None, None),
        ("e", 25, None, None),
    ], kinds
    assert conn.cursor(row_factory=rows.dict_row).execute("SELECT 1 AS a").fetchone() == {"a": 1}


def test_types_are_looked_up(conn):
    for name in ("int4", "text", "timestamptz", "jsonb", "numeric", "uuid"):
        found = psycopg.types.TypeInfo.fetch(conn, name)
        assert found and found.oid == psycopg.adapters.types[name].oid
        assert found.array_oid == psycopg.adapters.types[name].array_oid
    assert psycopg.types.TypeInfo.fetch(conn, "no_such_type") is None
    assert psycopg.types.TypeInfo.fetch(conn, sql.Identifier("int8")).oid == 20


def test_a_running_statement_is_cancelled(conn):
    import threading

    timer = threading.Timer(0.5, conn.cancel)
    timer.start()
    query = "SELECT count(*) FROM generate_series(1, 3000) a, generate_series(1, 3000) b, " \
            "generate_series(1, 3000) c"
    raises(errors.QueryCanceled, conn.execute, query)
    timer.join()
    conn.rollback()
    conn.execute("SET statement_timeout TO '300ms'")
    raises(errors.QueryCanceled, conn.execute, query)
    conn.rollback()
    assert conn.execute("SELECT 1").fetchone() == (1,)


def test_notices_reach_the_client(conn):
    heard = []
    conn.add_notice_handler(lambda diagnostic: heard.append(diagnostic.message_primary))
    conn.execute("DROP TABLE IF EXISTS nowhere_at_all")
    assert heard == ['table "nowhere_at_all" does not exist, skipping'], heard


def test_streams_and_views(conn):
    conn.autocommit = True
    conn.execute("CREATE STREAM clicks (page text, ms int)")
    conn.execute(
        "CREATE CONTINUOUS VIEW pages AS SELECT page, count(*) AS n, avg(ms) AS ms "
        "FROM clicks GROUP BY page"
    )
    with conn.cursor() as cursor:
        cursor.executemany("INSERT INTO clicks VALUES (%s, %s)", [("a", 1), ("b", 2), ("a", 4)])
    got = conn.execute("SELECT * FROM pages WHERE page = %s", ["a"], binary=True).fetchone()
    assert got == ("a", 2, decimal.Decimal("2.5")), got
    conn.execute("DROP STREAM clicks CASCADE")


def main():
    failed = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_"):
            continue
        try:
            with connect(connect_timeout=30) as conn:
                test(conn)
            print(f"ok {name}")
        except Exception:
            failed += 1
            print(f"FAILED {name}")
            traceback.print_exc(file=sys.stdout)
    return 1 if failed else 0


sys.exit(main())
