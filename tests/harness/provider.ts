/**
 * A provider of sign-ins that nobody here wrote (OpenID Connect; npm `oidc-provider`), with its own pages. What it
 * calls somebody for good is what they type there, and what address it says of them a story decides.
 */

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider as Served } from "oidc-provider";
import type { Page } from "playwright-core";

const CLIENT = "homeroom";

export class Provider {
  /** By what it calls somebody: their address. */
  readonly people: Map<string, string>;
  readonly #server: Server;
  readonly #issuer: string;
  readonly #secret: string;

  private constructor(server: Server, issuer: string, secret: string, people: Map<string, string>) {
    this.#server = server;
    this.#issuer = issuer;
    this.#secret = secret;
    this.people = people;
  }

  static async open(people: Readonly<Record<string, string>>): Promise<Provider> {
    const known = new Map(Object.entries(people));
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const secret = randomBytes(32).toString("base64");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "one" };
    const provider = new Served(issuer, {
      clients: [
        {
          client_id: CLIENT,
          client_secret: secret,
          // So that the school may be at any port of this machine (RFC 8252 section 7.3).
          application_type: "native",
          redirect_uris: ["http://127.0.0.1/openid"],
          token_endpoint_auth_method: "client_secret_basic",
        },
      ],
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
      cookies: { keys: [randomBytes(16).toString("hex")] },
      jwks: { keys: [key as { kty: "RSA" }] },
      pkce: { required: () => true },
      findAccount: (_, id) => {
        const email = known.get(id);
        return { accountId: id, claims: () => ({ sub: id, email, email_verified: true }) };
      },
    });
    server.on("request", provider.callback());
    return new Provider(server, issuer, secret, known);
  }

  /** By what settings a school signs its staff in here. */
  get settings(): Readonly<Record<string, string>> {
    return {
      HOMEROOM__OPENID__ISSUER: this.#issuer,
      HOMEROOM__OPENID__CLIENT_ID: CLIENT,
      HOMEROOM__OPENID__CLIENT_SECRET: this.#secret,
      HOMEROOM__OPENID__NAME: "Fairview ID",
    };
  }

  /** At its pages: who somebody says they are, and that this school may know. */
  async signIn(page: Page, as: string): Promise<void> {
    await page.waitForURL(`${this.#issuer}/interaction/**`);
    await page.getByPlaceholder("Enter any login").fill(as);
    await page.getByPlaceholder("and password").fill("what they know");
    await page.getByRole("button", { name: "Sign-in" }).click();
    await this.goOn(page);
  }

  /** Whoever is signed in there already says once more that this school may know. */
  async goOn(page: Page): Promise<void> {
    await page.getByRole("button", { name: "Continue" }).click();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
