// What pgx's users do, one line per step. Run twice, through the enforcer and directly: both must print the same.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const never = "SELECT count(*) FROM orders a, orders b, orders c"

var ctx = context.Background()

func step(name string, run func() (any, error)) {
	value, err := run()
	var told *pgconn.PgError
	switch {
	case errors.As(err, &told):
		fmt.Printf("%s: error %s %d %s\n", name, told.Code, told.Position, told.Message)
	case err != nil:
		fmt.Printf("%s: error %T %s\n", name, err, err)
	default:
		fmt.Printf("%s: %v\n", name, value)
	}
}

func main() {
	modes := []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe,
		pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol}
	for _, version := range []string{"3.0", "3.2"} {
		for _, mode := range modes {
			fmt.Println("=", version, mode)
			config, err := pgx.ParseConfig("")
			if err != nil {
				panic(err)
			}
			config.DefaultQueryExecMode = mode
			config.Config.MaxProtocolVersion = version
			conn, err := pgx.ConnectConfig(ctx, config)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			everyday(conn)
			streams(conn)
			conn.Close(ctx)
		}
	}
	fmt.Println("done")
}

func count(rows pgx.Rows, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	found := 0
	for rows.Next() {
		found++
	}
	return found, rows.Err()
}

func takenBack(conn *pgx.Conn, run func(tx pgx.Tx) (any, error)) (any, error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(ctx)
	return run(tx)
}

func everyday(conn *pgx.Conn) {
	step("a row", func() (any, error) {
		var id int
		var name string
		err := conn.QueryRow(ctx, "SELECT id, name FROM customers WHERE id = $1", 1).Scan(&id, &name)
		return name, err
	})
	step("rows, again", func() (any, error) {
		for i := 0; i < 3; i++ {
			if _, err := count(conn.Query(ctx, "SELECT id, ordered_at FROM orders WHERE id < $1", 20)); err != nil {
				return nil, err
			}
		}
		return count(conn.Query(ctx, "SELECT id, ordered_at FROM orders WHERE id < $1", 20))
	})
	step("types both ways", func() (any, error) {
		var ints []int32
		var at time.Time
		var bytes []byte
		err := conn.QueryRow(ctx, "SELECT $1::int4[], $2::timestamptz, $3::bytea",
			[]int32{1, 2}, time.Unix(7, 0), []byte{0, 1}).Scan(&ints, &at, &bytes)
		return fmt.Sprint(ints, at.Unix(), bytes), err
	})
	step("a transaction in a transaction", func() (any, error) {
		return takenBack(conn, func(tx pgx.Tx) (any, error) {
			if _, err := tx.Exec(ctx, "UPDATE orders SET status = $1 WHERE id = $2", "g", 1); err != nil {
				return nil, err
			}
			inner, err := tx.Begin(ctx)
			if err != nil {
				return nil, err
			}
			inner.Exec(ctx, "SELECT 1 / 0")
			if err := inner.Rollback(ctx); err != nil {
				return nil, err
			}
			var status string
			return status, tx.QueryRow(ctx, "SELECT status FROM orders WHERE id = 1").Scan(&status)
		})
	})
	step("a cursor", func() (any, error) {
		return takenBack(conn, func(tx pgx.Tx) (any, error) {
			if _, err := tx.Exec(ctx, "DECLARE c CURSOR FOR SELECT id FROM orders"); err != nil {
				return nil, err
			}
			if _, err := count(tx.Query(ctx, "FETCH 100 FROM c")); err != nil {
				return nil, err
			}
			return count(tx.Query(ctx, "FETCH 50 FROM c"))
		})
	})
	step("LISTEN and NOTIFY", func() (any, error) {
		if _, err := conn.Exec(ctx, "LISTEN go_channel"); err != nil {
			return nil, err
		}
		if _, err := conn.Exec(ctx, "NOTIFY go_channel, 'hello'"); err != nil {
			return nil, err
		}
		within, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		heard, err := conn.WaitForNotification(within)
		if err != nil {
			return nil, err
		}
		return heard.Payload, nil
	})
	step("a statement prepared by name", func() (any, error) {
		if _, err := conn.Prepare(ctx, "named", "SELECT id FROM orders WHERE id = $1"); err != nil {
			return nil, err
		}
		var id int
		if err := conn.QueryRow(ctx, "named", 4).Scan(&id); err != nil {
			return nil, err
		}
		if err := conn.Deallocate(ctx, "named"); err != nil {
			return nil, err
		}
		return id, conn.DeallocateAll(ctx)
	})
	step("a type looked up", func() (any, error) {
		found, err := conn.LoadType(ctx, "products")
		if err != nil {
			return nil, err
		}
		return found.Name, nil
	})
	step("error: no such table", func() (any, error) { return conn.Exec(ctx, "SELECT 'é' FROM nosuch") })
	step("error: no such column", func() (any, error) { return conn.Exec(ctx, "SELECT o.nocol FROM orders o") })
	step("error: syntax", func() (any, error) { return conn.Exec(ctx, "selec 1") })
}

