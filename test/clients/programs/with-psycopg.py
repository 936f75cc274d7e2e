"""What psycopg 3's users do, one line per step. Run twice, through the enforcer and directly: both must print the same."""
import asyncio
import datetime
import decimal
import logging
import threading
import uuid

import psycopg
from psycopg.types import TypeInfo
from psycopg.types.composite import CompositeInfo
from psycopg.types.json import Jsonb
from psycopg.types.range import RangeInfo

NEVER = "SELECT count(*) FROM orders a, orders b, orders c"
# whether it remarks on a pipeline that an error ended depends on which packet comes first
logging.getLogger("psycopg").setLevel(logging.CRITICAL)
conn = psycopg.connect("", autocommit=True)


def rows(*query, **options):
    return conn.execute(*query, **options).fetchall()


def step(run):
    name = run.__name__.replace("_", " ")
    try:
        print(f"{name}: {run()!r}")
    except psycopg.Error as error:
        diag = error.diag
        print(f"{name}: error {diag.sqlstate} {diag.statement_position} {diag.message_primary}")
    except Exception as error:
        print(f"{name}: error {type(error).__name__} {error}")
    return run


@step
def a_query():
    return rows("SELECT 1, NULL")


@step
def parameters_and_preparing_by_itself():
    return [rows("SELECT id, total FROM orders WHERE id = %s", (at,)) for at in range(1, 9)]


@step
def binary_results():
    return conn.execute("SELECT id, total, ordered_at FROM orders ORDER BY id LIMIT 2", binary=True).fetchall()


@step
def types_both_ways():
    values = (True, 5, 1.5, decimal.Decimal("1.25"), "té", b"\x00\x01", datetime.date(2026, 1, 2),
              datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc), uuid.UUID(int=7), [1, 2], ["a", None],
              datetime.timedelta(days=2))
    casts = "bool int float8 numeric text bytea date timestamptz uuid int[] text[] interval".split()
    query = "SELECT " + ", ".join(f"%s::{cast}" for cast in casts)
    seen = []
    for binary in (False, True):
        with conn.cursor(binary=binary) as cursor:
            seen.append(cursor.execute(query, values).fetchone() == values)
    return seen, rows("SELECT %s::jsonb -> 'a'", (Jsonb({"a": [1]}),))


@step
def transactions_and_savepoints():
    with conn.transaction(force_rollback=True):
        conn.execute("UPDATE orders SET status = 'p' WHERE id = %s", (1,))
        try:
            with conn.transaction():
                conn.execute("SELECT 1 / 0")
        except psycopg.errors.DivisionByZero:
            pass
        return rows("SELECT status FROM orders WHERE id = 1")


@step
def a_cursor_on_the_server():
    with conn.transaction(), conn.cursor(name="on_the_server") as cursor:
        cursor.execute("SELECT id FROM orders ORDER BY id")
        first = cursor.fetchmany(10)
        cursor.scroll(5)
        return len(first), cursor.fetchone(), len(cursor.fetchall())


@step
def a_cursor_that_scrolls():
    with conn.transaction(), conn.cursor(name="scrolls", scrollable=True) as cursor:
        cursor.execute("SELECT id FROM orders ORDER BY id")
        cursor.fetchmany(5)
        cursor.scroll(-3)
        return cursor.fetchone()


@step
def a_cursor_that_outlives_its_transaction():
    with conn.cursor(name="outlives", withhold=True) as cursor:
        cursor.execute("SELECT id FROM orders ORDER BY id")
        return len(cursor.fetchall())


@step
def a_pipeline():
    with conn.pipeline():
        cursors = [conn.execute("SELECT %s::int", (at,)) for at in range(20)]
    return [cursor.fetchone()[0] for cursor in cursors]


@step
def SET_and_what_follows_it_in_one_pipeline():
    with conn.pipeline(), conn.transaction():
        conn.execute("SET LOCAL search_path TO public")
        conn.execute("SET LOCAL statement_timeout TO 9000")
        return conn.execute("SELECT id FROM orders WHERE id = %s", (5,)).fetchone()


