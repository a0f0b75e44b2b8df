import { describe, expect, it } from "vitest";
import { type Checks, checksOf, LineWatch, qualityOf } from "./line-quality";

const straight: Checks = { sent: 10, answered: 10, roundTripMs: 40, way: "straight" };
const later = (more: Partial<Checks>): readonly Checks[] => [straight, { ...straight, ...more }];

const stats = (entries: readonly object[]) => entries as readonly RTCStats[];

describe("the checks of a connection", () => {
  const pair = {
    id: "P2",
    type: "candidate-pair",
    localCandidateId: "L2",
    requestsSent: 3,
    consentRequestsSent: 4,
    responsesReceived: 6,
    currentRoundTripTime: 0.05,
  };
  const other = { ...pair, id: "P1", localCandidateId: "L1", requestsSent: 99 };
  const local = { id: "L2", type: "local-candidate", candidateType: "host", protocol: "udp" };

  it("are those of the pair in use", () => {
    const transport = { id: "T", type: "transport", selectedCandidatePairId: "P2" };
    expect(checksOf(stats([other, pair, transport, local]))).toEqual({
      sent: 7,
      answered: 6,
      roundTripMs: 50,
      way: "straight",
    });
  });

  it("are those of the nominated pair where no transport is named", () => {
    const inUse = { ...pair, nominated: true, state: "succeeded" };
    const silent = { ...inUse, currentRoundTripTime: undefined };
    expect(checksOf(stats([other, silent, local]))).toMatchObject({ sent: 7, roundTripMs: null });
    expect(checksOf(stats([other, pair, local]))).toBeNull();
  });

  it("say by which way it goes", () => {
    const inUse = { ...pair, nominated: true, state: "succeeded" };
    const by = (more: object) => checksOf(stats([inUse, { ...local, ...more }]))?.way;
    expect(by({ protocol: "tcp" })).toBe("tcp");
    expect(by({ candidateType: "relay" })).toBe("relay");
    expect(by({})).toBe("straight");
  });
});

describe("the quality of a connection", () => {
  it("is not known before there is something to compare", () => {
    expect(qualityOf([])).toBeNull();
    expect(qualityOf([straight])).toBeNull();
    const silent = { ...straight, roundTripMs: null };
    expect(qualityOf([silent, { ...silent }])).toBeNull();
  });

  it("is good where checks are answered soon", () => {
    expect(qualityOf(later({ sent: 14, answered: 13 }))).toEqual({ type: "good" });
  });

  it("is slow from 300 ms on, in round numbers", () => {
    const slow = { ...straight, roundTripMs: 449 };
    expect(qualityOf([slow, { ...slow }])).toEqual({ type: "slow", ms: 400 });
    const fair = { ...straight, roundTripMs: 299 };
    expect(qualityOf([fair, { ...fair }])).toEqual({ type: "good" });
  });

  it("is lossy where two checks are unanswered", () => {
    expect(qualityOf(later({ sent: 14, answered: 12 }))).toEqual({ type: "lossy" });
  });

  it("goes a longer way over TCP or the relay", () => {
    expect(qualityOf(later({ way: "tcp" }))).toEqual({ type: "longer" });
    expect(qualityOf(later({ way: "relay" }))).toEqual({ type: "longer" });
  });
});

describe("what is said of a connection", () => {
  const slow = (roundTripMs: number): Checks => ({ ...straight, roundTripMs });
  const words = (all: readonly Checks[]) => {
    const watch = new LineWatch();
    return all.map((checks) => watch.look({ ...checks }));
  };
  const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

  it("takes five seconds", () => {
    expect(words(times(6, straight)).map((it) => it?.type)).toEqual([
      ...times(5, undefined),
      "good",
    ]);
  });

  it("stays while only the figure is another", () => {
    const said = words([...times(6, slow(420)), ...times(20, slow(900))]);
    expect(new Set(said.slice(5))).toEqual(new Set([{ type: "slow", ms: 400 }]));
    expect(new Set(said.slice(5)).size).toBe(1);
  });

  it("stays for six looks at least, however it goes to and fro", () => {
    // The mean of the last six would be on this side and on that with each look.
    const said = words(Array.from({ length: 60 }, (_, at) => slow(at % 7 < 4 ? 500 : 60)));
    const changes = said.flatMap((it, at) => (it?.type === said[at - 1]?.type ? [] : [at]));
    expect(changes.length).toBeGreaterThan(2);
    const apart = changes.slice(1).map((at, index) => at - (changes[index] ?? 0));
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(6);
  });
});
