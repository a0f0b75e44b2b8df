/** Text messages of a program that has no gateway: it writes them to files. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { School } from "./school.ts";
import { until } from "./until.ts";

/** The settings of such a program. */
export const TEXTS_TO_FILES = { HOMEROOM__TEXTS__TO_FILES: "true" } as const;

/** What has come to that number. */
export async function untilTexted({ folder }: School, number: string): Promise<string> {
  const head = `To: ${number}\n\n`;
  return until(`a text to ${number}`, async () => {
    const names = await readdir(join(folder, "texts")).catch(() => []);
    const ready = names.filter((name) => name.endsWith(".txt"));
    const texts = await Promise.all(
      ready.map((name) => readFile(join(folder, "texts", name), "utf8")),
    );
    return texts.find((text) => text.startsWith(head))?.slice(head.length);
  });
}
