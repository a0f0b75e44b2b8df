/** The HTTP API without a page: what an office's and a parent's programs would ask. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";
import { GROUND_RULES } from "../../web/src/wire/limits.ts";
import type { ParentView } from "../../web/src/wire/messages.ts";

export type Answer = { readonly status: number; readonly body: string; readonly cookie: string };
export type Made = { readonly id: string };
export type Imported = {
  readonly created: number;
  readonly updated: number;
  readonly refused: number;
  readonly leaving?: readonly string[];
  readonly rows: readonly object[];
};
/** A personal link, as its holder has it. */
export type Link = { readonly id: string; readonly secret: string };

/** A new press: whoever sends it again means the same. */
export function attempt(): string {
  return randomBytes(16).toString("hex");
}

/** What a page sends at a press on Join, beside the ground rules. */
export function press() {
  return { attempt: attempt(), accepts_rules: GROUND_RULES };
}

export function linkOf(url: string): Link {
  const { pathname, hash } = new URL(url);
  return { id: pathname.slice("/j/".length), secret: hash.slice(1) };
}

export class Api {
  readonly #origin: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });
  #office: Record<string, string> = {};

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Makes the first administrator by the set-up link, and is signed in from then on. */
  async setUp(setup: string): Promise<{ readonly email: string; readonly password: string }> {
    const account = { email: "dana@fairview.example", password: `quiet river ${attempt()}` };
    const { cookie, body } = await this.done("POST", "/setup", {
      secret: new URL(setup).hash.slice(1),
      school: "Fairview School",
      name: "Dana Reyes",
      ...account,
    });
    const { csrf } = JSON.parse(body) as { csrf: string };
    this.#office = { cookie, "x-homeroom-csrf": csrf };
    return account;
  }

  /** Whoever is signed in here, at another node. */
  at(origin: string): Api {
    const there = new Api(origin);
    there.#office = this.#office;
    return there;
  }

  /** Somebody else, by what they are signed in by. */
  as(session: Readonly<Record<string, string>>): Api {
    const other = new Api(this.#origin);
    other.#office = session;
    return other;
  }

  /** What the office's pages are signed in by. */
  get session(): Readonly<Record<string, string>> {
    return this.#office;
  }

  /** A request of the office's, whatever comes of it. */
  ask(method: string, path: string, body: object | null = null): Promise<Answer> {
    const text = body === null ? "" : JSON.stringify(body);
    return this.#send(method, path, text, { "content-type": "application/json", ...this.#office });
  }

  /** The same, where it must be granted. */
  async done(method: string, path: string, body: object | null = null): Promise<Answer> {
    const answer = await this.ask(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
    return answer;
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse((await this.done("GET", path)).body) as T;
  }

  async make(path: string, body: object): Promise<Made> {
    return JSON.parse((await this.done("POST", path, body)).body) as Made;
  }

  async importStudents(csv: string, query = "apply=true"): Promise<Imported> {
    const headers = { "content-type": "text/csv", ...this.#office };
    const answer = await this.#send("POST", `/import/students?${query}`, csv, headers);
    assert.equal(answer.status, 200, answer.body);
    return JSON.parse(answer.body) as Imported;
  }

  /** The links of an evening's parents, by their names. */
  async parentLinks(evening: string): Promise<Map<string, Link>> {
    const people = await this.get<{ parents: (Made & { name: string })[] }>(
      `/evenings/${evening}/links`,
    );
    const links = new Map<string, Link>();
    for (const { id, name } of people.parents) {
      const shown = await this.done("POST", `/evenings/${evening}/parents/${id}/link`);
      links.set(name, linkOf((JSON.parse(shown.body) as { url: string }).url));
    }
    return links;
  }

  /** A request with a personal link, whatever comes of it. */
  by(link: Link, path: string, body: object = {}): Promise<Answer> {
    const text = JSON.stringify({ ...body, secret: link.secret });
    const headers = { "content-type": "application/json" };
    return this.#send("POST", `/links/${link.id}${path}`, text, headers);
  }

  /** Lets go of all connections. */
  close(): void {
    this.#agent.destroy();
  }

  #send(
    method: string,
    path: string,
    body: string,
    headers: Record<string, string>,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const length = { "content-length": String(Buffer.byteLength(body)) };
      const options = { method, agent: this.#agent, headers: { ...headers, ...length } };
      const url = `${this.#origin}/api/v1${path}`;
      const asked = request(url, options, (response) => read(response).then(resolve, reject));
      asked.on("error", reject);
      asked.end(body);
    });
  }
}

async function read(response: IncomingMessage): Promise<Answer> {
  let body = "";
  response.setEncoding("utf8");
  for await (const part of response) {
    body += String(part);
  }
  const cookie = response.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  return { status: response.statusCode ?? 0, body, cookie };
}

/** Withdraws the invitation of somebody, by the link of the parent who invited them. */
export async function withdraw(url: string, name: string): Promise<void> {
  const api = new Api(new URL(url).origin);
  const link = linkOf(url);
  const view = JSON.parse((await api.by(link, "/parent")).body) as ParentView;
  const invited = view.invitations.sent.find((one) => one.name === name);
  assert.ok(invited, "the parent invited them");
  assert.equal((await api.by(link, `/invitations/${invited.id}/remove`)).status, 204);
  api.close();
}
