import { expect, it } from "vitest";
import type { ImportOutcome, ImportRow } from "../wire/messages";
import { inOrder } from "./import-order";

const row = (line: number, outcome: ImportOutcome, ...does: string[]): ImportRow => ({
  line,
  outcome,
  student: "Ada Smith",
  kind: "student",
  reason: "",
  does,
});

it("shows what was refused, then what stays as the office has decided, then what changes", () => {
  const rows = [
    row(2, "unchanged"),
    row(3, "created", "Adds Ada Smith"),
    row(4, "unchanged", "Eve Smith stays taken off Ada Smith, as you have decided"),
    row(5, "updated", "Moves Ada Smith to 7B"),
    row(6, "refused"),
    row(7, "unchanged", "Ada Smith was erased here and stays so"),
  ];
  expect(inOrder(rows).map(({ line }) => line)).toEqual([6, 4, 7, 3, 5, 2]);
  expect(rows[0]?.line).toBe(2);
});
