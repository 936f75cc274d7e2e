import type { NextRequest } from "next/server";
import { handleAuth } from "../../../../server/auth/handle.ts";
import { web } from "../../../../server/web.ts";

interface Context {
  readonly params: Promise<{ nextauth: string[] }>;
}

const handle = (request: NextRequest, context: Context) => handleAuth(web(), request, context.params);

export { handle as GET, handle as POST };
