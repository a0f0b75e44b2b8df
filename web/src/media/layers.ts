// The camera in layers: the server passes on to each reader the one that suits them.

/** How many layers are offered: a phone has better use for its battery than a third. */
export function layersOffered(): number {
  return globalThis.matchMedia?.("(pointer: coarse)").matches ? 2 : 3;
}

/** What is offered of the camera, the smallest first. What of it is sent is for `shape` to say. */
export function encodings(offered: number): RTCRtpEncodingParameters[] {
  return Array.from({ length: offered }, (_, layer) => ({
    rid: `l${layer}`,
    scaleResolutionDownBy: 2 ** (offered - 1 - layer),
    maxBitrate: bitrate(720 / 2 ** (offered - 1 - layer)),
  }));
}

/**
 * Sets what is sent of a camera whose picture has this shorter side, pixels, and of which nobody
 * watches more than `watched` layers: three layers from 720 on, two from 360 on, else one.
 */
export function shape(
  encodings: readonly RTCRtpEncodingParameters[],
  height: number,
  watched: number,
): void {
  const useful = height >= 720 ? 3 : height >= 360 ? 2 : 1;
  const sent = Math.min(useful, encodings.length);
  for (const [layer, encoding] of encodings.entries()) {
    const scale = 2 ** Math.max(0, sent - 1 - layer);
    encoding.active = layer < sent && layer < Math.max(1, watched);
    encoding.scaleResolutionDownBy = scale;
    encoding.maxBitrate = bitrate(height / scale);
  }
}

/** Bits a second that a picture of this height is worth. */
function bitrate(height: number): number {
  if (height >= 600) {
    return 1_500_000;
  }
  return height >= 270 ? 600_000 : 180_000;
}
