import { afterEach, describe, expect, it, vi } from "vitest";
import { askTicket, codeTyped, linkIn, linkTyped, lookUpLink, secretIn } from "./links";

const LINK = { id: "abc", secret: "s3cret" };
const WHOLE = "1vr4k3ty90mn7q0a4zpyw5dbwx";

function answer(status: number, body: unknown) {
  const calls: { path: string; init: RequestInit }[] = [];
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    calls.push({ path, init });
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return Promise.resolve(new Response(text, { status }));
  });
  return calls;
}

afterEach(() => vi.unstubAllGlobals());

describe("the link in an address", () => {
  it.each([
    ["/j/abc", "#s3cret", LINK],
    ["/j/abc/", "#s3cret", LINK],
    ["/j/abc", "", null],
    ["/j/abc", "#", null],
    ["/j/", "#s3cret", null],
    ["/", "#s3cret", null],
    ["/j/abc/invites/new", "#s3cret", LINK],
    ["/office", "#s3cret", null],
    // As mail programs rewrite them (LINK-4).
    ["/j/abc%23s3cret", "", LINK],
    ["/j/abc%2523s3cret", "", LINK],
    ["/j/abc%252523s3cret", "", LINK],
    ["/j/abc/%23s3cret", "", LINK],
    ["/j/abc/invites%23s3cret", "", LINK],
    ["/J/ABC", "#S3CRET", LINK],
    ["//j//abc", "#s3cret", LINK],
    ["/j/abc", "#s3cret.", LINK],
    ["/j/abc%23s3cret%3E.", "", LINK],
    ["/j/abc", "#s3cret&utm_source=mail", LINK],
    ["/j/abc", "#s3cret?x=1", LINK],
    ["/j/abc", "#%20s3cret%0D%0A", LINK],
    ["/j/abc", "#s3%E2%80%8Bcret", LINK],
    ["/j/abc", "#s3-cret", { id: "abc", secret: "s3-cret" }],
    ["/j/a%E2%80%91bc", "#s3cret", { id: "a-bc", secret: "s3cret" }],
    ["/j/abc%EF%BC%83s3cret", "", LINK],
    ["/j/abc&", "#35;s3cret", LINK],
    ["/j/abc&#x23;s3cret", "", LINK],
    ["/j/abc&num;s3cret", "", LINK],
    ["/j/abc&amp;num;s3cret", "", LINK],
    ["/j/abc=23s3cret", "", LINK],
    ["/j/abc=23s3cret=20", "", LINK],
    ["/j/abc?from=23", "#s3cret", LINK],
    ["/j/abc", `#${WHOLE.slice(0, 10)}%20%0D%0A${WHOLE.slice(10)}`, { id: "abc", secret: WHOLE }],
    ["/j/abc", `#${WHOLE}%20Regards`, { id: "abc", secret: WHOLE }],
    ["/j/abc%23", "", null],
    ["/j/abc.", "", null],
    ["/j/abc%zz%23s3cret", "", LINK],
  ])("%s%s", (pathname, hash, link) => {
    expect(linkIn({ pathname, hash })).toEqual(link);
  });
});

describe("a link that is typed", () => {
  it.each([
    ["https://calls.example.org/j/abc#s3cret", LINK],
    ["  HTTPS://CALLS.EXAMPLE.ORG/J/ABC#S3CRET.  ", LINK],
    ["calls.example.org/j/abc%23s3cret", LINK],
    ["/j/abc/book#s3cret", LINK],
    ["abc#s3cret", LINK],
    ["abc s3cret", LINK],
    [`abc ${WHOLE.replace(/(.{5})/g, "$1 ")}`, { id: "abc", secret: WHOLE }],
    [`See https://calls.example.org/j/abc#${WHOLE} for the call`, { id: "abc", secret: WHOLE }],
    ["<https://calls.example.org/j/abc#s3cret>", LINK],
    ["https://calls.example.org/j/abc", null],
    ["abc", null],
    ["", null],
    ["#", null],
  ])("%j", (typed, link) => {
    expect(linkTyped(typed)).toEqual(link);
  });
});

