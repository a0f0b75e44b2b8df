// The link of a room at an hour at which nobody comes by it.

import { useApp } from "../app";
import { useReadersTimes } from "../parts/appointment";
import { LinkPage } from "../parts/link-page";
import { useEvery } from "../parts/resource";
import { useText } from "../text/context";

/** How often it is looked whether it has opened, milliseconds. */
const LOOK_EVERY_MS = 30_000;

type Props = {
  readonly title: string;
  /** When it opens next, an instant. */
  readonly opens: string;
  /** The zone of the school. */
  readonly zone: string;
};

export function ClosedRoomPage({ title, opens, zone }: Props) {
  const { lookAgain } = useApp();
  const text = useText();
  const times = useReadersTimes(zone);
  useEvery(LOOK_EVERY_MS, lookAgain);
  return (
    <LinkPage name="room-closed" heading={title}>
      <p role="status">{text("room_closed", { moment: times.moment(opens) })}</p>
    </LinkPage>
  );
}
