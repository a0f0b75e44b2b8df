// Asks the browser for camera and microphone: together in one prompt where both are wanted, then
// each alone where one of them stands in the way of the other.

import { layersOffered } from "./layers";
import { type Trouble, troubleOf } from "./trouble";

export type Device = "microphone" | "camera";
export type Chosen = { readonly [device in Device | "speaker"]?: string };

export type Captured =
  | {
      readonly track: MediaStreamTrack;
      /** Whether it is another device than the one chosen, which could not be had. */
      readonly instead?: true;
    }
  | { readonly trouble: Trouble };

/** What a laptop shows large; a phone takes half of it, which is what its encoder does well. */
function picture(): MediaTrackConstraints {
  const small = layersOffered() < 3;
  return {
    width: { ideal: small ? 640 : 1280 },
    height: { ideal: small ? 360 : 720 },
    frameRate: { ideal: 24, max: 30 },
  };
}
const SOUND: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/** Gets each of `devices`, or learns why not. */
export async function capture(
  devices: readonly Device[],
  chosen: Chosen,
): Promise<Map<Device, Captured>> {
  if (navigator.mediaDevices === undefined) {
    const trouble = withoutDevices();
    return new Map(devices.map((device) => [device, { trouble }]));
  }
  const first = await tryAll(devices, chosen);
  if (!("trouble" in first)) {
    return first.tracks;
  }
  const out = new Map<Device, Captured>();
  for (const device of devices) {
    out.set(device, await captureAlone(device, chosen, first.trouble, devices.length > 1));
  }
  return out;
}

/** Why a page has no devices at all: it is no secure one, or another app shows it in a view of its own. */
function withoutDevices(): Trouble {
  return globalThis.isSecureContext === true ? "webview" : "insecure";
}

/**
 * After a refusal of both, asks for one only where that brings up no second prompt; then for any
 * other than the one chosen.
 */
async function captureAlone(
  device: Device,
  chosen: Chosen,
  trouble: Trouble,
  wereTwo: boolean,
): Promise<Captured> {
  if (trouble === "denied" && (!wereTwo || (await permission(device)) !== "granted")) {
    return { trouble };
  }
  const alone = wereTwo ? await tryAll([device], chosen) : { trouble };
  if (!("trouble" in alone)) {
    return alone.tracks.get(device) ?? { trouble: "failed" };
  }
  if (chosen[device] === undefined || alone.trouble === "denied") {
    return alone;
  }
  const any = await tryAll([device], {});
  const found = "trouble" in any ? undefined : any.tracks.get(device);
  return found !== undefined && "track" in found ? { track: found.track, instead: true } : alone;
}

async function tryAll(
  devices: readonly Device[],
  chosen: Chosen,
): Promise<{ tracks: Map<Device, Captured> } | { trouble: Trouble }> {
  const ask = (device: Device, basis: MediaTrackConstraints) =>
    devices.includes(device) && { ...basis, ...only(chosen[device]) };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: ask("microphone", SOUND),
      video: ask("camera", picture()),
    });
    const found = new Map<Device, Captured>();
    for (const track of stream.getTracks()) {
      found.set(track.kind === "audio" ? "microphone" : "camera", { track });
    }
    return { tracks: found };
  } catch (error) {
    const trouble = troubleOf(error);
    return { trouble: trouble === "denied" ? await whoDenied(devices) : trouble };
  }
}

/** What the browser would let the page have, and it cannot have, the system denies. */
async function whoDenied(devices: readonly Device[]): Promise<Trouble> {
  const states = await Promise.all(devices.map(permission));
  return states.every((state) => state === "granted") ? "system" : "denied";
}

/** The chosen device and no other: browsers pass over a device that is only preferred. */
function only(id: string | undefined): MediaTrackConstraints {
  return id === undefined ? {} : { deviceId: { exact: id } };
}

/** What the browser would say, `prompt` where it does not tell. */
export async function permission(device: Device): Promise<PermissionState> {
  return (await permissionStatus(device))?.state ?? "prompt";
}

/** The browser's own record, `null` where it keeps none. */
export async function permissionStatus(device: Device): Promise<PermissionStatus | null> {
  try {
    return await navigator.permissions.query({ name: device as PermissionName });
  } catch {
    return null;
  }
}