describe("a code of a letter that is typed", () => {
  it.each([
    [WHOLE, WHOLE],
    [` ${WHOLE.replace(/(.{4})/g, "$1 ").toUpperCase()}.`, WHOLE],
    [WHOLE.replace(/(.{5})/g, "$1\u2013"), WHOLE],
    [`https://calls.example.org/register#${WHOLE}`, WHOLE],
    [`calls.example.org/register%23${WHOLE}`, WHOLE],
    [`${WHOLE}0`, null],
    [WHOLE.slice(1), null],
    [`abc#${WHOLE}`, null],
    [`https://calls.example.org/j/abc#${WHOLE}`, null],
    ["", null],
  ])("%j", (typed, code) => {
    expect(codeTyped(typed)).toBe(code);
  });
});

describe("the secret of a set-up link", () => {
  it.each([
    ["/setup", "#s3cret", "s3cret"],
    ["/setup%23s3cret", "", "s3cret"],
    ["/SETUP%2523S3CRET.", "", "s3cret"],
    ["/setup", "", ""],
  ])("%s%s", (pathname, hash, secret) => {
    expect(secretIn({ pathname, hash })).toBe(secret);
  });
});

describe("a request", () => {
  it("keeps the secret out of the address", async () => {
    const calls = answer(200, { ticket: "t", expires_in_ms: 60_000 });
    const granted = vi.fn();
    expect(await askTicket(LINK, { ask: 4, attempt: "f00d" }, granted)).toEqual({
      type: "ticket_granted",
      ask: 4,
      ticket: "t",
    });
    expect(granted).toHaveBeenCalledExactlyOnceWith(null);
    expect(calls[0]?.path).toBe("/api/v1/links/abc/tickets");
    expect(calls[0]?.init.body).toBe('{"secret":"s3cret","attempt":"f00d"}');
    expect(calls[0]?.init.method).toBe("POST");
  });

  it("names the refusal, and when to try again", async () => {
    answer(429, { code: "swapped_too_often", title: "", status: 429, retry_after_ms: 9000 });
    const granted = vi.fn();
    expect(await askTicket(LINK, { ask: 1, attempt: "f00d" }, granted)).toEqual({
      type: "ticket_refused",
      ask: 1,
      problem: { code: "swapped_too_often", retryAfterMs: 9000 },
    });
    expect(granted).not.toHaveBeenCalled();
  });

  it("hands on the relay that came with the ticket, and takes no other", async () => {
    const relay = { urls: ["turn:192.0.2.1:1?transport=tcp"], username: "u", credential: "c" };
    const granted = vi.fn();
    answer(200, { ticket: "t", expires_in_ms: 60_000, relay });
    await askTicket(LINK, { ask: 1, attempt: "f00d" }, granted);
    expect(granted).toHaveBeenCalledExactlyOnceWith(relay);
    answer(200, { ticket: "t", expires_in_ms: 60_000, relay: { urls: [1] } });
    const refused = await askTicket(LINK, { ask: 1, attempt: "f00d" }, granted);
    expect(refused.type).toBe("ticket_refused");
    expect(granted).toHaveBeenCalledOnce();
  });

  it("takes any other answer for a server that cannot", async () => {
    answer(502, "<html>bad gateway</html>");
    const problem = { code: "unavailable", retryAfterMs: 0 };
    expect(await lookUpLink(LINK)).toEqual({ type: "link_refused", problem });
    answer(200, { something: "else" });
    expect(await lookUpLink(LINK)).toEqual({ type: "link_refused", problem });
  });

  it("is told of the reader's zone by somebody who has done something, and not for being opened", async () => {
    const calls = answer(200, {});
    await lookUpLink(LINK);
    await lookUpLink(LINK, { time_zone: "Pacific/Auckland" });
    expect(calls.map(({ init }) => init.body)).toEqual([
      '{"secret":"s3cret"}',
      '{"secret":"s3cret","time_zone":"Pacific/Auckland"}',
    ]);
  });

  it.each([
    [413, "too_large"],
    [429, "too_many"],
    [403, "unavailable"],
    [502, "unavailable"],
  ])("takes a proxy's %i for %s", async (status, code) => {
    answer(status, "<html>something between</html>");
    expect(await lookUpLink(LINK)).toEqual({
      type: "link_refused",
      problem: { code, retryAfterMs: 0 },
    });
  });

  it("says so where the server cannot be reached", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    expect(await lookUpLink(LINK)).toEqual({ type: "link_unreachable" });
    expect(await askTicket(LINK, { ask: 2, attempt: "f00d" }, vi.fn())).toEqual({
      type: "ticket_unreachable",
      ask: 2,
    });
  });
});