@step
def an_error_in_a_pipeline():
    try:
        with conn.pipeline():
            conn.execute("SELECT 1")
            conn.execute("SELECT 1 / 0")
            conn.execute("SELECT 2")
    except psycopg.errors.DivisionByZero as error:
        return error.sqlstate, rows("SELECT 3")


@step
def many_at_once():
    with conn.transaction(force_rollback=True), conn.cursor() as cursor:
        cursor.executemany("UPDATE orders SET status = %s WHERE id = %s", [("m", at) for at in range(1, 20)])
        return cursor.rowcount


@step
def many_at_once_with_answers():
    with conn.transaction(force_rollback=True), conn.cursor() as cursor:
        values = [("m", at) for at in range(1, 9)]
        cursor.executemany("UPDATE orders SET status = %s WHERE id = %s RETURNING id", values, returning=True)
        found = [cursor.fetchone()]
        while cursor.nextset():
            found.append(cursor.fetchone())
        return found


def copied_in(form):
    with conn.transaction(force_rollback=True), conn.cursor() as cursor:
        with cursor.copy(f"COPY products (id, name, category, price) FROM STDIN {form}") as copy:
            if form:
                copy.set_types(["int4", "text", "text", "numeric"])
            for at in range(9000, 9100):
                copy.write_row((at, f"n\t{at}", "c", decimal.Decimal("1.5")))
        return cursor.rowcount


@step
def COPY_in_as_text():
    return copied_in("")


@step
def COPY_in_as_binary():
    return copied_in("(FORMAT binary)")


@step
def COPY_out_as_text():
    with conn.cursor() as cursor, cursor.copy("COPY (SELECT id, name FROM products) TO STDOUT") as copy:
        return list(copy.rows())


@step
def COPY_out_as_binary():
    with conn.cursor() as cursor:
        with cursor.copy("COPY (SELECT id, name FROM products) TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(["int4", "text"])
            return list(copy.rows())


@step
def classified_columns_COPY_out_as_binary():
    with conn.cursor() as cursor:
        with cursor.copy("COPY (SELECT id, email FROM customers) TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(["int4", "text"])
            return sum(1 for _ in copy.rows())


@step
def a_cancel():
    threading.Timer(0.4, conn.cancel).start()
    return rows(NEVER)


@step
def goes_on_after_it():
    return rows("SELECT 1")


@step
def LISTEN_and_NOTIFY():
    with psycopg.connect("", autocommit=True) as other:
        other.execute("LISTEN py_channel")
        conn.execute("NOTIFY py_channel, 'hello'")
        notify = next(other.notifies())
        return notify.channel, notify.payload


@step
def types_looked_up():
    return (TypeInfo.fetch(conn, "hstore"), CompositeInfo.fetch(conn, "orders").field_names,
            RangeInfo.fetch(conn, "int4range").subtype_oid)


@step
def read_only_and_serializable():
    with psycopg.connect("") as other:
        other.read_only = True
        other.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        seen = other.execute("SHOW transaction_isolation").fetchall()
        return seen, other.execute("UPDATE orders SET status = 'x' WHERE id = 1").rowcount


@step
def a_stream():
    return sum(1 for _ in conn.cursor().stream("SELECT g FROM generate_series(1, 1000) g"))


@step
def a_large_result():
    return len(rows("SELECT g, repeat('x', 200) FROM generate_series(1, 50000) g"))


@step
def parameters_put_in_by_the_client():
    return psycopg.ClientCursor(conn).execute("SELECT id FROM orders WHERE id = %s", (3,)).fetchall()


@step
def settings():
    conn.execute("SET TIME ZONE 'UTC'")
    conn.execute("SET application_name TO 'clients'")
    return conn.info.parameter_status("TimeZone"), conn.info.encoding, rows("SHOW application_name")


@step
def asynchronous():
    async def run():
        async with await psycopg.AsyncConnection.connect("", autocommit=True) as other:
            return await (await other.execute("SELECT 1")).fetchall()

    return asyncio.run(run())


@step
def error_no_such_table():
    return rows("SELECT 'é' FROM nosuch")


@step
def error_no_such_column():
    return rows("SELECT o.nocol FROM orders o WHERE id = %s", (1,))


@step
def error_syntax():
    return rows("selec 1")


conn.close()
print("done")
