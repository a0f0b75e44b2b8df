// How the school looks (OPS-9): its colour, shown as it would be while it is chosen, and its logo.

import { useSignal } from "@preact/signals";
import type { CSSProperties } from "preact";
import { useAct } from "../parts/act";
import { BusyButton } from "../parts/form";
import { Loaded, useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { FaintAccent, SchoolFace } from "../wire/messages";
import { contrastOf, LEAST_CONTRAST } from "./contrast";
import { useOffice } from "./office";

/** What pages have where a school has chosen nothing. */
const OURS = "#1d4f76";

export function FaceSection({ school }: { readonly school: string }) {
  const { api } = useOffice();
  const text = useText();
  const face = useResource(() => api.face(), [api]);
  return (
    <section class="section" aria-labelledby="face">
      <h2 id="face">{text("face_title")}</h2>
      <p class="hint">{text("face_hint")}</p>
      <Loaded of={face}>{(given) => <Face face={given} school={school} />}</Loaded>
    </section>
  );
}

type Props = { readonly face: SchoolFace; readonly school: string };

function Face({ face, school }: Props) {
  const shown = useSignal(face);
  return (
    <>
      <Colour
        face={shown.value}
        school={school}
        onChange={(changed) => {
          shown.value = changed;
        }}
      />
      <Logo
        face={shown.value}
        school={school}
        onChange={(changed) => {
          shown.value = changed;
        }}
      />
    </>
  );
}

type PartProps = Props & { readonly onChange: (face: SchoolFace) => void };

function Colour({ face, school, onChange }: PartProps) {
  const { api } = useOffice();
  const text = useText();
  const chosen = useSignal(face.accent ?? OURS);
  const faint = useSignal<FaintAccent | null>(null);
  const saved = useSignal(false);
  const wanted = useSignal("");
  const act = useAct(() => api.saveAccent({ accent: wanted.value }));
  const contrast = contrastOf(chosen.value);
  const choose = (colour: string) => {
    chosen.value = colour;
    faint.value = null;
    saved.value = false;
  };
  const save = (accent: string) => {
    wanted.value = accent;
    void act.run((answer) => {
      faint.value = answer.faint ?? null;
      saved.value = answer.faint === undefined;
      onChange(answer.face);
    });
  };
  return (
    <>
      <div class="field">
        <label for="accent">{text("face_colour")}</label>
        <input
          id="accent"
          type="color"
          value={chosen.value}
          aria-describedby="accent-contrast"
          onInput={({ currentTarget }) => choose(currentTarget.value)}
        />
      </div>
      <Preview colour={chosen.value} face={face} school={school} />
      <p id="accent-contrast" role="status">
        {text(contrast >= LEAST_CONTRAST ? "face_contrast" : "face_contrast_low", {
          contrast: figure(contrast),
          least: figure(LEAST_CONTRAST),
        })}
      </p>
      {faint.value !== null && (
        <Faint
          faint={faint.value}
          onUse={(nearest) => {
            choose(nearest);
            save(nearest);
          }}
        />
      )}
      <div class="actions">
        <BusyButton busy={act.busy} onPress={() => save(chosen.value)}>
          {text("face_save_colour")}
        </BusyButton>
        {face.accent !== undefined && (
          <button
            type="button"
            class="secondary"
            onClick={() => {
              choose(OURS);
              save("");
            }}
          >
            {text("face_our_colour")}
          </button>
        )}
      </div>
      <Outcome saved={saved.value} problem={act.problem} />
    </>
  );
}

/** Two figures behind the point, and never more than there is. */
function figure(contrast: number): string {
  return (Math.floor(contrast * 100) / 100).toString();
}

function Faint(props: { readonly faint: FaintAccent; readonly onUse: (nearest: string) => void }) {
  const text = useText();
  const { contrast, nearest } = props.faint;
  return (
    <div class="note warning" role="alert">
      <p>
        {text("face_faint", {
          contrast: figure(contrast / 100),
          least: figure(LEAST_CONTRAST),
          nearest,
        })}
      </p>
      <button type="button" class="secondary" onClick={() => props.onUse(nearest)}>
        {text("face_use_nearest", { nearest })}
      </button>
    </div>
  );
}

/** The head of a light page, a button and a link, as they would be. */
function Preview({ colour, face, school }: Props & { readonly colour: string }) {
  const text = useText();
  const on: CSSProperties = {
    padding: "0.625rem 1rem",
    background: colour,
    color: "#ffffff",
    fontWeight: 700,
  };
  return (
    <div
      data-preview={colour}
      style={{ border: "1px solid var(--line)", background: "#ffffff", maxInlineSize: "30rem" }}
    >
      <p style={on}>
        {face.logo !== undefined && (
          <img
            src={face.logo.path}
            alt=""
            style={{
              blockSize: "2.25rem",
              maxInlineSize: "12rem",
              marginInlineEnd: "0.75rem",
              padding: "0.25rem",
              background: "#ffffff",
              verticalAlign: "middle",
            }}
          />
        )}
        {school}
      </p>
      <p style={{ padding: "1rem" }}>
        <span style={{ ...on, display: "inline-block" }}>{text("face_preview_button")}</span>{" "}
        <span style={{ color: colour, textDecoration: "underline" }}>
          {text("face_preview_link")}
        </span>
      </p>
    </div>
  );
}

function Logo({ face, onChange }: PartProps) {
  const { api } = useOffice();
  const text = useText();
  const saved = useSignal(false);
  const wanted = useSignal<Blob>(new Blob());
  const act = useAct(() => api.saveLogo(wanted.value));
  const remove = useAct(() => api.removeLogo());
  return (
    <>
      <div class="field">
        <label for="logo">{text("face_logo")}</label>
        <p id="logo-hint" class="hint">
          {text("face_logo_hint")}
        </p>
        <input
          id="logo"
          type="file"
          accept="image/png,image/jpeg,image/webp"
          aria-describedby="logo-hint"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            saved.value = false;
            if (file !== undefined) {
              wanted.value = file;
              void act.run((changed) => {
                saved.value = true;
                onChange(changed);
              });
            }
          }}
        />
      </div>
      {face.logo !== undefined && (
        <div class="actions">
          <BusyButton
            kind="secondary"
            busy={remove.busy}
            onPress={() =>
              void remove.run(() => {
                saved.value = true;
                const { logo: _gone, ...rest } = face;
                onChange(rest);
              })
            }
          >
            {text("face_logo_remove")}
          </BusyButton>
        </div>
      )}
      <Outcome saved={saved.value} problem={act.problem ?? remove.problem} />
    </>
  );
}

function Outcome(props: { readonly saved: boolean; readonly problem: string | null }) {
  const text = useText();
  if (props.problem !== null) {
    return (
      <p class="problem" role="alert">
        {props.problem}
      </p>
    );
  }
  return <p role="status">{props.saved ? text("face_saved") : ""}</p>;
}
