// What the pages of the staff say beside what all pages say, in every language but English: families do not
// bring it along.

import { type Catalogue, textsForLater } from "./text";

const FILES = import.meta.glob<Catalogue>(["./*.json", "!./en.json"], {
  query: "?staff",
  import: "default",
});

export async function textsOfTheStaff(tag: string): Promise<Catalogue> {
  const [later, own] = await Promise.all([textsForLater(tag), FILES[`./${tag}.json`]?.()]);
  return { ...later, ...own };
}
