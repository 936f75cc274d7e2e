import pg from "pg"; import { readFileSync } from "node:fs";
const up = JSON.parse(readFileSync("/tmp/attack/up/up.json"));
const ca = readFileSync("/tmp/attack/up/ca/ca.crt");
const conf = (u) => { const x = new URL(u); return { host: x.hostname, port: +x.port, user: x.username, password: decodeURIComponent(x.password), database: "shop", ssl: { ca } }; };
const who = process.argv[2], file = process.argv[3];
const d = new pg.Client(conf(up.resources.shop.directUrl)); await d.connect();
const { rows } = await d.query("select email, phone, card, ssn from customers");
const before = (await d.query("select md5(string_agg(c::text,'' order by id)) a, (select md5(string_agg(o::text,'' order by id)) from orders o) b from customers c")).rows[0];
const secrets = rows.slice(0,400).flatMap(r => [r.email, r.card, r.ssn, r.phone]);
const norm = (s) => s.toLowerCase().replace(/[^a-z0-9@]/g, "");
const set = secrets.map(norm);
for (const line of readFileSync(file, "utf8").split("\n")) {
  if (!line.trim() || line.startsWith("#")) continue;
  const texts = line.replaceAll("⏎", "\n").split(" ;;; ");
  const c = new pg.Client({ ...conf(up.resources.shop.urls[who]), statement_timeout: 0 });
  const notes = []; c.on("notice", n => notes.push(n.message)); c.on("error", e => notes.push("ERR " + e.message));
  await c.connect();
  let out = "";
  for (const t of texts) {
    try {
      const r = await Promise.race([c.query({ text: t, rowMode: "array" }), new Promise((_, n) => setTimeout(() => n(new Error("TIMEOUT/HELD " + notes.join("|"))), 4000))]);
      out += " ⇒ " + JSON.stringify((Array.isArray(r) ? r : [r]).map(x => x.rows.slice(0, 4))).slice(0, 260);
      const all = norm(JSON.stringify(r.rows ?? r.map(x => x.rows)) + notes.join());
      const leak = set.find(s => all.includes(s)) ; if (leak) out += "  !!!LEAK " + leak;
    } catch (e) { out += " ✗ " + e.code + " " + e.message.slice(0, 200); if (e.detail) out += " DETAIL " + e.detail; const l = set.find(s => norm(e.message + e.detail).includes(s)); if (l) out += "  !!!LEAK " + l; if (String(e.message).startsWith("TIMEOUT")) break; }
  }
  console.log("» " + line.slice(0, 300) + "\n    " + out.trim() + (notes.length ? " NOTES " + notes.join("|").slice(0, 150) : ""));
  c.connection.stream.destroy();
}
const after = (await d.query("select md5(string_agg(c::text,'' order by id)) a, (select md5(string_agg(o::text,'' order by id)) from orders o) b from customers c")).rows[0];
console.log(before.a === after.a && before.b === after.b ? "content same" : "!!!CHANGED");
await d.end(); process.exit(0);
