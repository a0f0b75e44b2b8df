/** An authenticator within the browser (Chromium's, by its devtools): it makes passkeys, and signs with them. */

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import type { CDPSession, Page } from "playwright-core";

/** One, as the devtools tell of it. */
type Credential = {
  readonly credentialId: string;
  readonly isResidentCredential: boolean;
  readonly rpId?: string;
  readonly privateKey: string;
  readonly userHandle?: string;
  readonly signCount: number;
};

export class Passkeys {
  readonly #browser: CDPSession;
  readonly #id: string;

  private constructor(browser: CDPSession, id: string) {
    this.#browser = browser;
    this.#id = id;
  }

  /** One in this very device, whose owner is there and shows their finger. */
  static async on(page: Page): Promise<Passkeys> {
    const browser = await page.context().newCDPSession(page);
    await browser.send("WebAuthn.enable");
    const { authenticatorId } = await browser.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new Passkeys(browser, authenticatorId);
  }

  /** How many it has made. */
  async count(): Promise<number> {
    return (await this.#all()).length;
  }

  /**
   * Another key stands in the place of the one there is, under the same name, until what this gives is called.
   */
  async forge(): Promise<() => Promise<void>> {
    const [own] = await this.#all();
    assert.ok(own !== undefined, "it has made one");
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const forged = privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
    await this.#put({ ...own, privateKey: forged });
    return () => this.#put(own);
  }

  async #put(credential: Credential): Promise<void> {
    const authenticatorId = this.#id;
    await this.#browser.send("WebAuthn.clearCredentials", { authenticatorId });
    await this.#browser.send("WebAuthn.addCredential", { authenticatorId, credential });
  }

  async #all(): Promise<Credential[]> {
    const given = await this.#browser.send("WebAuthn.getCredentials", {
      authenticatorId: this.#id,
    });
    return given.credentials;
  }
}
