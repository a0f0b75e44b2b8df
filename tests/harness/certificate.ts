/** A certificate that vouches for itself, made for one story. */

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export type Certificate = {
  /** The settings that name it. */
  readonly settings: Readonly<Record<string, string>>;
  /** Removes its files. */
  readonly remove: () => Promise<void>;
};

/** A certificate for 127.0.0.1. */
export async function makeCertificate(): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), "homeroom-certificate-"));
  const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  await run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-days", "2", "-subj", "/CN=homeroom", "-addext", "subjectAltName=IP:127.0.0.1"],
    ...["-keyout", key, "-out", certificate],
  ]);
  return {
    settings: {
      HOMEROOM__HTTP__TLS_CERTIFICATE: certificate,
      HOMEROOM__HTTP__TLS_KEY: key,
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
