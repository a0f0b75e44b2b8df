/** Asks as the office's pages do. */

import type { Page } from "playwright-core";

export async function asOffice<T>(
  page: Page,
  method: string,
  path: string,
  body?: object,
): Promise<T> {
  return page.evaluate(
    async ([how, where, text]) => {
      const session = await (await fetch("/api/v1/session")).json();
      const answer = await fetch(`/api/v1/${where}`, {
        method: how,
        headers: { "content-type": "application/json", "x-homeroom-csrf": session.csrf },
        ...(text === undefined ? {} : { body: text }),
      });
      if (!answer.ok) {
        throw new Error(`${how} ${where}: ${answer.status} ${await answer.text()}`);
      }
      return answer.json();
    },
    [method, path, body === undefined ? undefined : JSON.stringify(body)] as const,
  ) as Promise<T>;
}