func streams(conn *pgx.Conn) {
	step("a batch", func() (any, error) {
		batch := &pgx.Batch{}
		for id := 0; id < 30; id++ {
			batch.Queue("SELECT id FROM orders WHERE id = $1", id)
		}
		batch.Queue("SELECT count(*) FROM customers")
		results := conn.SendBatch(ctx, batch)
		total := 0
		for i := 0; i < 31; i++ {
			found, err := count(results.Query())
			if err != nil {
				return nil, err
			}
			total += found.(int)
		}
		return total, results.Close()
	})
	step("SET and what follows it in one batch", func() (any, error) {
		batch := &pgx.Batch{}
		for _, text := range []string{"BEGIN", "SET LOCAL search_path TO public", "SET LOCAL statement_timeout TO 9000"} {
			batch.Queue(text)
		}
		batch.Queue("SELECT id FROM orders WHERE id = $1", 3)
		batch.Queue("COMMIT")
		results := conn.SendBatch(ctx, batch)
		for i := 0; i < 3; i++ {
			if _, err := results.Exec(); err != nil {
				return nil, err
			}
		}
		var id int
		if err := results.QueryRow().Scan(&id); err != nil {
			return nil, err
		}
		return id, results.Close()
	})
	step("an error in a batch", func() (any, error) {
		batch := &pgx.Batch{}
		for _, text := range []string{"SELECT 1", "SELECT 1 / 0", "SELECT 2"} {
			batch.Queue(text)
		}
		return nil, conn.SendBatch(ctx, batch).Close()
	})
	step("goes on after it", func() (any, error) { return count(conn.Query(ctx, "SELECT 1")) })
	step("COPY in", func() (any, error) {
		return takenBack(conn, func(tx pgx.Tx) (any, error) {
			rows := [][]any{}
			for at := 0; at < 500; at++ {
				rows = append(rows, []any{9000 + at, "n", "c", 1.5})
			}
			columns := []string{"id", "name", "category", "price"}
			return tx.CopyFrom(ctx, pgx.Identifier{"products"}, columns, pgx.CopyFromRows(rows))
		})
	})
	step("COPY out", func() (any, error) {
		var bytes counter
		tag, err := conn.PgConn().CopyTo(ctx, &bytes, "COPY (SELECT id, name FROM customers) TO STDOUT (FORMAT binary)")
		return fmt.Sprint(tag, " ", bytes), err
	})
	step("a pipeline", func() (any, error) {
		pipeline := conn.PgConn().StartPipeline(ctx)
		pipeline.SendPrepare("piped", "SELECT id FROM orders WHERE id = $1", nil)
		pipeline.SendQueryPrepared("piped", [][]byte{[]byte("3")}, nil, nil)
		pipeline.SendQueryParams("SELECT 5", nil, nil, nil, nil)
		pipeline.SendDeallocate("piped")
		if err := pipeline.Sync(); err != nil {
			return nil, err
		}
		seen := ""
		for {
			result, err := pipeline.GetResults()
			if err != nil {
				return nil, err
			}
			if reader, ok := result.(*pgconn.ResultReader); ok {
				read := reader.Read()
				seen += fmt.Sprint(len(read.Rows), " ", read.CommandTag, "; ")
			}
			if _, ok := result.(*pgconn.PipelineSync); ok {
				return seen, pipeline.Close()
			}
		}
	})
	step("several statements in one text", func() (any, error) {
		results, err := conn.PgConn().Exec(ctx, "SELECT 1; SELECT 2").ReadAll()
		return len(results), err
	})
	step("a cancel", func() (any, error) {
		within, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		_, err := conn.Exec(within, never)
		return err != nil, nil
	})
}

type counter int

func (bytes *counter) Write(chunk []byte) (int, error) {
	*bytes += counter(len(chunk))
	return len(chunk), nil
}
