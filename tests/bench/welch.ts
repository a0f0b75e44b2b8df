/** Whether the time of an answer tells one kind of question from another. */

/** What is longer than so large a part of all is the machine's, not the server's. */
const CROPPED = 0.99;

/** The most that two kinds may differ by, either way. */
export const MOST_T = 4.5;

/** Asks for the so-manieth time; what it gives looks at the answer, when its time has been taken. */
type Question = (round: number) => Promise<() => void>;

/** Welch's t of the times of two questions, each asked so often, by turns. */
export async function compared(
  asks: number,
  questions: readonly [Question, Question],
): Promise<number> {
  const times = questions.map((): number[] => []);
  for (let round = 0; round < asks; round++) {
    const first = Math.random() < 0.5 ? 0 : 1;
    for (const which of [first, 1 - first]) {
      const began = performance.now();
      const look = await questions[which]?.(round);
      times[which]?.push(performance.now() - began);
      look?.();
    }
  }
  const longest = times.flat().sort((one, other) => one - other)[
    Math.floor(2 * asks * CROPPED)
  ] as number;
  const [one, other] = times.map((all) => spread(all.filter((time) => time <= longest)));
  if (one === undefined || other === undefined) {
    throw new Error("nothing was asked");
  }
  const t = (one.mean - other.mean) / Math.sqrt(one.error + other.error);
  return Math.round(100 * t) / 100;
}

function spread(all: readonly number[]) {
  const mean = all.reduce((sum, time) => sum + time, 0) / all.length;
  const squares = all.reduce((sum, time) => sum + (time - mean) ** 2, 0);
  return { mean, error: squares / (all.length - 1) / all.length };
}
