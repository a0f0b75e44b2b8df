import { describe, expect, it } from "vitest";
import { type Checks, checksOf, qualityOf } from "./line-quality";

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
