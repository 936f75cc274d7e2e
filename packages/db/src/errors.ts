import { Prisma } from "./generated/client.ts";

/** Whether a write was refused because such a row exists already. */
export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === "P2002" || codeOf(error) === "23505";
}

/** Whether a write was refused because something that it names does not exist (in this org), or is still referred to. */
export function isForeignKeyViolation(error: unknown): boolean {
  return codeOf(error) === "P2003" || codeOf(error) === "23503";
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof Prisma.PrismaClientKnownRequestError) return error.code;
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return undefined;
}
