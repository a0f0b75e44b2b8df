/** A story that begins with an empty school. */

import { mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { type Engine, launch } from "./browsers.ts";
import { People } from "./people.ts";
import { School } from "./school.ts";
import { OUT } from "./stage.ts";

/** Tells a story by its name, with a school at that host, if one is said; what it leaves behind when it fails is in `tests/out`. */
export function eveningStory(
  name: string,
  tell: (school: School, people: People) => Promise<void>,
  host?: string,
): void {
  test(name, () => withSchool(name, tell, {}, "chromium", host));
}

/** Founds a school for `tell`, and ends it. */
export async function withSchool(
  name: string,
  tell: (school: School, people: People) => Promise<void>,
  settings: Readonly<Record<string, string>> = {},
  engine: Engine = "chromium",
  host?: string,
): Promise<void> {
  const [founded, launched] = await Promise.allSettled([
    School.found(settings, host),
    launch(engine, "pages"),
  ]);
  if (founded.status === "rejected" || launched.status === "rejected") {
    const begun = [founded, launched].filter((one) => one.status === "fulfilled");
    await Promise.allSettled(begun.map(({ value }) => value.close()));
    throw [founded, launched].find((one) => one.status === "rejected")?.reason;
  }
  const school = founded.value;
  const failures: unknown[] = [];
  try {
    const people = new People(launched.value, school.origin, engine);
    try {
      await tell(school, people);
    } catch (error) {
      failures.push(error);
      const folder = `${OUT}failed/${name.replaceAll(/\W+/g, "-")}/`;
      await mkdir(folder, { recursive: true });
      await people.keep(folder);
      await writeFile(`${folder}homeroom.log`, school.log);
    } finally {
      await people.leave();
    }
  } finally {
    await school.close().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) {
    throw failures.length === 1 ? failures[0] : new AggregateError(failures);
  }
}
