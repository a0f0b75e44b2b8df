// The pages of a waiting area's link, and of the door of a room.

import { texts } from "virtual:texts-of-areas";
import type { Link } from "../http/links";
import type { JoinNotice } from "../session/state";
import { addTexts } from "../text/text";
import type { AreaView } from "../wire/messages";
import { AreaDoorPage } from "./area-door";
import { JoinPage } from "./join";
import { VisitPages } from "./visit";

export { RoomDoorPage } from "./room-door";

addTexts(texts);

type Props = {
  readonly link: Link;
  readonly title: string;
  readonly area: AreaView;
  readonly notice: JoinNotice | null;
};

/** Its own link asks who comes; a caller waits by theirs; its providers join by theirs. */
export function AreaPages({ link, title, area, notice }: Props) {
  const { asks_reason: asks, visit } = area;
  if (asks === true) {
    return <AreaDoorPage link={link} title={title} area={area} />;
  }
  if (visit === undefined) {
    return <JoinPage notice={notice} joining={false} />;
  }
  return <VisitPages link={link} title={title} area={area} visit={visit} notice={notice} />;
}
