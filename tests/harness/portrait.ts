/** Drawn people in front of the cameras, for pictures that show more than a test card. */

import type { BrowserContext } from "playwright-core";

export type Look = {
  readonly wall: string;
  readonly clothes: string;
  readonly skin: string;
  readonly hair: string;
  /** Upright stripes on the wall, where it has any. */
  readonly stripes?: string;
};

export const LOOKS: readonly Look[] = [
  { wall: "#d8e2dc", clothes: "#3d5a80", skin: "#8d5524", hair: "#1f1a17" },
  { wall: "#e8e4d9", clothes: "#6b705c", skin: "#f1c9a5", hair: "#b08d57" },
  { wall: "#dfe7f2", clothes: "#7d4f50", skin: "#c68642", hair: "#2d2420" },
  { wall: "#eadfe6", clothes: "#52796f", skin: "#e0ac69", hair: "#4a2c2a" },
  { wall: "#e3e6d3", clothes: "#455a64", skin: "#d8a47f", hair: "#6d6d6d" },
];

/** Puts this person in front of the camera, in all pages of a browser profile. */
export async function sitBefore(context: BrowserContext, look: Look): Promise<void> {
  await context.addInitScript(draw, look);
}

/** Runs in the page. */
function draw(look: Look): void {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
  const pen = canvas.getContext("2d");
  const oval = (color: string, x: number, y: number, width: number, height: number) => {
    if (pen) {
      pen.fillStyle = color;
      pen.beginPath();
      pen.ellipse(x, y, width, height, 0, 0, 2 * Math.PI);
      pen.fill();
    }
  };
  const paint = () => {
    if (pen) {
      pen.fillStyle = look.wall;
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.fillStyle = look.stripes ?? look.wall;
      for (let left = 0; left < canvas.width; left += 16) {
        pen.fillRect(left, 0, 8, canvas.height);
      }
    }
    const nod = 3 * Math.sin(performance.now() / 700);
    oval(look.clothes, 320, 390, 165, 140);
    oval(look.skin, 320, 265, 38, 50);
    oval(look.hair, 320, 158 + nod, 88, 96);
    oval(look.skin, 320, 178 + nod, 72, 88);
    oval("#2b2320", 294, 172 + nod, 6, 8);
    oval("#2b2320", 346, 172 + nod, 6, 8);
    oval("#9c4a4a", 320, 220 + nod, 24, 7);
  };
  setInterval(paint, 66);

  const { mediaDevices } = navigator;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    for (const track of stream.getVideoTracks()) {
      stream.removeTrack(track);
      track.stop();
      for (const drawn of canvas.captureStream(15).getVideoTracks()) {
        stream.addTrack(drawn);
      }
    }
    return stream;
  };
}
