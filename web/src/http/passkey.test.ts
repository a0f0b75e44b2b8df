import fc from "fast-check";
import { expect, it } from "vitest";
import { bytesOf, textOf } from "./passkey";

it("writes bytes as the server reads them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = textOf(Uint8Array.from(bytes).buffer);
      expect(text).toBe(Buffer.from(bytes).toString("base64url"));
      expect([...bytesOf(text)]).toEqual([...bytes]);
    }),
  );
});
