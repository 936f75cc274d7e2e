"""What psycopg 2's users do, one line per step. Run twice, through the enforcer and directly: both must print the same."""
import io
import threading

import psycopg2
import psycopg2.extras

NEVER = "SELECT count(*) FROM orders a, orders b, orders c"
conn = psycopg2.connect("")


def rows(*query):
    with conn.cursor() as cursor:
        cursor.execute(*query)
        return cursor.fetchall()


def step(run):
    name = run.__name__.replace("_", " ")
    try:
        print(f"{name}: {run()!r}")
    except psycopg2.Error as error:
        print(f"{name}: error {error.pgcode} {error.diag.statement_position} {error.diag.message_primary}")
    except Exception as error:
        print(f"{name}: error {type(error).__name__} {error}")
    finally:
        conn.rollback()
    return run


@step
def a_query():
    return rows("SELECT id, name FROM customers WHERE id = %s", (1,))


@step
def a_cursor_on_the_server():
    with conn.cursor("on_the_server") as cursor:
        cursor.itersize = 100
        cursor.execute("SELECT id FROM orders")
        return sum(1 for _ in cursor)


@step
def isolation_and_read_only():
    conn.set_session(isolation_level="SERIALIZABLE", readonly=True)
    try:
        return rows("SHOW transaction_isolation"), rows("UPDATE orders SET status = 'x' WHERE id = 1 RETURNING id")
    finally:
        conn.rollback()
        conn.set_session(isolation_level="READ COMMITTED", readonly=False)


@step
def many_at_once():
    with conn.cursor() as cursor:
        insert = "INSERT INTO products (id, name, category, price) VALUES %s"
        psycopg2.extras.execute_values(cursor, insert, [(9000 + at, "n", "c", 1) for at in range(300)])
        update = "UPDATE products SET price = %s WHERE id = %s"
        psycopg2.extras.execute_batch(cursor, update, [(2, 9000 + at) for at in range(300)])
    return rows("SELECT count(*), sum(price) FROM products WHERE id >= 9000")


@step
def COPY():
    with conn.cursor() as cursor:
        into = "COPY products (id, name, category, price) FROM STDIN CSV"
        cursor.copy_expert(into, io.StringIO("9001,a,b,1\n"))
        cursor.copy_from(io.StringIO("9002\ta\tb\t1\n"), "products")
        out = io.StringIO()
        cursor.copy_to(out, "products")
    return len(out.getvalue())


@step
def types_looked_up():
    composite = psycopg2.extras.register_composite("orders", conn)
    return composite.attnames, psycopg2.extras.HstoreAdapter.get_oids(conn)


@step
def goes_on_after_an_error():
    try:
        rows("SELECT 1 / 0")
    except psycopg2.Error as error:
        conn.rollback()
        return error.pgcode, rows("SELECT 2")


@step
def LISTEN_and_NOTIFY():
    with conn.cursor() as cursor:
        cursor.execute("LISTEN py2_channel")
        cursor.execute("NOTIFY py2_channel, 'hello'")
        conn.commit()
        conn.poll()
        return [(notify.channel, notify.payload) for notify in conn.notifies]


@step
def a_cancel():
    threading.Timer(0.3, conn.cancel).start()
    return rows(NEVER)


@step
def error_no_such_table():
    return rows("SELECT 'é' FROM nosuch")


conn.reset()
conn.close()
print("done")
