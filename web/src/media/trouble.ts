// Why a camera or a microphone cannot be had, told apart so that the page can say what to do.

export type Trouble =
  | "denied"
  /** By the system: the browser itself would let the page have it. */
  | "system"
  | "none"
  | "in_use"
  | "insecure"
  | "webview"
  | "lost"
  | "failed";

/** What an error of `getUserMedia` means. */
export function troubleOf(error: unknown): Trouble {
  const name = error instanceof DOMException || error instanceof Error ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "PermissionDeniedError":
      return "denied";
    case "NotFoundError":
    case "DevicesNotFoundError":
    case "OverconstrainedError":
      return "none";
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return "in_use";
    case "SecurityError":
      return "insecure";
    default:
      return "failed";
  }
}

export type Browser = "chromium" | "firefox" | "safari" | "ios" | "other";

/** Which words to use for "press the icon beside the address". */
export function browserOf(userAgent: string): Browser {
  if (/iPhone|iPad|iPod/.test(userAgent)) {
    return "ios";
  }
  if (/Firefox\//.test(userAgent)) {
    return "firefox";
  }
  if (/Chrome\/|Chromium\//.test(userAgent)) {
    return "chromium";
  }
  return /Safari\//.test(userAgent) ? "safari" : "other";
}

export type System = "windows" | "mac" | "android" | "ios" | "other";

/** Which words to use for "let the browser have it, in the settings of this device". */
export function systemOf(userAgent: string): System {
  if (/iPhone|iPad|iPod/.test(userAgent)) {
    return "ios";
  }
  if (/Android/.test(userAgent)) {
    return "android";
  }
  if (/Windows/.test(userAgent)) {
    return "windows";
  }
  return /Macintosh/.test(userAgent) ? "mac" : "other";
}
