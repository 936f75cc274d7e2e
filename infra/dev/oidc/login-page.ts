const style = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#14171c;--soft:#5b6472;--line:#d9dee6;--accent:#2f5bea;--bad:#b3261e;--badbg:#fdecea}
@media (prefers-color-scheme:dark){:root{--bg:#0e1116;--card:#161b22;--text:#e8ebf0;--soft:#9aa4b2;--line:#2b333f;--accent:#7c9cff;--bad:#ff9d94;--badbg:#3a1a18}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main{width:min(400px,calc(100vw - 32px));background:var(--card);border:1px solid var(--line);border-radius:14px;padding:32px}
h1{font-size:20px;margin:0 0 4px}p{margin:0 0 20px;color:var(--soft)}label{display:block;font-weight:550;margin:14px 0 6px}
input{width:100%;padding:10px 12px;border:1px solid var(--line);border-radius:8px;background:transparent;color:inherit;font:inherit}
button{width:100%;margin-top:22px;padding:11px;border:0;border-radius:8px;background:var(--accent);color:#fff;font:inherit;font-weight:600;cursor:pointer}
@media (prefers-color-scheme:dark){button{color:#0e1116}}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
[role=alert]{margin:0 0 8px;padding:10px 12px;border-radius:8px;background:var(--badbg);color:var(--bad)}
footer{margin-top:22px;padding-top:16px;border-top:1px solid var(--line);color:var(--soft);font-size:13px}code{font:12.5px ui-monospace,monospace}`;

/** The sign-in form. `error` is shown above it; nothing that the visitor typed but the login comes back. */
export function loginPage(options: {
  readonly action: string;
  readonly login?: string;
  readonly error?: string;
  readonly people: readonly { readonly email: string; readonly title: string }[];
}): string {
  const { action, login = "", error, people } = options;
  const who = people.map(({ email, title }) => `<li><code>${escape(email)}</code> — ${escape(title)}</li>`).join("");
  return page(
    "Sign in",
    `<h1>Acme sign-in</h1><p>The development identity provider</p>
${error ? `<div role="alert">${escape(error)}</div>` : ""}
<form method="post" action="${escape(action)}">
<label for="login">E-mail</label><input id="login" name="login" autocomplete="username" required autofocus value="${escape(login)}">
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Sign in</button></form>
<footer>People here:<ul>${who}</ul>Their passwords are in <code>.sluice/up.json</code>.</footer>`,
  );
}

/** A page that says what went wrong and what to do. */
export function errorPage(title: string, detail: string): string {
  return page(
    title,
    `<h1>${escape(title)}</h1><p>${escape(detail)}</p><p>Go back to the console and sign in again.</p>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(title)} · Acme</title><style>${style}</style></head><body><main>${body}</main></body></html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
