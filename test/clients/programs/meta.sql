\d
\d+
\d customers
\d+ customers
\d orders_customer
\d customer_contacts
\dt+
\di+
\dv+
\dm
\ds
\dE
\df
\df+ public.*
\da
\dn+
\du
\dg+
\l
\dx+
\dp
\ddp
\dT+
\dD
\dC
\dc
\dO
\do
\db
\dy
\des
\deu
\dew
\det
\dF
\dFd
\dFp
\dFt
\dL
\dP
\dRp
\dRs
\dX
\dA
\dAc
\dAf
\dAo
\dAp
\dconfig search_path
\drds
\dl
\dS pg_class
\sf customer_email
\sv customer_contacts
\encoding
\set FETCH_COUNT 100
SELECT id FROM orders ORDER BY id LIMIT 250;
\unset FETCH_COUNT
SELECT 'SELECT ' || g FROM generate_series(1, 3) g \gexec
SELECT 1 AS a, 2 AS b \gset
SELECT :a + :b;
SELECT 1 \gx
\copy (SELECT id, name FROM customers ORDER BY id LIMIT 3) TO STDOUT
\copy (SELECT id, name FROM customers ORDER BY id LIMIT 3) TO STDOUT CSV HEADER
SELECT id, city, count(*) FROM customers WHERE id < 5 GROUP BY id, city ORDER BY id, city \crosstabview id city
SELECT * FROM orders WHERE id = 1 \gdesc
BEGIN;
\copy products (id, name, category, price) FROM PSTDIN CSV
9000,a,b,1.5
\.
SELECT count(*) FROM products WHERE id = 9000;
SAVEPOINT a;
SELECT 1 / 0;
ROLLBACK TO a;
ROLLBACK;
\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT 1 / 0;
SELECT 2;
COMMIT;
SELECT * FROM nosuch;
SELECT 'é', nocol FROM orders;
selec 1;
SELECT 1; SELECT * FROM nosuch2; SELECT 3;
EXPLAIN (COSTS off) SELECT * FROM orders;
SHOW server_version;
