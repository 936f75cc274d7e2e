import { handleTrpc } from "../../../../server/trpc-handle.ts";
import { web } from "../../../../server/web.ts";

const handle = (request: Request) => handleTrpc(web(), request);

export { handle as GET, handle as POST };
