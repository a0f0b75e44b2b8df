// How loud a microphone is, and a tone to hear whether the speaker works.

const EVERY_MS = 80;

/** Reports the level of `track`, 0 to 1, until the function returned is called. */
export function watchLevel(track: MediaStreamTrack, report: (level: number) => void): () => void {
  const context = new AudioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  source.connect(analyser);
  void context.resume();
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    // Before the first press browsers may hold it, and what is held hears nothing.
    if (context.state === "running") {
      analyser.getFloatTimeDomainData(samples);
      report(levelOf(samples));
    }
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

/** Root mean square, on a scale by which ordinary speech reaches the middle. */
export function levelOf(samples: Float32Array): number {
  const energy = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return levelOfEnergy(energy);
}

/** The same of an energy between 0 and 1. */
export function levelOfEnergy(energy: number): number {
  const decibels = 10 * Math.log10(Math.max(energy, 1e-10));
  return Math.min(1, Math.max(0, (decibels + 60) / 50));
}

/** A short quiet sound, where the browser lets this page make one: it needs a press before. */
export async function chime(): Promise<void> {
  const context = new AudioContext();
  try {
    await context.resume();
    const gain = context.createGain();
    gain.gain.setValueAtTime(0.0001, context.currentTime);
    gain.gain.exponentialRampToValueAtTime(0.15, context.currentTime + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + 0.4);
    const tone = context.createOscillator();
    tone.frequency.value = 659.25;
    tone.connect(gain).connect(context.destination);
    const ended = new Promise((resolve) => tone.addEventListener("ended", resolve, { once: true }));
    tone.start();
    tone.stop(context.currentTime + 0.45);
    await ended;
  } finally {
    await context.close();
  }
}

/** Plays a short tone on the chosen speaker. */
export async function playTone(speaker: string | undefined): Promise<void> {
  const context = new AudioContext();
  const target = context.createMediaStreamDestination();
  const gain = context.createGain();
  gain.gain.setValueAtTime(0.0001, context.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.3, context.currentTime + 0.05);
  gain.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + 1);
  const tone = context.createOscillator();
  tone.frequency.value = 523.25;
  tone.connect(gain).connect(target);
  const player = new Audio();
  player.srcObject = target.stream;
  if (speaker !== undefined && "setSinkId" in player) {
    await player.setSinkId(speaker).catch(() => undefined);
  }
  tone.start();
  tone.stop(context.currentTime + 1.05);
  await player.play().catch(() => undefined);
  await new Promise((resolve) => tone.addEventListener("ended", resolve, { once: true }));
  await context.close();
}
