import { describe, expect, it } from "vitest";
import { levelOf } from "./level";
import { LocalMedia } from "./local";
import { browserOf, systemOf, troubleOf } from "./trouble";

describe("a trouble with a device", () => {
  it.each([
    ["NotAllowedError", "denied"],
    ["NotFoundError", "none"],
    ["OverconstrainedError", "none"],
    ["NotReadableError", "in_use"],
    ["AbortError", "in_use"],
    ["SecurityError", "insecure"],
    ["TypeError", "failed"],
  ])("%s is %s", (name, trouble) => {
    expect(troubleOf(new DOMException("", name))).toBe(trouble);
  });
});

describe("the browser", () => {
  it.each([
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "firefox"],
    [
      "Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36",
      "chromium",
    ],
    [
      "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
      "safari",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 CriOS/150 Safari/604",
      "ios",
    ],
    ["curl/8", "other"],
  ])("%s", (agent, browser) => {
    expect(browserOf(agent)).toBe(browser);
  });
});

describe("the system", () => {
  it.each([
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/150.0", "windows"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "mac"],
    ["Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/150.0 Mobile", "android"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/150", "ios"],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "other"],
  ])("%s", (agent, system) => {
    expect(systemOf(agent)).toBe(system);
  });
});

describe("the level", () => {
  it("is 0 in silence, 1 at the loudest, and grows between", () => {
    const tone = (size: number) => Float32Array.from({ length: 512 }, (_, i) => size * Math.sin(i));
    expect(levelOf(new Float32Array(512))).toBe(0);
    expect(levelOf(tone(1))).toBe(1);
    expect(levelOf(tone(0.1))).toBeGreaterThan(levelOf(tone(0.01)));
  });
});

describe("the picture where the person cannot be told from what is behind them", () => {
  const track = (id: string) => ({ id }) as MediaStreamTrack;

  it("is never the bare one until they have it shown", () => {
    const local = new LocalMedia({}, () => undefined);
    local.camera.value = track("bare");
    local.blur(true);
    expect(local.picture.value).toBeNull();
    local.blurred.value = track("blurred");
    for (const trouble of ["slow", "impossible"] as const) {
      local.cannotBlur(trouble);
      expect(local.blurTrouble.value).toBe(trouble);
      expect(local.picture.value?.id).toBe("blurred");
    }
    local.blurred.value = null;
    expect(local.picture.value).toBeNull();
    local.blur(false);
    expect(local.picture.value?.id).toBe("bare");
    expect(local.blurTrouble.value).toBeNull();
  });

  it("tells of no trouble that comes when it is not wanted any more", () => {
    const local = new LocalMedia({}, () => undefined);
    local.cannotBlur("slow");
    expect(local.blurTrouble.value).toBeNull();
  });
});
