/** What a connection URL is made of. */
export interface ConnectionParts {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** A connection URL for every client that takes one. TLS is required: a token is accepted inside TLS only. */
export function connectionUrl({ host, port, database, user, password }: ConnectionParts): string {
  const authority = `${encode(user)}:${encode(password)}@${host.includes(":") ? `[${host}]` : host}`;
  return `postgresql://${authority}:${port}/${encode(database)}?sslmode=require`;
}

/** Also the apostrophe, so that a URL can stand in single quotes in a shell. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("'", "%27");
}

/** One line for a shell. */
export function psqlLine(parts: ConnectionParts): string {
  return `psql '${connectionUrl(parts)}'`;
}

/** Ways to connect, with `<token>` where the password goes. */
export function connectSnippets(parts: Omit<ConnectionParts, "password">) {
  const url = connectionUrl({ ...parts, password: "TOKEN" }).replace(":TOKEN@", ":<token>@");
  return [
    { label: "psql", language: "shell", text: `psql '${url}'` },
    { label: "Environment", language: "shell", text: `export DATABASE_URL='${url}'` },
    {
      label: "node-postgres",
      language: "typescript",
      text: `import pg from "pg";\n\nconst client = new pg.Client({ connectionString: process.env.DATABASE_URL });\nawait client.connect();`,
    },
    {
      label: "psycopg",
      language: "python",
      text: `import os, psycopg\n\nwith psycopg.connect(os.environ["DATABASE_URL"]) as connection:\n    print(connection.execute("select 1").fetchone())`,
    },
  ];
}
