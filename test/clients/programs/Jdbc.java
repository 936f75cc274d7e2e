import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What JDBC's users do, one line per step. Run twice, through the enforcer and directly: both must print the same. */
public class Jdbc {
  static final String NEVER = "SELECT count(*) FROM orders a, orders b, orders c";

  interface Step {
    Object run() throws Exception;
  }

  static void step(String name, Step step) {
    try {
      System.out.println(name + ": " + step.run());
    } catch (PSQLException error) {
      ServerErrorMessage told = error.getServerErrorMessage();
      int position = told == null ? 0 : told.getPosition();
      String message = told == null ? error.getMessage() : told.getMessage();
      System.out.println(name + ": error " + error.getSQLState() + " " + position + " " + message);
    } catch (Exception error) {
      System.out.println(name + ": error " + error);
    }
  }

  static int count(ResultSet rows) throws SQLException {
    int count = 0;
    while (rows.next()) count++;
    rows.close();
    return count;
  }

  static List<Object> all(ResultSet rows) throws SQLException {
    List<Object> found = new ArrayList<>();
    int width = rows.getMetaData().getColumnCount();
    while (rows.next()) for (int at = 1; at <= width; at++) found.add(rows.getObject(at));
    return found;
  }

  static Connection connect(String options) throws SQLException {
    Map<String, String> env = System.getenv();
    Properties properties = new Properties();
    properties.setProperty("user", env.get("PGUSER"));
    properties.setProperty("password", env.get("PGPASSWORD"));
    properties.setProperty("sslmode", "verify-full");
    properties.setProperty("sslrootcert", env.get("PGSSLROOTCERT"));
    String address = env.get("PGHOST") + ":" + env.get("PGPORT") + "/" + env.get("PGDATABASE");
    return DriverManager.getConnection("jdbc:postgresql://" + address + "?" + options, properties);
  }

  public static void main(String[] arguments) throws Exception {
    String[] ways = {
      "", "preferQueryMode=simple", "prepareThreshold=1&currentSchema=public&options=-c%20statement_timeout=90000",
      "autosave=always&reWriteBatchedInserts=true&ApplicationName=clients"
    };
    for (String way : ways) {
      System.out.println("= " + way);
      try (Connection connection = connect(way)) {
        everyday(connection);
        if (!way.contains("simple")) onlyExtended(connection);
      }
    }
    try (Connection connection = connect("")) {
      metadata(connection.getMetaData());
    }
    System.out.println("done");
  }

