import fc from "fast-check";
import { expect, test } from "vitest";
import { HeldNames } from "./held-names.ts";

test("counts what its names and texts hold, whatever is set, replaced and deleted", () => {
  const step = fc.tuple(fc.constantFrom("set", "delete", "clear"), fc.constantFrom("", "a", "long name"), fc.string());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const names = new HeldNames<string>((text) => text.length);
      for (const [what, name, text] of steps) {
        if (what === "set") names.set(name, text);
        else if (what === "delete") names.delete(name);
        else names.clear();
      }
      const held = [...names.named()];
      expect(names.units).toBe(held.reduce((sum, [name, text]) => sum + name.length + text.length, 0));
    }),
  );
});
