// Passkeys, as browsers have them (WebAuthn Level 2): what the server says becomes what they are asked, and what they
// give is written as the server reads it.

import type {
  KnownPasskey,
  NewPasskey,
  PasskeyAsked,
  PasskeyDraft,
  ShownPasskey,
} from "../wire/messages";

/** How a passkey may sign, as COSE numbers it, the one that is wished most first: ES256, EdDSA, RS256. */
const ALGORITHMS = [-7, -8, -257];

/** What came of asking for one. */
export type Came<T> =
  | { readonly type: "given"; readonly passkey: T }
  /** This device or key has one already. */
  | { readonly type: "there" }
  /** Whoever was asked did not, or not in time. */
  | { readonly type: "stopped" };

/** A passkey that was made, and whether by this very device. */
export type Made = Omit<PasskeyDraft, "name"> & { readonly isOfDevice: boolean };

/** Whether this browser knows what passkeys are, and tells of them what the server reads. */
export function knowsPasskeys(): boolean {
  return (
    typeof PublicKeyCredential === "function" &&
    typeof AuthenticatorAttestationResponse === "function" &&
    "getPublicKey" in AuthenticatorAttestationResponse.prototype
  );
}

/** Has a passkey made. */
export async function makePasskey(asked: NewPasskey, until: AbortSignal): Promise<Came<Made>> {
  return came(async () => {
    const made = await navigator.credentials.create({
      publicKey: {
        challenge: bytesOf(asked.challenge),
        rp: { id: asked.domain, name: asked.school },
        user: { id: bytesOf(asked.user), name: asked.email, displayName: asked.name },
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
        timeout: asked.timeout_ms,
        excludeCredentials: descriptors(asked.known),
        authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
        attestation: "none",
      },
      signal: until,
    });
    if (
      !(made instanceof PublicKeyCredential) ||
      !(made.response instanceof AuthenticatorAttestationResponse)
    ) {
      return null;
    }
    const { response } = made;
    const key = response.getPublicKey();
    return (
      key && {
        client_data: textOf(response.clientDataJSON),
        authenticator_data: textOf(response.getAuthenticatorData()),
        public_key: textOf(key),
        algorithm: response.getPublicKeyAlgorithm(),
        transports: response.getTransports(),
        isOfDevice: made.authenticatorAttachment === "platform",
      }
    );
  });
}

/** Has one of the passkeys sign what the server asks. */
export async function showPasskey(
  asked: PasskeyAsked,
  until: AbortSignal,
): Promise<Came<ShownPasskey>> {
  return came(async () => {
    const shown = await navigator.credentials.get({
      publicKey: {
        challenge: bytesOf(asked.challenge),
        rpId: asked.domain,
        timeout: asked.timeout_ms,
        allowCredentials: descriptors(asked.known),
        userVerification: "preferred",
      },
      signal: until,
    });
    if (
      !(shown instanceof PublicKeyCredential) ||
      !(shown.response instanceof AuthenticatorAssertionResponse)
    ) {
      return null;
    }
    const { response } = shown;
    return {
      id: textOf(shown.rawId),
      client_data: textOf(response.clientDataJSON),
      authenticator_data: textOf(response.authenticatorData),
      signature: textOf(response.signature),
      ...(response.userHandle === null || response.userHandle.byteLength === 0
        ? {}
        : { user: textOf(response.userHandle) }),
    };
  });
}

/** Browsers do not say why nothing came of it, but where one is there already (section 5.1.3). */
async function came<T>(work: () => Promise<T | null>): Promise<Came<T>> {
  try {
    const passkey = await work();
    return passkey === null ? { type: "stopped" } : { type: "given", passkey };
  } catch (error) {
    const isThere = error instanceof DOMException && error.name === "InvalidStateError";
    return { type: isThere ? "there" : "stopped" };
  }
}

function descriptors(known: readonly KnownPasskey[]): PublicKeyCredentialDescriptor[] {
  return known.map(({ id, transports }) => ({
    type: "public-key",
    id: bytesOf(id),
    // A browser that does not know one of them passes it over.
    transports: transports as AuthenticatorTransport[],
  }));
}

/** Reads base64url without padding. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

/** Writes it. */
export function textOf(bytes: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
