// Until when families book: a date and a time on the evening's own clocks.

import { TextField, type Typed } from "../parts/text-field";
import { useText } from "../text/context";
import { instantOf } from "./wall-time";

/** A moment, as it is typed. */
export type ClosingTime = { readonly closes_date: string; readonly closes_time: string };

export function ClosingTimeFields({ form }: { readonly form: Typed<keyof ClosingTime> }) {
  const text = useText();
  return (
    <div class="form-row">
      <TextField form={form} name="closes_date" type="date" label={text("evening_closes_date")} />
      <TextField form={form} name="closes_time" type="time" label={text("evening_closes_time")} />
    </div>
  );
}

/** That moment; `null` where it is none. */
export function closingTime(
  { closes_date, closes_time }: ClosingTime,
  zone: string,
): string | null {
  return closes_date === "" ? null : instantOf(closes_date, closes_time, zone);
}
