// The pages of waiting areas come to those who have a link of one, and to nobody else.

import type { ComponentProps } from "preact";
import { later } from "../parts/later";
import { NotHereYet } from "../parts/when-here";
import type { AreaPages } from "./area";

const areaPages = later(async () => (await import("./area")).AreaPages);

export function AreaPagesWhenHere(props: ComponentProps<typeof AreaPages>) {
  const Pages = areaPages.part.value;
  return Pages === null ? <NotHereYet part={areaPages} /> : <Pages {...props} />;
}
