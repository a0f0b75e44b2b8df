// What is wrong with camera and microphone: it comes after the page, which few need it on.

import { useApp } from "../app";
import { type Later, later, useNow, useSoon } from "./later";

const note = later(async () => (await import("./trouble-note")).TroubleNote);

export function TroubleWhenHere({ inCall = false }: { readonly inCall?: boolean }) {
  const { asked, trouble } = useApp().local;
  const { camera, microphone } = trouble.value;
  useSoon(note, asked.value);
  const Note = note.part.value;
  if (camera === undefined && microphone === undefined) {
    return null;
  }
  return Note === null ? <Coming part={note} /> : <Note inCall={inCall} />;
}

function Coming({ part }: { readonly part: Later<unknown> }) {
  useNow(part);
  return null;
}
