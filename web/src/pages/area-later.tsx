// The pages at the door of a room or a waiting area, and those of an area, come to those who have a link
// of one, and to nobody else.

import type { ComponentProps } from "preact";
import { later } from "../parts/later";
import { NotHereYet } from "../parts/when-here";
import type { AreaPages, RoomDoorPage } from "./area";

const areaPages = later(async () => (await import("./area")).AreaPages);
const roomDoor = later(async () => (await import("./area")).RoomDoorPage);

export function AreaPagesWhenHere(props: ComponentProps<typeof AreaPages>) {
  const Pages = areaPages.part.value;
  return Pages === null ? <NotHereYet part={areaPages} /> : <Pages {...props} />;
}

export function RoomDoorWhenHere(props: ComponentProps<typeof RoomDoorPage>) {
  const Page = roomDoor.part.value;
  return Page === null ? <NotHereYet part={roomDoor} /> : <Page {...props} />;
}