  static Object takenBack(Connection connection, Step step) throws Exception {
    connection.setAutoCommit(false);
    try {
      return step.run();
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  static void everyday(Connection connection) throws Exception {
    Statement plain = connection.createStatement();
    step("a query", () -> all(plain.executeQuery("SELECT 1, 'x', NULL")));
    step("a prepared statement, used again", () -> {
      List<Object> found = new ArrayList<>();
      try (PreparedStatement prepared = connection.prepareStatement("SELECT id, total FROM orders WHERE id = ?")) {
        for (int id = 1; id < 11; id++) {
          prepared.setInt(1, id);
          found.addAll(all(prepared.executeQuery()));
        }
      }
      return found;
    });
    step("several statements in one text", () -> {
      int results = plain.execute("SELECT 1; SELECT 2; SELECT 3") ? 1 : 0;
      while (plain.getMoreResults()) results++;
      return results;
    });
    step("fetchSize", () -> takenBack(connection, () -> {
      Statement fetched = connection.createStatement();
      fetched.setFetchSize(50);
      return count(fetched.executeQuery("SELECT id FROM orders"));
    }));
    step("a savepoint", () -> takenBack(connection, () -> {
      plain.executeUpdate("UPDATE orders SET status = 'j' WHERE id = 1");
      Savepoint savepoint = connection.setSavepoint();
      String failed = "";
      try {
        plain.executeQuery("SELECT 1 / 0");
      } catch (SQLException error) {
        failed = error.getSQLState();
      }
      connection.rollback(savepoint);
      return failed + all(plain.executeQuery("SELECT status FROM orders WHERE id = 1"));
    }));
    step("going on in a transaction after an error", () -> takenBack(connection, () -> {
      plain.executeQuery("SELECT 1");
      try {
        plain.executeQuery("SELECT nocol FROM orders");
      } catch (SQLException error) {
        // autosave takes the statement back
      }
      return all(plain.executeQuery("SELECT 2"));
    }));
    step("a batch", () -> takenBack(connection, () -> {
      String insert = "INSERT INTO products (id, name, category, price) VALUES (?, ?, ?, ?)";
      try (PreparedStatement prepared = connection.prepareStatement(insert)) {
        for (int at = 0; at < 300; at++) {
          prepared.setInt(1, 9000 + at);
          prepared.setString(2, "n");
          prepared.setString(3, "c");
          prepared.setBigDecimal(4, new BigDecimal("2.5"));
          prepared.addBatch();
        }
        prepared.executeBatch();
      }
      return all(plain.executeQuery("SELECT count(*), sum(price) FROM products WHERE id >= 9000"));
    }));
    step("generated keys", () -> takenBack(connection, () -> {
      String insert = "INSERT INTO products (id, name, category, price) VALUES (9000, 'n', 'c', 1)";
      try (PreparedStatement prepared = connection.prepareStatement(insert, new String[] {"id"})) {
        prepared.executeUpdate();
        return all(prepared.getGeneratedKeys());
      }
    }));
    step("a result that is updated", () -> takenBack(connection, () -> {
      Statement updating = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
      ResultSet rows = updating.executeQuery("SELECT id, status FROM orders WHERE id < 5 ORDER BY id");
      rows.next();
      rows.updateString("status", "z");
      rows.updateRow();
      return all(plain.executeQuery("SELECT status FROM orders WHERE id = 1"));
    }));
    step("COPY both ways", () -> takenBack(connection, () -> {
      CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
      StringWriter out = new StringWriter();
      copy.copyOut("COPY (SELECT id, name FROM products ORDER BY id) TO STDOUT CSV", out);
      String rows = "9000,a,b,1\n9001,a,b,1\n";
      String into = "COPY products (id, name, category, price) FROM STDIN CSV";
      return out.toString().length() + " " + copy.copyIn(into, new StringReader(rows));
    }));
    step("a cancel", () -> {
      new java.util.Timer(true).schedule(new TimerTask() {
        @Override
        public void run() {
          try {
            plain.cancel();
          } catch (SQLException error) {
            System.out.println("cancel: " + error);
          }
        }
      }, 300);
      return count(plain.executeQuery(NEVER));
    });
    step("a query's time", () -> {
      Statement timed = connection.createStatement();
      timed.setQueryTimeout(1);
      return count(timed.executeQuery(NEVER));
    });
    step("LISTEN and NOTIFY", () -> {
      plain.execute("LISTEN jdbc_channel");
      plain.execute("NOTIFY jdbc_channel, 'hello'");
      return connection.unwrap(PGConnection.class).getNotifications(2000)[0].getParameter();
    });
    step("isolation and read-only", () -> {
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      connection.setReadOnly(true);
      try {
        return takenBack(connection, () -> plain.executeUpdate("UPDATE orders SET status = 'x' WHERE id = 1"));
      } finally {
        connection.setReadOnly(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      }
    });
    step("schema, catalog, liveness, application", () -> {
      connection.setSchema("public");
      connection.setClientInfo("ApplicationName", "clients");
      return connection.getSchema() + connection.getCatalog() + connection.isValid(5);
    });
    step("a large result", () -> count(plain.executeQuery("SELECT g, repeat('x', 100) FROM generate_series(1, 50000) g")));
    step("error: no such table", () -> plain.executeQuery("SELECT 'é' FROM nosuch"));
    step("error: no such column", () -> plain.executeQuery("SELECT o.nocol FROM orders o"));
    step("error: syntax", () -> plain.executeQuery("selec 1"));
  }

  static void onlyExtended(Connection connection) {
    step("types both ways", () -> {
      String query = "SELECT ?::int8, ?::numeric, ?::date, ?::uuid, ?::bool, ?::text[], ?::bytea";
      try (PreparedStatement prepared = connection.prepareStatement(query)) {
        prepared.setLong(1, 5);
        prepared.setBigDecimal(2, new BigDecimal("1.5"));
        prepared.setDate(3, java.sql.Date.valueOf("2026-01-02"));
        prepared.setObject(4, new UUID(0, 7));
        prepared.setBoolean(5, true);
        prepared.setArray(6, connection.createArrayOf("text", new String[] {"a", null}));
        prepared.setBytes(7, new byte[] {1, 0});
        String seen = "";
        for (int again = 0; again < 7; again++) {
          ResultSet rows = prepared.executeQuery();
          rows.next();
          seen = rows.getLong(1) + " " + rows.getBigDecimal(2) + " " + rows.getDate(3) + " " + rows.getObject(4)
              + rows.getBoolean(5) + Arrays.toString((Object[]) rows.getArray(6).getArray()) + rows.getBytes(7).length;
          rows.close();
        }
        return seen;
      }
    });
    step("a statement's metadata", () -> {
      try (PreparedStatement prepared = connection.prepareStatement("SELECT id, status AS s FROM orders WHERE id = ?")) {
        ResultSetMetaData result = prepared.getMetaData();
        return result.getColumnTypeName(1) + result.isNullable(1) + result.isAutoIncrement(1) + result.getTableName(2)
            + prepared.getParameterMetaData().getParameterTypeName(1);
      }
    });
    step("a function", () -> {
      try (CallableStatement call = connection.prepareCall("{? = call upper(?)}")) {
        call.registerOutParameter(1, Types.VARCHAR);
        call.setString(2, "x");
        call.execute();
        return call.getString(1);
      }
    });
    step("a large array", () -> {
      Integer[] ids = new Integer[5000];
      for (int at = 0; at < ids.length; at++) ids[at] = at;
      try (PreparedStatement prepared = connection.prepareStatement("SELECT id FROM orders WHERE id = ANY (?)")) {
        prepared.setArray(1, connection.createArrayOf("int4", ids));
        return count(prepared.executeQuery());
      }
    });
  }

  static void metadata(DatabaseMetaData data) {
    step("tables", () -> count(data.getTables(null, "public", "%", new String[] {"TABLE", "VIEW"})));
    step("all tables", () -> count(data.getTables(null, "pg_catalog", "%", null)));
    step("columns", () -> count(data.getColumns(null, "public", "%", "%")));
    step("primary keys", () -> count(data.getPrimaryKeys(null, "public", "orders")));
    step("imported keys", () -> count(data.getImportedKeys(null, "public", "orders")));
    step("exported keys", () -> count(data.getExportedKeys(null, "public", "customers")));
    step("cross reference", () -> count(data.getCrossReference(null, "public", "customers", null, "public", "orders")));
    step("indexes", () -> count(data.getIndexInfo(null, "public", "orders", false, false)));
    step("procedures", () -> count(data.getProcedures(null, "public", "%")) + count(data.getProcedureColumns(null, "public", "%", "%")));
    step("functions", () -> count(data.getFunctions(null, "public", "%")) + count(data.getFunctionColumns(null, "public", "%", "%")));
    step("schemas and catalogs", () -> count(data.getSchemas()) + count(data.getCatalogs()) + count(data.getTableTypes()));
    step("types", () -> count(data.getTypeInfo()) > 50);
    step("types of its own", () -> count(data.getUDTs(null, "public", "%", null)));
    step("rights", () -> count(data.getTablePrivileges(null, "public", "orders")) + count(data.getColumnPrivileges(null, "public", "orders", "%")));
    step("row identifiers", () -> count(data.getBestRowIdentifier(null, "public", "orders", 1, true)) + count(data.getVersionColumns(null, "public", "orders")));
    step("limits", () -> data.getDatabaseProductVersion() + data.getMaxConnections() + " " + data.getMaxIndexLength() + " " + data.getSQLKeywords().length());
  }
}
